/** Numbers out of weights, for the views: rows, strongest tokens, means. Nothing here rescales what the model computed. */
import type { HeadMatrix, KindInfo, Token, TokenWeights } from '../../src/attention/types';
import { isHidden } from './appState';

/** The [length] row of one head in a token's weights; a view, not a copy. */
export function rowOf({ data, heads, length }: TokenWeights, layer: number, head: number): Float32Array {
  const from = (layer * heads + head) * length;
  return data.subarray(from, from + length);
}

export interface Strongest {
  readonly index: number;
  readonly weight: number;
}

/** The `most` largest weights above 0 of a row, largest first, hidden tokens left out. */
export function strongest(
  row: Float32Array,
  tokens: readonly Token[],
  hide: boolean,
  most: number,
): readonly Strongest[] {
  const best: Strongest[] = [];
  let least = 0;
  for (let index = 0; index < row.length; index++) {
    const weight = row[index] ?? 0;
    if (weight <= least || isHidden(tokens[index], hide)) continue;
    let at = best.length;
    while (at > 0 && (best[at - 1]?.weight ?? 0) < weight) at--;
    best.splice(at, 0, { index, weight });
    if (best.length > most) best.pop();
    if (best.length === most) least = best[most - 1]?.weight ?? 0;
  }
  return best;
}

/** Each head's strongest token, [layer][head]: its weight and its index (-1 where all weights are 0). */
export function headMaxima(
  weights: TokenWeights,
  tokens: readonly Token[],
  hide: boolean,
): { readonly weight: Float32Array; readonly index: Int32Array } {
  const { layers, heads, length, data } = weights;
  const weight = new Float32Array(layers * heads);
  const index = new Int32Array(layers * heads).fill(-1);
  const hidden = Uint8Array.from({ length }, (_, at) => (isHidden(tokens[at], hide) ? 1 : 0));
  for (let head = 0, from = 0; head < layers * heads; head++, from += length) {
    for (let at = 0; at < length; at++) {
      const value = data[from + at] ?? 0;
      if (hidden[at] === 1 || value <= (weight[head] ?? 0)) continue;
      weight[head] = value;
      index[head] = at;
    }
  }
  return { weight, index };
}

/** One token's weight in every head, [layer][head]. */
export function headWeightsAt({ layers, heads, length, data }: TokenWeights, at: number): Float32Array {
  return Float32Array.from({ length: layers * heads }, (_, head) =>
    at < length ? (data[head * length + at] ?? 0) : 0,
  );
}

/**
 * The mean weight that each key receives, 0 to 1, from the queries that may look at it (in a causal self-attention
 * those at or after it); hidden queries are left out.
 */
export function meanReceived(
  matrix: HeadMatrix,
  info: KindInfo,
  queries: readonly Token[],
  hide: boolean,
): Float32Array {
  const { data, keys } = matrix;
  const causal = info.kind === 'decoder';
  const sums = new Float32Array(keys);
  const counts = new Uint32Array(keys);
  for (let query = 0; query < matrix.queries; query++) {
    if (isHidden(queries[query], hide)) continue;
    const last = causal ? Math.min(keys - 1, query) : keys - 1;
    for (let key = 0, at = query * keys; key <= last; key++, at++) {
      sums[key] = (sums[key] ?? 0) + (data[at] ?? 0);
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return sums.map((sum, key) => sum / 255 / Math.max(1, counts[key] ?? 1));
}

/** The bytes as they are drawn: hidden rows and columns 0; each row by its own largest weight where asked. */
export function drawnBytes(
  matrix: HeadMatrix,
  queries: readonly Token[],
  keys: readonly Token[],
  hide: boolean,
  byRow: boolean,
): Uint8Array {
  const anyHidden = hide && (queries.some(({ special }) => special) || keys.some(({ special }) => special));
  if (!anyHidden && !byRow) return matrix.data;
  const out = new Uint8Array(matrix.data.length);
  const shown = Uint8Array.from({ length: matrix.keys }, (_, key) => (isHidden(keys[key], hide) ? 0 : 1));
  for (let query = 0; query < matrix.queries; query++) {
    if (isHidden(queries[query], hide)) continue;
    const from = query * matrix.keys;
    let scale = 1;
    if (byRow) {
      let most = 0;
      for (let key = 0; key < matrix.keys; key++)
        if (shown[key] === 1) most = Math.max(most, matrix.data[from + key] ?? 0);
      scale = most > 0 ? 255 / most : 0;
    }
    for (let key = 0; key < matrix.keys; key++)
      if (shown[key] === 1) out[from + key] = Math.round((matrix.data[from + key] ?? 0) * scale);
  }
  return out;
}

export function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
