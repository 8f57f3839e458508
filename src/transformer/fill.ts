/** What an encoder-only model with a language-model head puts in place of masked tokens. */
import { probabilityOf, probabilityRank, topTokens, type TokenProbability } from './probabilities';
import { readFloats } from './tensors';
import type { Tensor } from './tensorSession';

/** A position that holds the mask, and the id of the token that it hides; null where the mask was typed. */
export interface MaskedPlace {
  readonly index: number;
  readonly original: number | null;
}

export interface RawFill {
  readonly index: number;
  readonly top: readonly TokenProbability[];
  /** What the mask hides, with its own probability here and its 1-based rank over the vocabulary. */
  readonly original: (TokenProbability & { readonly rank: number }) | null;
}

/** True where an output is logits over the vocabulary for every position. */
export function isTokenLogits(tensor: Tensor, positions: number, vocabulary: number): boolean {
  const [batch, length, width] = tensor.dims;
  return (
    tensor.dims.length === 3 &&
    batch === 1 &&
    length === positions &&
    width !== undefined &&
    width > 1 &&
    width >= vocabulary
  );
}

/**
 * The ten most probable tokens at each of `places`, and how probable the hidden one is.
 * @param tensor logits [1, length, vocabulary]; freed
 */
export async function readFills(tensor: Tensor, places: readonly MaskedPlace[]): Promise<readonly RawFill[]> {
  const vocabulary = tensor.dims[2] ?? 0;
  const logits = await readFloats(tensor);
  return places.map(({ index, original }) => {
    const own = logits.subarray(index * vocabulary, (index + 1) * vocabulary);
    return {
      index,
      top: topTokens(own),
      original:
        original === null
          ? null
          : { id: original, probability: probabilityOf(own, original), rank: probabilityRank(own, original) },
    };
  });
}
