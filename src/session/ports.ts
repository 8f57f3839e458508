/** What the room needs of the world: the engine, time, storage, settings, a log. VS Code's parts fit these as they are. */
import type { ExplainError } from '../errors';
import type {
  EngineApi,
  EngineEvents,
  ExplainRequest,
  ModelFiles,
  ModelKey,
  ModelReport,
  ProviderReport,
} from '../protocol/engine';
import type { ModelName } from './subject/subject';

/** Calls a listener with each event, until disposed; VS Code's `Event` is one. */
export type Listen<Value> = (listener: (value: Value) => unknown) => { dispose(): unknown };

/** A model that is loaded, and the service that runs it. */
export interface ReadyModel {
  readonly api: EngineApi;
  readonly key: ModelKey;
  readonly report: ModelReport;
  readonly provider: ProviderReport;
  /** Milliseconds from asking to loaded. */
  readonly milliseconds: number;
}

export interface EnginePort {
  /** The service, where a worker runs. */
  readonly api: EngineApi | undefined;
  /**
   * Loads what is needed. A method, so that a host that takes only models of its own fits: it is given no others.
   * @param text what is to be read: where the model has to be loaded, `onTokens` tells its tokens before that is done
   */
  acquire(model: ModelName, signal: AbortSignal, text?: Omit<ExplainRequest, 'model'>): Promise<ReadyModel>;
  /** A model's files once more, for sessions that are made beside those that it was loaded into. */
  files(model: ModelName, signal: AbortSignal | undefined): Promise<ModelFiles>;
  /** Goes on without the GPU, which has failed. */
  fallBackToWasm(failure: ExplainError): void;
  readonly onBeams: Listen<EngineEvents['beams']>;
  readonly onStep: Listen<EngineEvents['step']>;
  readonly onProgress: Listen<EngineEvents['progress']>;
  readonly onTokens: Listen<EngineEvents['tokens']>;
  readonly onMeasuring: Listen<EngineEvents['measuring']>;
  readonly onCosts: Listen<EngineEvents['costs']>;
  readonly onLeftOut: Listen<EngineEvents['leftOut']>;
}

export interface ClockPort {
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Runs something later; the returned function takes it back. */
  after(milliseconds: number, run: () => void): () => void;
}

/** Small JSON that outlives a reload. */
export interface StoragePort {
  get(key: string): unknown;
  set(key: string, value: unknown): PromiseLike<void>;
}

/** For which models the user wants texts in a chat template. */
export interface ChatPort {
  has(modelId: string): boolean;
  set(modelId: string, chat: boolean): Promise<void>;
}

export interface LogPort {
  info(line: string): void;
  error(line: string): void;
}

export interface SessionPorts {
  readonly engine: EnginePort;
  readonly clock: ClockPort;
  readonly storage: StoragePort;
  readonly chats: ChatPort;
  readonly log: LogPort;
  /** How many tokens are generated before generation waits for the user; read each time, as it can be changed. */
  readonly maxNewTokens: () => number;
  /** A name for an explanation, different each time. */
  readonly newId: () => string;
}
