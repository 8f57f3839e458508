import type { HeadRef, TokenWeights } from './types';

/** What one token looks at, by one head or by the mean over heads. */
export interface QueryRow {
  /** [keys]. */
  readonly row: Float32Array;
  readonly of: TokenWeights;
  /** True where `row` is the mean over every layer and head. */
  readonly mean: boolean;
}

/**
 * The weights of the focused token over one sequence's keys, by the chosen head where the chosen kind has the token
 * as a query, else by the mean over all heads of the first kind that has it.
 */
export function rowOf(weights: readonly TokenWeights[], view: HeadRef): QueryRow | undefined {
  const queries = weights.filter(({ role }) => role === 'query');
  const chosen = queries.find(({ kind }) => kind === view.kind);
  if (chosen && view.layer < chosen.layers && view.head < chosen.heads) {
    const at = (view.layer * chosen.heads + view.head) * chosen.length;
    return { row: chosen.data.subarray(at, at + chosen.length), of: chosen, mean: false };
  }
  const of = queries[0];
  if (!of) return undefined;
  const count = of.layers * of.heads;
  const row = new Float32Array(of.length);
  for (let i = 0; i < of.data.length; i++) row[i % of.length] = (row[i % of.length] ?? 0) + (of.data[i] ?? 0) / count;
  return { row, of, mean: true };
}

/** A head's largest weight. */
export interface Peak {
  readonly layer: number;
  readonly head: number;
  readonly index: number;
  readonly weight: number;
}

/** Each head's largest weight to a token that may be shown, strongest heads first. */
export function strongestHeads(
  { layers, heads, length, data }: TokenWeights,
  may: (index: number) => boolean,
): readonly Peak[] {
  const peaks: Peak[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const at = (layer * heads + head) * length;
      let best = -1;
      let weight = 0;
      for (let i = 0; i < length; i++) {
        const w = data[at + i] ?? 0;
        if (w > weight && may(i)) {
          best = i;
          weight = w;
        }
      }
      if (best >= 0) peaks.push({ layer, head, index: best, weight });
    }
  }
  return peaks.sort((a, b) => b.weight - a.weight);
}
