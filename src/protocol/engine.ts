/**
 * The engine's service: what the extension host asks of the worker that runs models, and what the worker tells by itself. What may be
 * asked is in `requests/`, what is answered in `answers/`, a file for each thing that is asked about; both are passed on here.
 */
import type { Atlas, MapMatrix, ProbedMeasure, RoleTable, Token, TokenWeights } from '../attention/types';
import type { TextAlignment } from './answers/alignmentAnswers';
import type { HeadCosts, HeadsOffReport, InputWithoutReport, LeftOutCosts } from './answers/ablationAnswers';
import type { AttributionReport } from './answers/attributionAnswers';
import type { BeamReport } from './answers/beamAnswers';
import type { DecoderStep, GenerateResult } from './answers/generationAnswers';
import type { LensReport } from './answers/lensAnswers';
import type { MeasureReport } from './answers/measureAnswers';
import type { ModelReport } from './answers/modelAnswers';
import type { TextProbeAnswer } from './answers/probeAnswers';
import type { ProviderReport } from './answers/runtimeAnswers';
import type { EncodedText } from './answers/textAnswers';
import type { HeadScores } from './headScoreSchema';
import type { LessonAnswer } from './lesson';
import type { Moment } from './marks';
import type { PassedTrial } from './passedTrial';
import type { EngineRequests } from './requests/engineRequests';

export type * from './requests/engineRequests';
export type * from './answers/runtimeAnswers';
export type * from './answers/modelAnswers';
export type * from './answers/textAnswers';
export type * from './answers/beamAnswers';
export type * from './answers/generationAnswers';
export type * from './answers/measureAnswers';
export type * from './answers/alignmentAnswers';
export type * from './answers/attributionAnswers';
export type { AlignmentScores, HeadScores } from './headScoreSchema';
export type * from './answers/probeAnswers';
export type * from './answers/ablationAnswers';
export type * from './answers/lensAnswers';
export type * from './answers/taskAnswers';

export interface EngineApi {
  findProvider(request: EngineRequests['findProvider'], signal?: AbortSignal): Promise<ProviderReport>;
  /** Begins to compile a build of the runtime, before it is known or after which one is needed; what fails is told by `start`. */
  compile(request: EngineRequests['compile'], signal?: AbortSignal): Promise<void>;
  /**
   * Starts the build that `findProvider` asked for, which `compile` was given; once in a worker's life. The plain one may be started
   * before it is known which is needed: where it turns out to be another, the worker is of no use.
   */
  start(request: EngineRequests['start'], signal?: AbortSignal): Promise<void>;
  /** Makes a model that is still loaded the current one; null where it is not. */
  use(request: EngineRequests['use'], signal?: AbortSignal): Promise<ModelReport | null>;
  /** Scans, taps, loads and self-tests a model, which becomes the current one; those used least recently are unloaded where they would not fit. */
  load(request: EngineRequests['load'], signal?: AbortSignal): Promise<ModelReport>;
  /** Brings one of the files that `load` was told to wait for; any other is left alone. */
  file(request: EngineRequests['file'], signal?: AbortSignal): Promise<void>;
  /** Tokenises, runs the encoder (or a decoder-only model over the prompt), keeps its attention. INVALID_REQUEST where the model is not loaded. */
  explain(request: EngineRequests['explain'], signal?: AbortSignal): Promise<EncodedText>;
  /**
   * Goes on generating; a `step` event each. An abort ends it within one step; what was generated stays. With several beams it searches,
   * a `beams` event after a step, and then shows the best text.
   */
  generate(request: EngineRequests['generate'], signal?: AbortSignal): Promise<GenerateResult>;
  branch(request: EngineRequests['branch'], signal?: AbortSignal): Promise<GenerateResult>;
  /** Replaces the generation by `text`, teacher-forced in one parallel pass. */
  force(request: EngineRequests['force'], signal?: AbortSignal): Promise<GenerateResult>;
  /** Shows another text of the search that the one on show is of. INVALID_REQUEST where there is no such one. */
  openBeam(request: EngineRequests['openBeam'], signal?: AbortSignal): Promise<GenerateResult>;
  head(request: EngineRequests['head'], signal?: AbortSignal): Promise<MapMatrix>;
  tokenWeights(request: EngineRequests['tokenWeights'], signal?: AbortSignal): Promise<readonly TokenWeights[]>;
  atlas(request: EngineRequests['atlas'], signal?: AbortSignal): Promise<Atlas>;
  /**
   * Makes a measure of a text, and keeps it with the explanation; at once where it is there. Null where sessions have to be made and the
   * files were not given: ask again with them.
   */
  measure(request: EngineRequests['measure'], signal?: AbortSignal): Promise<MeasureReport | null>;
  /** Where every head of a kind looks, on this text. */
  roles(request: EngineRequests['roles'], signal?: AbortSignal): Promise<RoleTable>;
  /** Where every head looks on the probe set; takes seconds, tells its progress. INVALID_REQUEST where the model is not loaded. */
  measureHeads(request: EngineRequests['measureHeads'], signal?: AbortSignal): Promise<HeadScores>;
  /** Which source words each written word was made from. INVALID_REQUEST where there is no cross-attention. */
  alignment(request: EngineRequests['alignment'], signal?: AbortSignal): Promise<TextAlignment>;
  /** Null where sessions have to be made and the files were not given: ask again with them. */
  probeText(request: EngineRequests['probeText'], signal?: AbortSignal): Promise<TextProbeAnswer | null>;
  /** Null where sessions have to be made and the files were not given. INVALID_REQUEST where a head cannot be switched off. */
  headsOff(request: EngineRequests['headsOff'], signal?: AbortSignal): Promise<HeadsOffReport | null>;
  /** Takes a pass a head; a `costs` event after each. Null as `headsOff`. */
  headCosts(request: EngineRequests['headCosts'], signal?: AbortSignal): Promise<HeadCosts | null>;
  /** Null as `headsOff`. INVALID_REQUEST where the model has no such place. */
  lesson(request: EngineRequests['lesson'], signal?: AbortSignal): Promise<LessonAnswer | null>;
  /** Takes a pass a piece; a `leftOut` event after each. Null as `headsOff`. */
  leaveOut(request: EngineRequests['leaveOut'], signal?: AbortSignal): Promise<LeftOutCosts | null>;
  /** Null and INVALID_REQUEST as `leaveOut`. */
  inputWithout(request: EngineRequests['inputWithout'], signal?: AbortSignal): Promise<InputWithoutReport | null>;
  /** Null as `headsOff`. INVALID_REQUEST where there is no such place. */
  lens(request: EngineRequests['lens'], signal?: AbortSignal): Promise<LensReport | null>;
  /**
   * Takes one pass. Null as `headsOff`. INVALID_REQUEST where there is no such place or token; MODEL_UNSUPPORTED with the reason where the
   * model's form does not allow it.
   */
  attribution(request: EngineRequests['attribution'], signal?: AbortSignal): Promise<AttributionReport | null>;
  /** Forgets an explanation and frees its tensors. */
  release(request: EngineRequests['release'], signal?: AbortSignal): Promise<void>;
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
