/**
 * A session maps named tensors to named tensors. The engine implements it over onnxruntime-web; tests over
 * onnxruntime-node too. The shapes are those of ONNX Runtime's JavaScript API, so that its tensors fit as they are.
 */
import type { ElementType, TensorSignature } from '../onnx/types';

export type { ElementType, TensorSignature };

export type ElementArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A tensor, in memory or still on the device. */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Downloads where needed; row-major elements. float16 comes as Uint16Array (IEEE 754 half bits) or Float16Array. */
  read(): Promise<ElementArray>;
  /**
   * Of a tensor on the device, [1, heads, rows, size]: downloads the rows from `from` on, [heads][rows − from][size], and leaves the
   * tensor where it is. Undefined of one in memory, and of another shape.
   * @throws ExplainError GPU_LOST, OUT_OF_MEMORY, RUN_FAILED
   */
  readonly rowsOnDevice?: ((from: number) => Promise<ElementArray>) | undefined;
  /** Frees device memory; the tensor must not be used again. */
  dispose(): void;
}

export interface TensorSession {
  readonly inputs: readonly TensorSignature[];
  readonly outputNames: readonly string[];
  tensor(type: ElementType, data: ElementArray, dims: readonly number[]): Tensor;
  /**
   * Runs the graph. `fetches` names the outputs wanted (all if left out); only those are computed and returned.
   * `onDevice` names outputs that are to stay on the device (key/value caches).
   * @throws ExplainError RUN_FAILED, OUT_OF_MEMORY, GPU_LOST
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[],
    onDevice?: (output: string) => boolean,
  ): Promise<Readonly<Record<string, Tensor>>>;
  dispose(): Promise<void>;
}
