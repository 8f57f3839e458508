/**
 * The engine's service: what the extension host asks of the worker that runs models, and what the worker tells by itself. The messages
 * of each method are in `engine/`, a file for each thing that is asked about, and are passed on here.
 */
import type { Atlas, MapMatrix, ProbedMeasure, RoleTable, Token, TokenWeights } from '../attention/types';
import type { LessonAnswer, LessonRequest } from './lesson';
import type { Moment } from './marks';
import type { PassedTrial } from './passedTrial';
import type {
  HeadCosts,
  HeadCostsRequest,
  HeadsOffReport,
  HeadsOffRequest,
  InputWithoutReport,
  InputWithoutRequest,
  LeaveOutRequest,
  LeftOutCosts,
} from './engine/ablationMessages';
import type { BeamReport, OpenBeamRequest } from './engine/beamMessages';
import type {
  BranchRequest,
  DecoderStep,
  ForceRequest,
  GenerateRequest,
  GenerateResult,
} from './engine/generationMessages';
import type { AlignmentQuery, TextAlignment } from './engine/alignmentMessages';
import type { AttributionReport, AttributionRequest } from './engine/attributionMessages';
import type { HeadScores } from './headScoreSchema';
import type { LensReport, LensRequest } from './engine/lensMessages';
import type { ModelKey } from './engine/modelKey';
import type { ArrivedFile, LoadRequest, ModelReport } from './engine/modelMessages';
import type { TextProbeAnswer, TextProbeRequest } from './engine/probeMessages';
import type { ProviderReport, ProviderRequest, RuntimeBuild, RuntimeFiles } from './engine/runtimeMessages';
import type { EncodedText, ExplainRequest } from './engine/textMessages';
import type {
  AtlasQuery,
  MapQuery,
  MeasureReport,
  MeasureRequest,
  RolesQuery,
  TokenQuery,
} from './engine/weightMessages';

export type * from './engine/runtimeMessages';
export type * from './engine/modelKey';
export type * from './engine/modelMessages';
export type * from './engine/textMessages';
export type * from './engine/beamMessages';
export type * from './engine/generationMessages';
export type * from './engine/weightMessages';
export type * from './engine/alignmentMessages';
export type * from './engine/attributionMessages';
export type { AlignmentScores, HeadScores } from './headScoreSchema';
export type * from './engine/probeMessages';
export type * from './engine/ablationMessages';
export type * from './engine/lensMessages';
export type * from './engine/taskMessages';

export interface EngineApi {
  findProvider(request: ProviderRequest, signal?: AbortSignal): Promise<ProviderReport>;
  /** Begins to compile a build of the runtime, before it is known or after which one is needed; what fails is told by `start`. */
  compile(files: RuntimeFiles, signal?: AbortSignal): Promise<void>;
  /**
   * Starts the build that `findProvider` asked for, which `compile` was given; once in a worker's life. The plain one may be started
   * before it is known which is needed: where it turns out to be another, the worker is of no use.
   */
  start(request: { readonly build: RuntimeBuild }, signal?: AbortSignal): Promise<void>;
  /** Makes a model that is still loaded the current one; null where it is not. */
  use(request: ModelKey, signal?: AbortSignal): Promise<ModelReport | null>;
  /** Scans, taps, loads and self-tests a model, which becomes the current one; those used least recently are unloaded where they would not fit. */
  load(request: LoadRequest, signal?: AbortSignal): Promise<ModelReport>;
  /** Brings one of the files that `load` was told to wait for; any other is left alone. */
  file(request: ArrivedFile, signal?: AbortSignal): Promise<void>;
  /** Tokenises, runs the encoder (or a decoder-only model over the prompt), keeps its attention. INVALID_REQUEST where the model is not loaded. */
  explain(request: ExplainRequest, signal?: AbortSignal): Promise<EncodedText>;
  /**
   * Goes on generating; a `step` event each. An abort ends it within one step; what was generated stays. With several beams it searches,
   * a `beams` event after a step, and then shows the best text.
   */
  generate(request: GenerateRequest, signal?: AbortSignal): Promise<GenerateResult>;
  branch(request: BranchRequest, signal?: AbortSignal): Promise<GenerateResult>;
  /** Replaces the generation by `text`, teacher-forced in one parallel pass. */
  force(request: ForceRequest, signal?: AbortSignal): Promise<GenerateResult>;
  /** Shows another text of the search that the one on show is of. INVALID_REQUEST where there is no such one. */
  openBeam(request: OpenBeamRequest, signal?: AbortSignal): Promise<GenerateResult>;
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
  /**
   * Takes one pass. Null as `headsOff`. INVALID_REQUEST where there is no such place or token; MODEL_UNSUPPORTED with the reason where the
   * model's form does not allow it.
   */
  attribution(request: AttributionRequest, signal?: AbortSignal): Promise<AttributionReport | null>;
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
  /** What a search has found so far. */
  readonly beams: { readonly explanation: string; readonly sofar: BeamReport };
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
