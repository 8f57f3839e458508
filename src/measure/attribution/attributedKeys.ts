/**
 * A logit as a sum (direct logit attribution, Elhage et al. 2021; Ferrando et al. 2023, arXiv 2305.12535): what each head adds through each
 * key, and what else there is. All numbers are in units of the logit, and signed.
 */
import type { AttentionKind, AttributedKind, AttributedRest } from '../../attention/types';

/** One head's part through one key. */
export interface AttributedEdge {
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly head: number;
  readonly key: number;
  readonly value: number;
}

/**
 * What each head adds through each key: its weight on the key times what a weight of one there would add.
 * @param weights [layer][head][keys], one query's rows
 * @param factors of each layer, [head][stride] with stride ≥ keys
 */
export function throughKeys(
  weights: Float32Array,
  factors: readonly Float32Array[],
  { heads, keys, stride }: { readonly heads: number; readonly keys: number; readonly stride: number },
): Float32Array {
  const values = new Float32Array(factors.length * heads * keys);
  for (const [layer, own] of factors.entries())
    for (let head = 0; head < heads; head++)
      for (let key = 0; key < keys; key++) {
        const at = (layer * heads + head) * keys + key;
        values[at] = (weights[at] ?? 0) * (own[head * stride + key] ?? 0);
      }
  return values;
}

/** What each head adds in all, [layer · heads + head]. */
export function headSums({ layers, heads, keys, values }: AttributedKind): Float64Array {
  const sums = new Float64Array(layers * heads);
  for (let at = 0; at < values.length; at++) {
    const head = Math.floor(at / keys);
    sums[head] = (sums[head] ?? 0) + (values[at] ?? 0);
  }
  return sums;
}

/** What goes through each key, over all heads of the kind, [keys]. */
export function keySums({ keys, values }: AttributedKind): Float64Array {
  const sums = new Float64Array(keys);
  for (let at = 0; at < values.length; at++) sums[at % keys] = (sums[at % keys] ?? 0) + (values[at] ?? 0);
  return sums;
}

const total = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
};

/** All parts but the rounding, and how large they are together without their signs: what rounding is held against. */
export function partsTotal(
  kinds: readonly AttributedKind[],
  { embeddings, feedForward, constants }: Omit<AttributedRest, 'rounding'>,
): { readonly sum: number; readonly size: number } {
  const heads = kinds.flatMap((kind) => [...headSums(kind)]);
  const all = [...heads, ...feedForward, embeddings, constants];
  return { sum: total(all), size: all.reduce((size, part) => size + Math.abs(part), 0) };
}

/** The edges that add most (`sign` 1) or take most away (-1), largest first; at most `count`, none of the other sign. */
export function strongestEdges(
  kinds: readonly AttributedKind[],
  sign: 1 | -1,
  count: number,
): readonly AttributedEdge[] {
  const best: AttributedEdge[] = [];
  for (const { kind, heads, keys, values } of kinds)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? 0;
      const least = best.length < count ? 0 : sign * (best.at(-1)?.value ?? 0);
      if (!(sign * value > least)) continue;
      const head = Math.floor(at / keys);
      const edge = { kind, layer: Math.floor(head / heads), head: head % heads, key: at % keys, value };
      const place = best.findIndex((other) => sign * other.value < sign * value);
      best.splice(place < 0 ? best.length : place, 0, edge);
      best.length = Math.min(best.length, count);
    }
  return best;
}
