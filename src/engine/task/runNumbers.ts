/** A run's result in memory. */
import { readFloats } from '../../transformer/tensors';
import type { Tensor } from '../../transformer/tensorSession';

export interface RunNumbers {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Reads a tensor and frees it. */
export async function numbersOf(tensor: Tensor): Promise<RunNumbers> {
  const { dims } = tensor;
  return { dims, data: await readFloats(tensor) };
}
