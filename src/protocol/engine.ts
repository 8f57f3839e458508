/** The engine's service: what the extension host asks of the worker that runs models. Types only. */
import type { Content } from '../attention/content';
import type { DecodingSettings } from './decodingSettings';
import type { LessonAnswer } from './lesson';
import type { LessonPlace, LessonPlay } from './lessonPlace';
import type { Moment } from './marks';
import type {
  AlignmentChoice,
  AlignmentScore,
  Atlas,
  AttentionKind,
  AxisName,
  HeadRef,
  KindInfo,
  MapMatrix,
  MapRef,
  MeasureFit,
  ModelFamily,
  ProbedMeasure,
  RoleTable,
  SequenceName,
  Sieve,
  Token,
  TokenPart,
  TokenRange,
  TokenWeights,
  TextKind,
} from '../attention/types';

export type ProviderPreference = 'auto' | 'webgpu' | 'wasm';

/** The three builds of onnxruntime-web's WebAssembly; the plain one has no WebGPU, `jspi` needs WebAssembly.Suspending. */
export type RuntimeBuild = 'cpu' | 'jspi' | 'asyncify';

export interface ProviderReport {
  readonly provider: 'webgpu' | 'wasm';
  readonly build: RuntimeBuild;
  /** Threads of the WASM provider; 1 where the page is not cross-origin isolated. */
  readonly threads: number;
  /** The adapter, for people: vendor, architecture, description. Empty on WASM. */
  readonly adapter: string;
  /** Why WASM runs instead of WebGPU, one sentence; empty on WebGPU. */
  readonly reason: string;
  /** The largest buffer that the graphics device takes, in bytes; left out on WASM. */
  readonly maxBufferBytes?: number;
}

export interface ProviderRequest {
  readonly preference: ProviderPreference;
  /** Take a software WebGPU adapter (SwiftShader) too; for tests. */
  readonly allowSoftwareAdapter: boolean;
}

export interface RuntimeFiles {
  readonly build: RuntimeBuild;
  /** The gzip-compressed WebAssembly binary. */
  readonly wasmGzip: Uint8Array;
  /** Source text of the matching `.mjs` glue. */
  readonly mjs: string;
}

/** A model's files by their path inside its folder, with forward slashes: `config.json`, `onnx/encoder_model.onnx`, … */
export type ModelFiles = Readonly<Record<string, Uint8Array>>;

/** Which model: the same id may come with other files later, as a folder's files can change. */
export interface ModelKey {
  readonly modelId: string;
  /** Differs where the files do; '' where they never change. */
  readonly version: string;
}

export interface LoadRequest extends ModelKey {
  readonly name: string;
  readonly files: ModelFiles;
  /** Sizes in bytes, by path, of files that `file` brings while the model is loaded. */
  readonly coming?: Readonly<Record<string, number>>;
  /** The text that is to be read: its tokens are told as soon as there is a tokenizer (event `tokens`). */
  readonly text?: Omit<ExplainRequest, 'model'>;
  /** Texts of more tokens are read a sentence at a time: the model was trained on no longer ones. No such bound if left out. */
  readonly sentencesBeyond?: number;
  /** Asks for the self-test to be skipped where it passed before; a `tested` event tells what to keep for the next time. */
  readonly trial?: {
    /** Which version of the extension runs. */
    readonly version: string;
    /** What was kept, as it came back from storage. */
    readonly kept: unknown;
  };
}

/** One file of a model that is being loaded. */
export interface ArrivedFile extends ModelKey {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** That a model has passed its self-test, and what the test found out. */
export interface PassedTrial {
  /** Of what this is true: the extension, the model's files, the provider with its adapter, the browser. */
  readonly key: string;
  readonly kinds: readonly KindInfo[];
  readonly fillsMasks: boolean;
  readonly notes: readonly string[];
}

export interface ModelReport {
  readonly modelId: string;
  readonly name: string;
  /** Differs where its files do: what was measured of it is kept under this. */
  readonly fingerprint: string;
  readonly family: ModelFamily;
  readonly kinds: readonly KindInfo[];
  /** The most tokens the model takes, specials counted in (encoder, or prompt plus generation). */
  readonly maxTokens: number;
  readonly maxNewTokens: number;
  readonly vocabularySize: number;
  /** Size of one head's key vector, where known: weights of texts longer than this are not identifiable (arXiv 1908.04211). 0 if unknown. */
  readonly headDimension: number;
  /** Cross-attention heads that the model's maker names as aligning source and target; the first is shown first. */
  readonly alignmentHeads: readonly HeadRef[];
  /** True where the model fills in masked tokens (encoder-only with a language-model head). */
  readonly fillsMasks: boolean;
  /** True where a text can be put into the model's chat template (decoder-only models that have one). */
  readonly chatTemplate: boolean;
  /** What the decoding settings begin with: what the model's maker generates with, or the usual values. */
  readonly decoding: DecodingSettings;
  /** What was found and checked, one line each, for the log and the "about this model" view. */
  readonly notes: readonly string[];
}

export interface ExplainRequest {
  readonly explanation: string;
  /** The loaded model that reads the text. */
  readonly model: ModelKey;
  readonly text: string;
  /** First token (of the text's own tokens, specials not counted) of the window to explain; 0 unless the user chose another. */
  readonly windowStart: number;
  /** Tokens of `source` to put the model's mask in place of (encoder-only models that fill masks); none if left out. */
  readonly masked?: readonly number[];
  /** Put the text into the model's chat template as the user's message (decoder-only models that have one). */
  readonly chat?: boolean;
  /** Read special tokens that are typed in the text as the text that they are. */
  readonly specialsAsText?: boolean;
  /** How words are told apart: in code identifiers are words. Prose where it is left out. */
  readonly written?: TextKind;
}

/** Which part of the text is explained. */
export interface TextWindow {
  /** Tokens of the whole text, specials not counted. */
  readonly totalTokens: number;
  /** Window [start, end) in those tokens. */
  readonly start: number;
  readonly end: number;
  /** UTF-16 offsets of the window in the text; the whole text where nothing is cut. */
  readonly startOffset: number;
  readonly endOffset: number;
  /** Where the window is among the text's sentences; left out where the whole text is read. */
  readonly walk?: TextWalk;
}

/** The sentences round a window: what a long text is walked by. Sentences and paragraphs are counted from 0. */
export interface TextWalk {
  /** How many sentences the text has. */
  readonly sentences: number;
  /** The window begins in sentence `current` and ends in sentence `through`. */
  readonly current: number;
  readonly through: number;
  /** Those near the window, of which the first is sentence `first`: a text can have hundreds of thousands. */
  readonly first: number;
  readonly near: readonly {
    /** Its first token, to choose it by. */
    readonly start: number;
    readonly paragraph: number;
    /** Its first characters. */
    readonly text: string;
  }[];
  /** First tokens of the paragraphs before and after (the window's own where it does not begin with it); null where there is none. */
  readonly paragraphBefore: number | null;
  readonly paragraphAfter: number | null;
}

export interface Alternative {
  readonly id: number;
  readonly text: string;
  /** As of a token: which part of a character it is, where it is one. */
  readonly parts?: readonly TokenPart[];
  /** softmax over the whole vocabulary at temperature 1, 0 to 1. */
  readonly probability: number;
}

/** An alternative of a generated step: beside the model's own probability what the decoding settings made of it. */
export interface SteppedAlternative extends Alternative {
  /** 0 to 1, after the settings; left out where there were none. */
  readonly after?: number;
}

/** One decoder step: fed everything so far, it predicted `top`; `chosen` went on. */
export interface DecoderStep {
  /** Index in the target sequence of the token that this step produced. */
  readonly index: number;
  readonly chosen: SteppedAlternative;
  /** 1-based rank of the chosen token by probability. */
  readonly rank: number;
  /** The ten most probable next tokens, most probable first. */
  readonly top: readonly SteppedAlternative[];
  /** How the token came to be: the likeliest one, one drawn by chance, the user's branch, or a teacher-forced text. */
  readonly origin: 'greedy' | 'sampled' | 'branch' | 'forced';
  readonly milliseconds: number;
}

/** A masked position's fill-in (encoder-only models). */
export interface MaskFill {
  readonly index: number;
  /** The ten most probable tokens there, most probable first. */
  readonly top: readonly Alternative[];
  /** The token that the mask hides: its true probability there and its 1-based rank over the vocabulary; null where the mask was typed. */
  readonly original: (Alternative & { readonly rank: number }) | null;
}

export interface EncodedText {
  readonly explanation: string;
  readonly window: TextWindow;
  readonly source: readonly Token[];
  /** The decoder's sequence before the first step: the start token, or a decoder-only model's prompt. */
  readonly target: readonly Token[];
  readonly fills: readonly MaskFill[];
  readonly milliseconds: number;
}

/** Why a generation stands where it does. It can go on after all but the model's own end and its last position. */
export type GenerationEnd =
  | 'end-of-sequence' // the model chose to end
  | 'chosen-end' // the user branched to an end token
  | 'forced' // the forced text ends here
  | 'limit' // the limit of new tokens of one run
  | 'full' // the model takes no more tokens
  | 'steps' // as many steps as were asked for
  | 'stopped'; // the user stopped it

export interface GenerateRequest {
  readonly explanation: string;
  /** How many tokens to produce at most. */
  readonly maxSteps: number;
  /** Settings in place of the model's own rules; left out: the likeliest token each time, by these rules. */
  readonly decoding?: DecodingSettings;
}

export interface GenerateResult {
  readonly end: GenerationEnd;
  readonly target: readonly Token[];
  readonly steps: readonly DecoderStep[];
}

export interface BranchRequest {
  readonly explanation: string;
  /** Index in `steps` of the step to redo; later steps are dropped. */
  readonly step: number;
  /** The token to go on with; -1 to drop the step and what follows. */
  readonly token: number;
}

/** Of what weights are asked for. */
export interface WeightsQuery {
  readonly explanation: string;
  /**
   * The tokens that the question is about: it is answered about those, however many were written since, and with
   * TEXT_CHANGED where they are no longer the text's. Left out: about the tokens that there are.
   */
  readonly of?: Content;
}

/** A map of a head or of several; the head's weights between tokens where measure, source and axis are left out. */
export interface MapQuery extends WeightsQuery, HeadRef, Partial<Pick<MapRef, 'measure' | 'source' | 'axis'>> {
  /** Cut or renormalise its rows. */
  readonly sieve?: Sieve;
}

export interface TokenQuery extends WeightsQuery {
  /** A measure that was made, in place of the weights. */
  readonly measure?: ProbedMeasure;
  readonly sequence: SequenceName;
  /** One token, or several to be taken together; between words those that have any of these tokens. */
  readonly indices: readonly number[];
  /** Between what; tokens where it is left out. */
  readonly axis?: AxisName;
  /** Ask for rollout too, up to and with this layer. */
  readonly rollout?: number;
}

export interface AtlasQuery extends WeightsQuery {
  /** A measure that was made, in place of the weights. */
  readonly measure?: ProbedMeasure;
  readonly kind: AttentionKind;
  /** Most bins along a side. */
  readonly maxCell: number;
  /** Leave special tokens' rows and columns out (they show as 0). */
  readonly hideSpecial: boolean;
  /** Pictures between what; tokens where it is left out. Sink mass and entropy are of the model's own rows. */
  readonly axis?: AxisName;
}

export interface RolesQuery extends WeightsQuery {
  readonly kind: AttentionKind;
}

/** What a model's heads are like on the probe set that ships with the extension. */
export interface HeadScores {
  /** Sentences that were read. */
  readonly sentences: number;
  /** One for each kind of attention; none where only alignment was measured. */
  readonly roles: readonly RoleTable[];
  /** Of models with cross-attention. */
  readonly alignment: AlignmentScores | null;
}

export const KNOWN_LINKS = ['links', 'names'] as const;

/** How well cross-attention aligns on the probe text. */
export interface AlignmentScores {
  /** What was known: links that people made, or only names and numbers that the model has written as they stand. */
  readonly known: (typeof KNOWN_LINKS)[number];
  /** Hand-aligned pairs, or names and numbers. */
  readonly count: number;
  /** Every head, mean and reading, best first; none where nothing was known. */
  readonly choices: readonly AlignmentScore[];
}

export interface AlignmentQuery extends WeightsQuery, AlignmentChoice {}

/** Which source words each written word was made from. */
export interface TextAlignment extends AlignmentChoice {
  /** Words of each text; which they are is told from its tokens (`measure/alignment/alignedWords.ts`). */
  readonly sourceWords: number;
  readonly targetWords: number;
  /** Target words that have a row; the last one has none where it was written last and has not been fed yet. */
  readonly readWords: number;
  /** [target words][source words]: a row is a word's shares of what may be linked; zeros where nothing may. */
  readonly data: Float32Array;
}

/** Asks what else the graph can give over an explained text, all of it as it stands, in one pass. */
export interface TextProbeRequest {
  readonly explanation: string;
  /** `valueNorms`, `lens`, or names of stages (`src/onnx/anatomy/stages.ts`); sessions are made and kept for each such set. */
  readonly probes: readonly string[];
  /** A factor for each head's output, [layer][head] row-major, 0 for a head that is off; kinds left out stay as they are. */
  readonly gates?: Readonly<Partial<Record<AttentionKind, readonly number[]>>>;
  /** Places in the text whose logits are wanted, of the lens as well; the last one if left out. */
  readonly rows?: readonly number[];
  /** The model's files, where the sessions of this set were not made yet. */
  readonly files?: ModelFiles;
}

/** Asks for a measure to be made of an explained text as it stands; see `MeasureReport`. */
export interface MeasureRequest extends WeightsQuery {
  readonly measure: ProbedMeasure;
  /** The model's files, where the sessions that it needs were not made yet. */
  readonly files?: ModelFiles;
}

/** A measure that is there: from now on it can be asked for in place of the weights, for as long as the text begins with `of`. */
export interface MeasureReport {
  readonly measure: ProbedMeasure;
  readonly of: Content;
  /** Of each kind of attention what it is, or why the model cannot give it, as a clause; its weights are given instead then. */
  readonly kinds: readonly {
    readonly kind: AttentionKind;
    readonly fit: MeasureFit | null;
    readonly reason: string;
  }[];
  readonly milliseconds: number;
}

export interface ProbedTensor {
  /** A stage's name, `projectedValueNorm` (‖v·W_O‖), `valueNorm` (‖v‖, where W_O is not found), `lens` or `logits`. */
  readonly measure: string;
  readonly kind: AttentionKind;
  /** Layer or block; -1 for what comes before the first or belongs to all. */
  readonly layer: number;
  /** How `dims` is meant: see `Layout` (`src/onnx/anatomy/stage.ts`); `norms` [1, heads, keys], `logits` [1, rows, vocabulary]. */
  readonly layout: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface TextProbeAnswer {
  readonly tensors: readonly ProbedTensor[];
  /** What was asked for and is not there, with the reason as a clause. */
  readonly gaps: readonly {
    readonly measure: string;
    readonly kind: AttentionKind;
    readonly layer: number;
    readonly reason: string;
  }[];
  /** The model's result at `rows`, with the gates as given. Null for an encoder without a head. */
  readonly logits: ProbedTensor | null;
  readonly milliseconds: number;
}

/** Asks what an output would be without some heads. */
export interface HeadsOffRequest extends WeightsQuery {
  /** Heads of any kind of attention; their outputs count as 0. */
  readonly off: readonly HeadRef[];
  /** As in `GenerateRequest`, for what is written without them. */
  readonly decoding?: DecodingSettings;
  /** The model's files, where the sessions that it needs were not made yet. */
  readonly files?: ModelFiles;
}

/** A token of the output, and what becomes of it without something: heads, or a part of the input. */
export interface ChangedToken {
  readonly index: number;
  /** Natural logarithms of the model's probability, everything before it as it stands (teacher forcing). */
  readonly before: number;
  readonly after: number;
  /** What is likeliest there without it. */
  readonly likeliest: Alternative;
}

/** What an output becomes without something. */
export interface OutputChange {
  readonly of: Content;
  /** The sequence of the output; the source of models that do not write. */
  readonly sequence: SequenceName;
  readonly tokens: readonly ChangedToken[];
  /** What the model writes then, as many tokens at most as there are; none of models that do not write. */
  readonly written: readonly Token[];
}

export interface HeadsOffReport extends OutputChange {
  readonly off: readonly HeadRef[];
  readonly milliseconds: number;
}

/** Asks what each head of a kind is worth to the output. */
export interface HeadCostsRequest extends WeightsQuery {
  readonly kind: AttentionKind;
  readonly files?: ModelFiles;
}

export interface HeadCosts {
  readonly of: Content;
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  /** Mean log probability of the output's tokens with all heads on, in nats. */
  readonly plain: number;
  /** [layers][heads]: by how much that falls without the head, in nats a token; NaN where it was not measured. */
  readonly costs: Float32Array;
  /** [layers]: the same without all heads of a layer; measured first. NaN where one of them stays on. */
  readonly layerCosts: Float32Array;
  /** How many heads were measured, in order. */
  readonly done: number;
  /** Why heads could not be, as clauses. */
  readonly gaps: readonly string[];
}

/** Asks for one station of the lesson, for one token and one head. */
export interface LessonRequest extends WeightsQuery, LessonPlace {
  /** What is changed for it; nothing where it is left out. */
  readonly play?: LessonPlay;
  /** The model's files, where the sessions that it needs were not made yet. */
  readonly files?: ModelFiles;
}

/** Asks what pieces of the input are worth to the output: the source's, or a decoder-only model's prompt's. */
export interface LeaveOutRequest extends WeightsQuery {
  readonly ranges: readonly TokenRange[];
  /** Taken out, or with the model's mask in place of each token, its padding token where it has none. */
  readonly manner: 'removed' | 'replaced';
  /** Of the output only these tokens, by their index in its sequence; all of it where it is left out. */
  readonly outputs?: readonly number[];
  readonly files?: ModelFiles;
}

/** Asks what the output becomes without all of `ranges` together, which lie in the input, in any order. */
export interface InputWithoutRequest extends WeightsQuery {
  readonly ranges: readonly TokenRange[];
  readonly manner: LeaveOutRequest['manner'];
  /** How the text was written, so that it is written anew in the same way. */
  readonly decoding?: DecodingSettings;
  readonly files?: ModelFiles;
}

export interface InputWithoutReport extends OutputChange {
  /** In order, and none touches another. */
  readonly ranges: readonly TokenRange[];
  readonly manner: LeaveOutRequest['manner'];
}

export interface LeftOutCosts {
  readonly of: Content;
  /** The sequence of the pieces. */
  readonly sequence: SequenceName;
  readonly ranges: readonly TokenRange[];
  readonly manner: LeaveOutRequest['manner'];
  readonly outputSequence: SequenceName;
  /** The tokens of the output that were measured. */
  readonly outputs: readonly number[];
  /** Their mean log probability with the whole input, in nats. */
  readonly plain: number;
  /** By how much that falls without each piece, in nats a token; NaN where it was not measured. */
  readonly costs: Float32Array;
  /** How many pieces were measured, in order. */
  readonly done: number;
  /** Why pieces could not be, as clauses. */
  readonly gaps: readonly string[];
  /** How far each head's attention orders the pieces as their costs do; null until all are measured. */
  readonly agreement: HeadAgreement | null;
}

export interface HeadAgreement {
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  /** [layers][heads]: Spearman's correlation, -1 to 1; NaN where there is none. */
  readonly correlations: Float32Array;
}

/** Asks what each block would write if it were the last, at up to so many places of the text that the model writes (or reads). */
export interface LensRequest extends WeightsQuery {
  readonly from: number;
  readonly count: number;
  /** The model's files, where the sessions that it needs were not made yet. */
  readonly files?: ModelFiles;
}

/** What one block makes of one place. */
export interface LensCell {
  /** The likeliest tokens, likeliest first. */
  readonly top: readonly Alternative[];
  /** Of the token that came there: its probability (0 to 1) and its rank, 1 for the likeliest; null where none has come. */
  readonly came: { readonly probability: number; readonly rank: number } | null;
}

/** One place of a text, with a cell for each block. */
export interface LensRow {
  /** The token that was read. */
  readonly index: number;
  /** The token that came, which these blocks predict: the next one, or what stands at the place itself in an encoder. */
  readonly came: Pick<Alternative, 'id' | 'text' | 'parts'> | null;
  readonly cells: readonly LensCell[];
}

export interface LensReport {
  readonly of: Content;
  readonly sequence: SequenceName;
  /** Places that there are in all. */
  readonly length: number;
  /** The blocks that could be read: -1 before the first; the last one's cells are the model's own output. None where `gaps` says why. */
  readonly layers: readonly number[];
  readonly rows: readonly LensRow[];
  /** Why blocks could not be read, as clauses. */
  readonly gaps: readonly string[];
  readonly milliseconds: number;
}

export interface EngineApi {
  findProvider(request: ProviderRequest, signal?: AbortSignal): Promise<ProviderReport>;
  /** Takes the runtime that `findProvider` asked for; once in a worker's life. */
  start(files: RuntimeFiles, signal?: AbortSignal): Promise<void>;
  /** Makes a model that is still loaded the current one; null where it is not. */
  use(request: ModelKey, signal?: AbortSignal): Promise<ModelReport | null>;
  /** Scans, taps, loads and self-tests a model, which becomes the current one; those used least recently are unloaded where they would not fit. */
  load(request: LoadRequest, signal?: AbortSignal): Promise<ModelReport>;
  /** Brings one of the files that `load` was told to wait for; any other is left alone. */
  file(request: ArrivedFile, signal?: AbortSignal): Promise<void>;
  /** Tokenises, runs the encoder (or a decoder-only model over the prompt), keeps its attention. INVALID_REQUEST where the model is not loaded. */
  explain(request: ExplainRequest, signal?: AbortSignal): Promise<EncodedText>;
  /** Goes on generating; a `step` event each. An abort ends it within one step; what was generated stays. */
  generate(request: GenerateRequest, signal?: AbortSignal): Promise<GenerateResult>;
  branch(request: BranchRequest, signal?: AbortSignal): Promise<GenerateResult>;
  /** Replaces the generation by `text`, teacher-forced in one parallel pass. */
  force(
    request: { readonly explanation: string; readonly text: string },
    signal?: AbortSignal,
  ): Promise<GenerateResult>;
  head(request: MapQuery, signal?: AbortSignal): Promise<MapMatrix>;
  tokenWeights(request: TokenQuery, signal?: AbortSignal): Promise<readonly TokenWeights[]>;
  atlas(request: AtlasQuery, signal?: AbortSignal): Promise<Atlas>;
  /**
   * Makes a measure of a text, and keeps it with the explanation; at once where it is there. Null where sessions have to be made and the
   * files were not given: ask again with them.
   */
  measure(request: MeasureRequest, signal?: AbortSignal): Promise<MeasureReport | null>;
  /** Where every head of a kind looks, on this text. */
  roles(request: RolesQuery, signal?: AbortSignal): Promise<RoleTable>;
  /** Where every head looks on the probe set; takes seconds, tells its progress. INVALID_REQUEST where the model is not loaded. */
  measureHeads(
    request: { readonly model: ModelKey; readonly parts: 'all' | 'alignment' },
    signal?: AbortSignal,
  ): Promise<HeadScores>;
  /** Which source words each written word was made from. INVALID_REQUEST where there is no cross-attention. */
  alignment(request: AlignmentQuery, signal?: AbortSignal): Promise<TextAlignment>;
  /** Null where sessions have to be made and the files were not given: ask again with them. */
  probeText(request: TextProbeRequest, signal?: AbortSignal): Promise<TextProbeAnswer | null>;
  /** Null where sessions have to be made and the files were not given. INVALID_REQUEST where a head cannot be switched off. */
  headsOff(request: HeadsOffRequest, signal?: AbortSignal): Promise<HeadsOffReport | null>;
  /** Takes a pass a head; a `costs` event after each. Null as `headsOff`. */
  headCosts(request: HeadCostsRequest, signal?: AbortSignal): Promise<HeadCosts | null>;
  /** Null as `headsOff`. INVALID_REQUEST where the model has no such place. */
  lesson(request: LessonRequest, signal?: AbortSignal): Promise<LessonAnswer | null>;
  /** Takes a pass a piece; a `leftOut` event after each. Null as `headsOff`. */
  leaveOut(request: LeaveOutRequest, signal?: AbortSignal): Promise<LeftOutCosts | null>;
  /** Null and INVALID_REQUEST as `leaveOut`. */
  inputWithout(request: InputWithoutRequest, signal?: AbortSignal): Promise<InputWithoutReport | null>;
  /** Null as `headsOff`. INVALID_REQUEST where there is no such place. */
  lens(request: LensRequest, signal?: AbortSignal): Promise<LensReport | null>;
  /** Forgets an explanation and frees its tensors. */
  release(request: { readonly explanation: string }, signal?: AbortSignal): Promise<void>;
}

export interface EngineEvents {
  /** The first word of a worker. It holds this lock (Web Locks) for as long as it lives; null where the origin has no locks. */
  readonly alive: { readonly lock: string | null };
  /** Loading and running, for the progress line. `fraction` 0 to 1, or -1 where unknown. */
  readonly progress: { readonly phase: string; readonly fraction: number };
  /** A measure is being made. `fraction` 0 to 1, or -1 where unknown. */
  readonly measuring: { readonly explanation: string; readonly measure: ProbedMeasure; readonly fraction: number };
  /** What is known so far of what heads are worth. */
  readonly costs: { readonly explanation: string; readonly sofar: HeadCosts };
  /** What is known so far of what pieces of the input are worth. */
  readonly leftOut: { readonly explanation: string; readonly sofar: LeftOutCosts };
  /** `completed` takes the place of the tokens just before: this one completes a character that they have bytes of. */
  readonly step: {
    readonly explanation: string;
    readonly step: DecoderStep;
    readonly token: Token;
    readonly completed?: readonly Token[];
  };
  /** The tokens that a text has in the model that is being loaded, before it is there: what `explain` gives takes their place. */
  readonly tokens: {
    readonly explanation: string;
    readonly source: readonly Token[];
    readonly target: readonly Token[];
  };
  /** A model has passed its self-test. */
  readonly tested: PassedTrial;
  /** Moments of loading and reading, for the bench. */
  readonly marks: { readonly marks: readonly Moment[] };
  /** The GPU device was lost; the worker must be replaced. */
  readonly lost: { readonly message: string };
}
