/** What an encoder-only model with a language-model head puts in place of masked tokens. */
import { topTokens, type TokenProbability } from './probabilities';
import { readFloats } from './tensors';
import type { Tensor } from './session';

export interface RawFill {
  readonly index: number;
  readonly top: readonly TokenProbability[];
}

/** True where an output is logits over the vocabulary for every position. */
export function isTokenLogits(tensor: Tensor, positions: number, vocabulary: number): boolean {
  const [batch, length, width] = tensor.dims;
  return tensor.dims.length === 3 && batch === 1 && length === positions && width !== undefined && width > 1 && width >= vocabulary;
}

/**
 * The ten most probable tokens at each of `positions`.
 * @param tensor logits [1, length, vocabulary]; freed
 */
export async function readFills(tensor: Tensor, positions: readonly number[]): Promise<readonly RawFill[]> {
  const vocabulary = tensor.dims[2] ?? 0;
  const logits = await readFloats(tensor);
  return positions.map((index) => ({ index, top: topTokens(logits.subarray(index * vocabulary, (index + 1) * vocabulary)) }));
}
