/** `TensorSession` over onnxruntime-web's InferenceSession. */
import * as ort from 'onnxruntime-web/webgpu';
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import { rowsOnDevice, wholeOnDevice } from './deviceReads';
import { needOf } from './needs';
import type {
  ElementArray,
  ElementType,
  TensorSession,
  Tensor,
  TensorSignature,
} from '../../transformer/tensorSession';

export interface SessionOptions {
  /** The file's path, for what is said where it fails. */
  readonly path: string;
  readonly provider: 'webgpu' | 'wasm';
  /** External data by the path that the graph names. */
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
  readonly disabledOptimizers: readonly string[];
  /** Inputs as the file declares them; the runtime loses some names and types. */
  readonly inputs: readonly TensorSignature[];
  /** Outputs that stay on the device: caches, and what is read in one download (`deviceReads.ts`). */
  readonly onDevice: readonly string[];
  /** Names of nodes that the processor is to run where the provider is a graphics device. */
  readonly onCpu?: readonly string[];
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
}

let told: (bytes: number) => void = () => undefined;

/** Calls `listener` with the bytes of a session before it is made, and with 0 when it is: in between this thread hears nothing. */
export function onMaking(listener: (bytes: number) => void): void {
  told = listener;
}

/** The runtime runs one thing at a time: sessions share one WebAssembly instance that cannot be entered twice. */
let queue: Promise<unknown> = Promise.resolve();

function exclusively<T>(task: () => Promise<T>): Promise<T> {
  const result = queue.then(task, task);
  queue = result.catch(() => undefined);
  return result;
}

const OUT_OF_MEMORY =
  /out of memory|bad_alloc|failed to allocate|allocation failed|OOM|invalid (?:typed )?array length|array buffer allocation|cannot enlarge memory|memory\.grow|exceeds the max buffer size|mapped at creation/i;
const GPU_LOST =
  /device (?:is |was )?lost|lost device|GPUDevice.*destroyed|A valid external Instance reference no longer exists|context (?:is |was )?lost/i;

/** Makes a coded error of what the runtime threw. C++ exceptions come as bare numbers, almost always std::bad_alloc. */
export function mapRuntimeError(
  thrown: unknown,
  doing: 'load' | 'run',
  { path, provider }: Pick<SessionOptions, 'path' | 'provider'>,
): ExplainError {
  if (thrown instanceof ExplainError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (OUT_OF_MEMORY.test(detail) || typeof thrown === 'number') {
    return new ExplainError('OUT_OF_MEMORY', say('engine.outOfMemory'), { detail, cause: thrown });
  }
  if (GPU_LOST.test(detail)) {
    return new ExplainError('GPU_LOST', say('engine.gpuLost'), { detail, cause: thrown });
  }
  if (/requires f16/i.test(detail)) {
    return new ExplainError('MODEL_UNSUPPORTED', say('engine.noHalfPrecision'), { detail, cause: thrown });
  }
  const gaps = { file: path, reason: reasonOf(detail) };
  const need = needOf(detail, { ...gaps, provider, version: ort.env.versions.web ?? ort.env.versions.common });
  if (need) return new ExplainError(need.code, need.sentence, { detail, cause: thrown });
  if (doing === 'load')
    return new ExplainError('MODEL_UNSUPPORTED', say('engine.sessionRefused', gaps), { detail, cause: thrown });
  const key = isOfFixedLength(detail) ? 'engine.runFixedLength' : 'engine.runFailed';
  return new ExplainError('RUN_FAILED', say(key, gaps), { detail, cause: thrown });
}

/** Sizes that do not fit: an export that was traced for texts of one length, or a cache of a fixed one. */
const SHAPES =
  /reshape|broadcast|incompatible dimensions|invalid dimensions|dimensions? mismatch|cannot be expanded|invalid expand shape|shape mismatch|Got: \d+ Expected: \d+|kv cache capacity/i;

/** True where what the runtime says is that a text's length does not fit the file's own sizes. */
export const isOfFixedLength = (detail: string): boolean => SHAPES.test(detail);

const MAX_REASON = 200;

/** What of the runtime's message says why: the node that failed and its status, without the runtime's own file names. */
export function reasonOf(message: string): string {
  const node = /while running (\w+) node\. Name:'([^']*)'/.exec(message);
  const status = /Status Message:\s*([^\n]*)/.exec(message)?.[1] ?? message.split('\n')[0] ?? '';
  const plain = status
    .replace(/^.*?\bERROR_MESSAGE: /, '')
    .replace(/^.*?\[E[A-Z0-9_]*\]\s*/, '')
    .replace(/(?:[A-Za-z]:)?[\w./\\-]+\.(?:cc|h|cpp):\d+\s*/g, '')
    // A C++ function with its arguments says nothing to people: its name alone stays.
    .replace(/^(?:[\w:<>*&]+ )*(?:\w+::)+(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)(?: const)?/, '$1:')
    .trim();
  const text = node ? `${node[1] ?? ''} ${node[2] ?? ''}: ${plain}` : plain;
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text;
}

class OrtTensor implements Tensor {
  /** What was downloaded, of a tensor that may be gone from the device since. */
  #read: Promise<ElementArray> | undefined;

  constructor(
    readonly inner: ort.Tensor,
    private readonly from: Pick<SessionOptions, 'path' | 'provider'>,
  ) {}

  get type(): ElementType {
    return this.inner.type;
  }

  get dims(): readonly number[] {
    return this.inner.dims;
  }

  async read(): Promise<ElementArray> {
    const { inner } = this;
    // Only a string tensor's data are not numbers; readFloats (transformer/tensors.ts) refuses it by its type.
    if (inner.location === 'cpu') return inner.data as ElementArray;
    this.#read ??= wholeOnDevice(inner) ?? exclusively(async () => (await inner.getData(true)) as ElementArray);
    return this.#mapped(this.#read);
  }

  get rowsOnDevice(): ((from: number) => Promise<ElementArray>) | undefined {
    const rows = rowsOnDevice(this.inner);
    return rows && ((from) => this.#mapped(rows(from)));
  }

  async #mapped<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (thrown) {
      throw mapRuntimeError(thrown, 'run', this.from);
    }
  }

  dispose(): void {
    if (this.inner.location === 'gpu-buffer') this.inner.dispose();
  }
}

/** A tensor for any session of a provider. */
export function ortTensor(
  type: ElementType,
  data: ElementArray,
  dims: readonly number[],
  from: Pick<SessionOptions, 'path' | 'provider'>,
): Tensor {
  return new OrtTensor(new ort.Tensor(type, data as ort.Tensor.DataType, dims), from);
}

class OrtSession implements TensorSession {
  readonly #session: ort.InferenceSession;
  readonly #from: Pick<SessionOptions, 'path' | 'provider'>;
  readonly inputs: readonly TensorSignature[];

  constructor(session: ort.InferenceSession, { inputs, path, provider }: SessionOptions) {
    this.#session = session;
    this.#from = { path, provider };
    const wanted = new Set(session.inputNames);
    this.inputs = inputs.filter((input) => wanted.has(input.name));
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  tensor(type: ElementType, data: ElementArray, dims: readonly number[]): Tensor {
    return ortTensor(type, data, dims, this.#from);
  }

  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    return exclusively(async () => {
      const inner: Record<string, ort.Tensor> = {};
      for (const [name, tensor] of Object.entries(feeds)) {
        if (!(tensor instanceof OrtTensor)) throw new ExplainError('INTERNAL', say('engine.foreignTensor'));
        inner[name] = tensor.inner;
      }
      try {
        const outputs = fetches ? await this.#session.run(inner, fetches) : await this.#session.run(inner);
        const result: Record<string, Tensor> = {};
        for (const [name, value] of Object.entries(outputs)) result[name] = new OrtTensor(value, this.#from);
        return result;
      } catch (thrown) {
        throw mapRuntimeError(thrown, 'run', this.#from);
      }
    });
  }

  dispose(): Promise<void> {
    return exclusively(() => this.#session.release());
  }
}

/**
 * Loads a model file.
 * @param bytes the (edited) ONNX file
 * @throws ExplainError MODEL_UNSUPPORTED, OUT_OF_MEMORY, GPU_LOST
 */
export function createSession(bytes: Uint8Array, options: SessionOptions): Promise<TensorSession> {
  const extra =
    options.disabledOptimizers.length === 0
      ? {}
      : { extra: { optimization: { disable_specified_optimizers: options.disabledOptimizers.join(';') } } };
  return exclusively(async () => {
    told(options.externalData.reduce((sum, { data }) => sum + data.length, bytes.length));
    try {
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: [
          options.provider === 'webgpu' && options.onCpu !== undefined && options.onCpu.length > 0
            ? { name: 'webgpu', forceCpuNodeNames: options.onCpu }
            : options.provider,
        ],
        graphOptimizationLevel: options.optimization ?? 'all',
        logSeverityLevel: 3,
        ...extra,
        ...(options.externalData.length === 0 ? {} : { externalData: options.externalData }),
        ...(options.provider === 'webgpu' && options.onDevice.length > 0
          ? {
              preferredOutputLocation: Object.fromEntries(
                options.onDevice.map((name) => [name, 'gpu-buffer' as const]),
              ),
            }
          : {}),
      });
      return new OrtSession(session, options);
    } catch (thrown) {
      throw mapRuntimeError(thrown, 'load', options);
    } finally {
      told(0);
    }
  });
}
