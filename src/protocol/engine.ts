/**
 * The engine's service: what the extension host asks of the worker that runs models, and what the worker tells by itself. What may be
 * asked is in `requests/`, what is answered in `answers/`, a file for each thing that is asked about; both are passed on here.
 */
import type { EngineAnswers } from './answers/engineAnswers';
import type { EngineRequests } from './requests/engineRequests';

export type * from './requests/engineRequests';
export type { EngineEvents } from './events/engineEvents';
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
  findProvider(request: EngineRequests['findProvider'], signal?: AbortSignal): Promise<EngineAnswers['findProvider']>;
  /** Begins to compile a build of the runtime, before it is known or after which one is needed; what fails is told by `start`. */
  compile(request: EngineRequests['compile'], signal?: AbortSignal): Promise<EngineAnswers['compile']>;
  /**
   * Starts the build that `findProvider` asked for, which `compile` was given; once in a worker's life. The plain one may be started
   * before it is known which is needed: where it turns out to be another, the worker is of no use.
   */
  start(request: EngineRequests['start'], signal?: AbortSignal): Promise<EngineAnswers['start']>;
  /** Makes a model that is still loaded the current one; null where it is not. */
  use(request: EngineRequests['use'], signal?: AbortSignal): Promise<EngineAnswers['use']>;
  /** Scans, taps, loads and self-tests a model, which becomes the current one; those used least recently are unloaded where they would not fit. */
  load(request: EngineRequests['load'], signal?: AbortSignal): Promise<EngineAnswers['load']>;
  /** Brings one of the files that `load` was told to wait for; any other is left alone. */
  file(request: EngineRequests['file'], signal?: AbortSignal): Promise<EngineAnswers['file']>;
  /** Makes a loaded model's sessions in which heads can be off, once; false where they have to be made and the files were not given. */
  gated(request: EngineRequests['gated'], signal?: AbortSignal): Promise<EngineAnswers['gated']>;
  /**
   * Tokenises, runs the encoder (or a decoder-only model over the prompt), keeps its attention. INVALID_REQUEST where the model is not
   * loaded, where it is not `gated` and heads are to be off, and where the intervention cannot be.
   */
  explain(request: EngineRequests['explain'], signal?: AbortSignal): Promise<EngineAnswers['explain']>;
  /**
   * Goes on generating; a `step` event each. An abort ends it within one step; what was generated stays. With several beams it searches,
   * a `beams` event after a step, and then shows the best text.
   */
  generate(request: EngineRequests['generate'], signal?: AbortSignal): Promise<EngineAnswers['generate']>;
  branch(request: EngineRequests['branch'], signal?: AbortSignal): Promise<EngineAnswers['branch']>;
  /** Replaces the generation by `text`, teacher-forced in one parallel pass. */
  force(request: EngineRequests['force'], signal?: AbortSignal): Promise<EngineAnswers['force']>;
  /** Shows another text of the search that the one on show is of. INVALID_REQUEST where there is no such one. */
  openBeam(request: EngineRequests['openBeam'], signal?: AbortSignal): Promise<EngineAnswers['openBeam']>;
  head(request: EngineRequests['head'], signal?: AbortSignal): Promise<EngineAnswers['head']>;
  tokenWeights(request: EngineRequests['tokenWeights'], signal?: AbortSignal): Promise<EngineAnswers['tokenWeights']>;
  atlas(request: EngineRequests['atlas'], signal?: AbortSignal): Promise<EngineAnswers['atlas']>;
  /**
   * Makes a measure of a text, and keeps it with the explanation; at once where it is there. Null where sessions have to be made and the
   * files were not given: ask again with them.
   */
  measure(request: EngineRequests['measure'], signal?: AbortSignal): Promise<EngineAnswers['measure']>;
  /** Where every head of a kind looks, on this text. */
  roles(request: EngineRequests['roles'], signal?: AbortSignal): Promise<EngineAnswers['roles']>;
  /** Where every head looks on the probe set; takes seconds, tells its progress. INVALID_REQUEST where the model is not loaded. */
  measureHeads(request: EngineRequests['measureHeads'], signal?: AbortSignal): Promise<EngineAnswers['measureHeads']>;
  /** Which source words each written word was made from. INVALID_REQUEST where there is no cross-attention. */
  alignment(request: EngineRequests['alignment'], signal?: AbortSignal): Promise<EngineAnswers['alignment']>;
  /** Null where sessions have to be made and the files were not given: ask again with them. */
  probeText(request: EngineRequests['probeText'], signal?: AbortSignal): Promise<EngineAnswers['probeText']>;
  /** Null where sessions have to be made and the files were not given. INVALID_REQUEST where a head cannot be switched off. */
  headsOff(request: EngineRequests['headsOff'], signal?: AbortSignal): Promise<EngineAnswers['headsOff']>;
  /** Takes a pass a head; a `costs` event after each. Null as `headsOff`. */
  headCosts(request: EngineRequests['headCosts'], signal?: AbortSignal): Promise<EngineAnswers['headCosts']>;
  /** Null as `headsOff`. INVALID_REQUEST where the model has no such place. */
  lesson(request: EngineRequests['lesson'], signal?: AbortSignal): Promise<EngineAnswers['lesson']>;
  /** Takes a pass a piece; a `leftOut` event after each. Null as `headsOff`. */
  leaveOut(request: EngineRequests['leaveOut'], signal?: AbortSignal): Promise<EngineAnswers['leaveOut']>;
  /** Null and INVALID_REQUEST as `leaveOut`. */
  inputWithout(request: EngineRequests['inputWithout'], signal?: AbortSignal): Promise<EngineAnswers['inputWithout']>;
  /** Null as `headsOff`. INVALID_REQUEST where there is no such place. */
  lens(request: EngineRequests['lens'], signal?: AbortSignal): Promise<EngineAnswers['lens']>;
  /**
   * Takes one pass. Null as `headsOff`. INVALID_REQUEST where there is no such place or token; MODEL_UNSUPPORTED with the reason where the
   * model's form does not allow it.
   */
  attribution(request: EngineRequests['attribution'], signal?: AbortSignal): Promise<EngineAnswers['attribution']>;
  /** Forgets an explanation and frees its tensors. */
  release(request: EngineRequests['release'], signal?: AbortSignal): Promise<EngineAnswers['release']>;
}
