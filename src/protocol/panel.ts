/** The panel's service: what the webviews ask of the extension host, and what it tells them. Types only. */
import type { Atlas, MapMatrix, RoleTable, Token, TokenWeights } from '../attention/types';
import type { ErrorValue } from '../errors';
import type { DecodingSettings } from './decodingSettings';
import type {
  BeamReport,
  DecoderStep,
  EngineEvents,
  GenerationEnd,
  HeadCosts,
  HeadScores,
  HeadsOffReport,
  InputWithoutReport,
  LeftOutCosts,
  AttributionReport,
  LensReport,
  MaskFill,
  MeasureReport,
  ModelReport,
  ProviderReport,
  TaskAnswer,
  TextAlignment,
  TextWindow,
} from './engine';
import type { LessonAnswer } from './lesson';
import type { PanelRequests, PinnedMap, TokenFocus, ViewState } from './requests/panelRequests';

export type { PanelCommand, PanelRequests, PinnedMap, TokenFocus, ViewState } from './requests/panelRequests';

export type ExplanationStatus =
  | 'loading' // runtime or model
  | 'encoding'
  | 'generating'
  | 'paused' // generation stopped by the user, by a step, or by the limit; can go on
  | 'done' // end of sequence (or nothing to generate)
  | 'failed'; // see `error`; what was computed before it stays

/** Everything about an explanation except its weights. It travels whole once, and then as what changed. */
export interface ExplanationSnapshot {
  readonly id: string;
  /** Grows with every change; a change says which revision it follows, and a webview that has another asks for the whole. */
  readonly revision: number;
  readonly status: ExplanationStatus;
  readonly progress: { readonly phase: string; readonly fraction: number } | null;
  readonly error: ErrorValue | null;
  /** File name and line range, for the heading. */
  readonly title: string;
  /** True once the explained text was edited: the panel goes on, the editor is no longer coloured. */
  readonly stale: boolean;
  readonly model: ModelReport | null;
  readonly provider: ProviderReport | null;
  readonly window: TextWindow | null;
  readonly source: readonly Token[];
  readonly target: readonly Token[];
  /** True while these tokens are the tokenizer's alone, as the model is still being loaded: there are no weights of them. */
  readonly early: boolean;
  readonly steps: readonly DecoderStep[];
  /** The beam search that the text is of; null where there was none. */
  readonly beams: BeamReport | null;
  readonly fills: readonly MaskFill[];
  /** What a model with a task head answers about the text; null of others. */
  readonly answer: TaskAnswer | null;
  /** Tokens of `source` that the user masked, in order; masks that were typed are not among them. */
  readonly masked: readonly number[];
  /** True where the text stands in the model's chat template. */
  readonly chat: boolean;
  /** True where special tokens that are typed in the text are read as text. */
  readonly specialsAsText: boolean;
  /** How two selections are read by this model; null where there are not two, or it reads no pairs. */
  readonly pair: PanelRequests['setPair']['order'] | null;
  /** The user's settings of how tokens are chosen; null where the likeliest is taken, by the model's own rules. */
  readonly decoding: DecodingSettings | null;
  readonly end: GenerationEnd | null;
  readonly timings: { readonly load: number; readonly encode: number; readonly generate: number };
}

/** What changed in an explanation from one revision to a later one. */
export interface SnapshotChange {
  readonly explanation: string;
  /** The revision that this follows, and the one that it leads to. */
  readonly from: number;
  readonly revision: number;
  /** Fields that have another value now. */
  readonly set: Partial<Omit<ExplanationSnapshot, 'id' | 'revision'>>;
  /** What was added to the end of these two, which stream in; left out where nothing was. */
  readonly append: { readonly target?: readonly Token[]; readonly steps?: readonly DecoderStep[] };
}

/** What a webview is told about the explanation that it shows: all of it once, and from then on what changes. */
export type ExplanationNews =
  | { readonly type: 'whole'; readonly snapshot: ExplanationSnapshot | null }
  | { readonly type: 'change'; readonly change: SnapshotChange };

/** An explanation that is kept beside the one on show. */
export interface PinnedExplanation {
  readonly id: string;
  readonly map: PinnedMap;
  /** Null where it is the one on show: heads of one text are compared then. */
  readonly snapshot: ExplanationSnapshot | null;
}

export interface PanelState {
  readonly explanation: ExplanationSnapshot | null;
  readonly view: ViewState;
  readonly focus: TokenFocus | null;
  /** JSON from which the host computes the explanation again; the webview keeps it with its own state, unread. */
  readonly recipe: unknown;
  /** What was measured of this model's heads on the probe set; null where nothing was. */
  readonly scores: HeadScores | null;
  readonly pinned: PinnedExplanation | null;
  /** What is known of what this text's heads are worth; null where nothing is. */
  readonly costs: HeadCosts | null;
  /** What is known of what pieces of this text's input are worth; null where nothing is. */
  readonly leftOut: LeftOutCosts | null;
}

/**
 * Each request that is about an explanation names it. One that has been replaced since (a late click) is left as it
 * is: the request does nothing, and the log has a word about it.
 */
export interface PanelApi {
  /** Pulls the whole state; a webview calls it on load, whenever it becomes visible, and where it missed a change. */
  state(request: PanelRequests['state'], signal?: AbortSignal): Promise<PanelState>;
  head(request: PanelRequests['head'], signal?: AbortSignal): Promise<MapMatrix>;
  tokenWeights(request: PanelRequests['tokenWeights'], signal?: AbortSignal): Promise<readonly TokenWeights[]>;
  atlas(request: PanelRequests['atlas'], signal?: AbortSignal): Promise<Atlas>;
  /** Makes a measure of the text, so that it can be asked for in place of the weights. */
  measure(request: PanelRequests['measure'], signal?: AbortSignal): Promise<MeasureReport>;
  roles(request: PanelRequests['roles'], signal?: AbortSignal): Promise<RoleTable>;
  alignment(request: PanelRequests['alignment'], signal?: AbortSignal): Promise<TextAlignment>;
  /** What the output would be without some heads. What is on show stays as it is. */
  headsOff(request: PanelRequests['headsOff'], signal?: AbortSignal): Promise<HeadsOffReport>;
  /** What each head of a kind is worth to the output: a `costs` event after each, and all at the end. */
  headCosts(request: PanelRequests['headCosts'], signal?: AbortSignal): Promise<HeadCosts>;
  /** One station of the lesson, for one token and one head. */
  lesson(request: PanelRequests['lesson'], signal?: AbortSignal): Promise<LessonAnswer>;
  /** What pieces of the input are worth to the output: a `leftOut` event after each, and all at the end. */
  leaveOut(request: PanelRequests['leaveOut'], signal?: AbortSignal): Promise<LeftOutCosts>;
  /** Forgets what pieces of the input are worth: the editor's colours go with it. */
  forgetLeftOut(request: PanelRequests['forgetLeftOut'], signal?: AbortSignal): Promise<void>;
  /** What the output would be without some parts of the input together. */
  inputWithout(request: PanelRequests['inputWithout'], signal?: AbortSignal): Promise<InputWithoutReport>;
  /** What each block would write if it were the last, at some places of the text. */
  lens(request: PanelRequests['lens'], signal?: AbortSignal): Promise<LensReport>;
  /** What adds to a token's logit, or to its lead over another token's. */
  attribution(request: PanelRequests['attribution'], signal?: AbortSignal): Promise<AttributionReport>;
  setView(request: PanelRequests['setView'], signal?: AbortSignal): Promise<void>;
  setFocus(request: PanelRequests['setFocus'], signal?: AbortSignal): Promise<void>;
  /** Generation: one step, all steps, stop, from the start again. */
  generation(request: PanelRequests['generation'], signal?: AbortSignal): Promise<void>;
  branch(request: PanelRequests['branch'], signal?: AbortSignal): Promise<void>;
  /** Teacher-forces a text in place of what was generated. */
  force(request: PanelRequests['force'], signal?: AbortSignal): Promise<void>;
  /** Generates again from the start, with these settings of how tokens are chosen. */
  setDecoding(request: PanelRequests['setDecoding'], signal?: AbortSignal): Promise<void>;
  /** Shows another text of the search that the one on show is of. */
  openBeam(request: PanelRequests['openBeam'], signal?: AbortSignal): Promise<void>;
  /** Explains the text again with the model's mask in place of exactly these source tokens; none to read it as it is. */
  mask(request: PanelRequests['mask'], signal?: AbortSignal): Promise<void>;
  /** Explains the text again, in the model's chat template or without it; remembered for the model. */
  setChat(request: PanelRequests['setChat'], signal?: AbortSignal): Promise<void>;
  /** Explains the text again, with the special tokens that are typed in it as text, or as those tokens. */
  setSpecialsAsText(request: PanelRequests['setSpecialsAsText'], signal?: AbortSignal): Promise<void>;
  /** Explains two selections again, as a pair in this order, or as one text. */
  setPair(request: PanelRequests['setPair'], signal?: AbortSignal): Promise<void>;
  /** Explains another window of a text that is longer than the model takes. */
  chooseWindow(request: PanelRequests['chooseWindow'], signal?: AbortSignal): Promise<void>;
  /** Keeps the explanation on show, to be compared with what is explained after it; in place of what was pinned before. */
  pin(request: PanelRequests['pin'], signal?: AbortSignal): Promise<void>;
  /** Lets the pinned explanation go. */
  unpin(request: PanelRequests['unpin'], signal?: AbortSignal): Promise<void>;
  /** Cancels loading or running. */
  cancel(request: PanelRequests['cancel'], signal?: AbortSignal): Promise<void>;
  /** Runs the same recipe again (after an error), or explains the text at the same place as it is now (after an edit). */
  retry(request: PanelRequests['retry'], signal?: AbortSignal): Promise<void>;
  /** Selects the token's text in the editor. */
  reveal(request: PanelRequests['reveal'], signal?: AbortSignal): Promise<void>;
  copy(request: PanelRequests['copy'], signal?: AbortSignal): Promise<void>;
  /** Runs one of the extension's own commands. */
  command(request: PanelRequests['command'], signal?: AbortSignal): Promise<void>;
}

export interface PanelEvents {
  readonly explanation: ExplanationNews;
  readonly view: ViewState;
  /** Another token is looked at in this explanation. */
  readonly focus: { readonly explanation: string; readonly focus: TokenFocus | null };
  /** How far a measure of this explanation is made. */
  readonly measuring: EngineEvents['measuring'];
  /** What is known so far of what this explanation's heads are worth. */
  readonly costs: EngineEvents['costs'];
  /** What is known so far of what pieces of this explanation's input are worth. */
  readonly leftOut: EngineEvents['leftOut'];
  /** What `PanelState.costs` and `PanelState.leftOut` are from now on: told where they come back with their text, or are forgotten. */
  readonly measured: Pick<PanelState, 'costs' | 'leftOut'>;
  /** What `PanelState.recipe` is from now on. */
  readonly recipe: unknown;
  /** What `PanelState.scores` is from now on. */
  readonly scores: HeadScores | null;
  /** What `PanelState.pinned` is from now on: told where it is another one or comes to rest, not with each token. */
  readonly pinned: PinnedExplanation | null;
}
