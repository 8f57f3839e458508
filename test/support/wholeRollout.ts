/** Rollout at once, of whole matrices: what the engine's, in slices, is held against. */
import { productInSteps, withResidual } from '../../src/measure/rollout/rollout';

/** @param data [heads][queries][keys] @returns the mean over heads, [queries][keys] */
export function meanOverHeads(data: Float32Array, heads: number): Float32Array {
  const size = data.length / heads;
  const mean = new Float32Array(size);
  for (let head = 0; head < heads; head++)
    for (let i = 0; i < size; i++) mean[i] = (mean[i] as number) + (data[head * size + i] as number) / heads; // within
  return mean;
}

/**
 * @param layers each layer's mean over heads, [tokens][tokens] row-major, first layer first
 * @param causal nothing right of the diagonal is read or written (a decoder's masked self-attention)
 * @returns rollout up to and with each layer, [tokens][tokens]; every row sums to 1
 */
export function rollout(layers: readonly Float32Array[], tokens: number, causal: boolean): readonly Float32Array[] {
  const out: Float32Array[] = [];
  let before: Float32Array | undefined;
  for (const layer of layers) {
    const mixed = withResidual(layer, tokens, causal);
    before = before ? toEnd(productInSteps(mixed, before, tokens, tokens, tokens, causal)) : mixed;
    out.push(before);
  }
  return out;
}

function toEnd<T>(steps: Generator<undefined, T, undefined>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * Cross-attention carried back to the source text: the decoder looks at what the encoder made of the text, and its
 * rollout says what that is made of.
 *
 * @param cross one layer's mean over heads, [queries][keys]
 * @param encoder the encoder's rollout through its last layer, [keys][keys]
 * @returns [queries][keys]
 */
export function carriedBack(cross: Float32Array, encoder: Float32Array, keys: number): Float32Array {
  return toEnd(productInSteps(cross, encoder, cross.length / keys, keys, keys, false));
}
