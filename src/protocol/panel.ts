/** The panel's service: what the webviews ask of the extension host, and what it tells them. Types only. */
import type { Atlas, AttentionKind, HeadMatrix, HeadRef, SequenceName, Token, TokenWeights } from '../attention/types';
import type { ErrorValue } from '../errors';
import type {
  AtlasQuery,
  DecoderStep,
  GenerationEnd,
  MaskFill,
  ModelReport,
  ProviderReport,
  TextWindow,
} from './engine';

export type ExplanationStatus =
  | 'loading' // runtime or model
  | 'encoding'
  | 'generating'
  | 'paused' // generation stopped by the user, by a step, or by the limit; can go on
  | 'done' // end of sequence (or nothing to generate)
  | 'failed'; // see `error`; what was computed before it stays

/** Everything about the current explanation except its weights. A whole snapshot, never a delta. */
export interface ExplanationSnapshot {
  readonly id: string;
  /** Grows with every change; a webview drops what is older than what it has. */
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
  readonly steps: readonly DecoderStep[];
  readonly fills: readonly MaskFill[];
  /** Tokens of `source` that the user masked, in order; masks that were typed are not among them. */
  readonly masked: readonly number[];
  /** True where the text stands in the model's chat template. */
  readonly chat: boolean;
  /** True where special tokens that are typed in the text are read as text. */
  readonly specialsAsText: boolean;
  readonly end: GenerationEnd | null;
  readonly timings: { readonly load: number; readonly encode: number; readonly generate: number };
}

/** What the user looks at; small, versioned, kept across reloads. */
export interface ViewState {
  readonly version: 1;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly head: number;
  /** Hide special tokens, per kind. */
  readonly hideSpecial: Readonly<Record<AttentionKind, boolean>>;
  /** Colour scale: fixed 0 to 1, or each row by its own largest weight. */
  readonly scale: 'fixed' | 'row';
}

/** The token that is hovered, focused or locked; null for none. */
export interface TokenFocus {
  readonly sequence: SequenceName;
  readonly indices: readonly number[];
  readonly locked: boolean;
  /** Who set it, so that nobody answers his own echo. */
  readonly from: 'panel' | 'generation' | 'editor';
}

export interface PanelState {
  readonly explanation: ExplanationSnapshot | null;
  readonly view: ViewState;
  readonly focus: TokenFocus | null;
  /** JSON from which the host computes the explanation again; the webview keeps it with its own state, unread. */
  readonly recipe: unknown;
}

type Nothing = Record<string, never>;

export interface PanelApi {
  /** Pulls the whole state; a webview calls it on load and whenever it becomes visible. */
  state(request: Nothing, signal?: AbortSignal): Promise<PanelState>;
  head(request: { readonly explanation: string } & HeadRef, signal?: AbortSignal): Promise<HeadMatrix>;
  tokenWeights(
    request: { readonly explanation: string; readonly sequence: SequenceName; readonly indices: readonly number[] },
    signal?: AbortSignal,
  ): Promise<readonly TokenWeights[]>;
  atlas(request: AtlasQuery, signal?: AbortSignal): Promise<Atlas>;
  setView(request: ViewState, signal?: AbortSignal): Promise<void>;
  setFocus(request: { readonly focus: TokenFocus | null }, signal?: AbortSignal): Promise<void>;
  /** Generation: one step, all steps, stop, from the start again. */
  generation(request: { readonly action: 'step' | 'run' | 'stop' | 'restart' }, signal?: AbortSignal): Promise<void>;
  branch(request: { readonly step: number; readonly token: number }, signal?: AbortSignal): Promise<void>;
  force(request: { readonly text: string }, signal?: AbortSignal): Promise<void>;
  /** Explains the text again with the model's mask in place of exactly these source tokens; none to read it as it is. */
  mask(request: { readonly indices: readonly number[] }, signal?: AbortSignal): Promise<void>;
  /** Explains the text again, in the model's chat template or without it; remembered for the model. */
  setChat(request: { readonly chat: boolean }, signal?: AbortSignal): Promise<void>;
  /** Explains the text again, with the special tokens that are typed in it as text, or as those tokens. */
  setSpecialsAsText(request: { readonly asText: boolean }, signal?: AbortSignal): Promise<void>;
  /** Explains another window of a text that is longer than the model takes. */
  chooseWindow(request: { readonly start: number }, signal?: AbortSignal): Promise<void>;
  /** Cancels loading or running. */
  cancel(request: Nothing, signal?: AbortSignal): Promise<void>;
  /** Runs the same recipe again (after an error, or after an edit). */
  retry(request: Nothing, signal?: AbortSignal): Promise<void>;
  /** Selects the token's text in the editor. */
  reveal(request: { readonly sequence: SequenceName; readonly index: number }, signal?: AbortSignal): Promise<void>;
  copy(request: { readonly text: string }, signal?: AbortSignal): Promise<void>;
  /** Runs one of the extension's own commands. */
  command(
    request: { readonly name: 'chooseModel' | 'showLog' | 'openSettings' | 'showGeneration' | 'explain' },
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface PanelEvents {
  readonly explanation: ExplanationSnapshot | null;
  readonly view: ViewState;
  readonly focus: TokenFocus | null;
}
