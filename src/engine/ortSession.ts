/** `Session` over onnxruntime-web's InferenceSession. */
import * as ort from 'onnxruntime-web/webgpu';
import { ExplainError } from '../errors';
import type { ElementArray, ElementType, Session, Tensor, TensorSignature } from '../transformer/session';

export interface SessionOptions {
  readonly provider: 'webgpu' | 'wasm';
  /** External data by the path that the graph names. */
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
  readonly disabledOptimizers: readonly string[];
  /** Inputs as the file declares them; the runtime loses some names and types. */
  readonly inputs: readonly TensorSignature[];
  /** Outputs that stay on the device (caches). */
  readonly onDevice: readonly string[];
  /** Names of nodes that the processor is to run where the provider is a graphics device. */
  readonly onCpu?: readonly string[];
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
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
export function mapRuntimeError(thrown: unknown, doing: 'load' | 'run'): ExplainError {
  if (thrown instanceof ExplainError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (OUT_OF_MEMORY.test(detail) || typeof thrown === 'number') {
    return new ExplainError(
      'OUT_OF_MEMORY',
      'There was not enough memory for this model and text; select less text, or choose a smaller or a quantised model.',
      { detail, cause: thrown },
    );
  }
  if (GPU_LOST.test(detail)) {
    return new ExplainError(
      'GPU_LOST',
      'The graphics device was lost; run Explain Attention again, it will use WASM.',
      { detail, cause: thrown },
    );
  }
  if (/requires f16/i.test(detail)) {
    return new ExplainError(
      'MODEL_UNSUPPORTED',
      'The model computes in half precision, which this graphics adapter cannot; choose another precision, or set “explainAttention.executionProvider” to wasm.',
      { detail, cause: thrown },
    );
  }
  return doing === 'load'
    ? new ExplainError(
        'MODEL_UNSUPPORTED',
        'The model runtime refused the model; choose another export or another precision of it.',
        { detail, cause: thrown },
      )
    : new ExplainError(
        'RUN_FAILED',
        'The model failed while it ran; try again, or choose another execution provider in the settings.',
        { detail, cause: thrown },
      );
}

class OrtTensor implements Tensor {
  constructor(readonly inner: ort.Tensor) {}

  get type(): ElementType {
    return this.inner.type;
  }

  get dims(): readonly number[] {
    return this.inner.dims;
  }

  async read(): Promise<ElementArray> {
    try {
      const data = this.inner.location === 'cpu' ? this.inner.data : await exclusively(() => this.inner.getData(true));
      // Only a string tensor's data are not numbers; readFloats (transformer/tensors.ts) refuses it by its type.
      return data as ElementArray;
    } catch (thrown) {
      throw mapRuntimeError(thrown, 'run');
    }
  }

  dispose(): void {
    if (this.inner.location === 'gpu-buffer') this.inner.dispose();
  }
}

class OrtSession implements Session {
  readonly #session: ort.InferenceSession;
  readonly inputs: readonly TensorSignature[];

  constructor(session: ort.InferenceSession, inputs: readonly TensorSignature[]) {
    this.#session = session;
    const wanted = new Set(session.inputNames);
    this.inputs = inputs.filter((input) => wanted.has(input.name));
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  tensor(type: ElementType, data: ElementArray, dims: readonly number[]): Tensor {
    return new OrtTensor(new ort.Tensor(type, data as ort.Tensor.DataType, dims));
  }

  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    return exclusively(async () => {
      const inner: Record<string, ort.Tensor> = {};
      for (const [name, tensor] of Object.entries(feeds)) {
        if (!(tensor instanceof OrtTensor))
          throw new ExplainError('INTERNAL', 'A tensor of another runtime was fed to this session.');
        inner[name] = tensor.inner;
      }
      try {
        const outputs = fetches ? await this.#session.run(inner, fetches) : await this.#session.run(inner);
        const result: Record<string, Tensor> = {};
        for (const [name, value] of Object.entries(outputs)) result[name] = new OrtTensor(value);
        return result;
      } catch (thrown) {
        throw mapRuntimeError(thrown, 'run');
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
export function createSession(bytes: Uint8Array, options: SessionOptions): Promise<Session> {
  const extra =
    options.disabledOptimizers.length === 0
      ? {}
      : { extra: { optimization: { disable_specified_optimizers: options.disabledOptimizers.join(';') } } };
  return exclusively(async () => {
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
      return new OrtSession(session, options.inputs);
    } catch (thrown) {
      throw mapRuntimeError(thrown, 'load');
    }
  });
}
