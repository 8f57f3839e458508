/**
 * Proves weights that were computed beside a fused operator: weights · values must be what the operator itself gave. An operator
 * whose meaning changes in a later runtime is found so when a model is loaded.
 */
import { say } from '../text/say';

/** A tensor in memory: [1, tokens, heads · size] or [1, heads, tokens, size], row-major. */
export interface Rows {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface ProofOptions {
  /** What is checked, for the report: `decoder_attentions.3`. */
  readonly label: string;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Key/value heads by which values of three dimensions are divided; 0 where only their size tells. */
  readonly valueHeads: number;
  /** Largest difference that passes, as a share of the largest value. Each result is a mean of values, weighed by the weights. */
  readonly tolerance: number;
}

/** Reads one element by head, token and feature, whichever way a tensor is laid out. */
interface Layout {
  readonly heads: number;
  readonly tokens: number;
  readonly size: number;
  at(head: number, token: number): number;
}

function layoutOf({ dims, data }: Rows, heads: number): Layout | undefined {
  const [batch, second = 0, third = 0, fourth = 0] = dims;
  if (batch !== 1 || data.length !== dims.reduce((product, dim) => product * dim, 1)) return undefined;
  if (dims.length === 4)
    return { heads: second, tokens: third, size: fourth, at: (head, token) => (head * third + token) * fourth };
  if (dims.length !== 3 || heads <= 0 || third % heads !== 0) return undefined;
  const size = third / heads;
  return { heads, tokens: second, size, at: (head, token) => token * third + head * size };
}

/**
 * @param weights [head][query][key]
 * @param before values of the keys that stand before those of this pass (a cache), in the same layout; empty for none
 * @returns what is wrong, one sentence; empty where all is well
 */
export function proveWeights(
  weights: Float32Array,
  values: Rows,
  before: readonly Rows[],
  result: Rows,
  options: ProofOptions,
): string[] {
  const { label, heads, queries, keys, valueHeads, tolerance } = options;
  const given = layoutOf(result, heads);
  const kvHeads = valueHeads > 0 ? valueHeads : heads;
  const own = layoutOf(values, kvHeads);
  if (!given || !own || given.heads !== heads || given.tokens !== queries || given.size !== own.size)
    return [say('attention.wrong.shapes', { label, values: values.dims.join(', '), result: result.dims.join(', ') })];
  // A cache is needed only where this pass's own values are not of all keys (cross-attention gives them all at every step).
  const parts = own.tokens === keys ? [values] : [...before, values];
  const layouts = parts.map((part) => ({ layout: layoutOf(part, kvHeads), data: part.data }));
  const count = layouts.reduce((sum, { layout }) => sum + (layout?.tokens ?? Number.NaN), 0);
  if (count !== keys || own.heads === 0 || heads % own.heads !== 0)
    return [say('attention.wrong.values', { label, count, keys })];

  let largest = 0;
  for (const { data } of layouts) for (const value of data) largest = Math.max(largest, Math.abs(value));
  const group = heads / own.heads;
  const sum = new Float64Array(own.size);
  let worst = 0;
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < queries; query++) {
      sum.fill(0);
      let key = 0;
      for (const { layout, data } of layouts) {
        for (let token = 0; layout && token < layout.tokens; token++, key++) {
          const weight = weights[(head * queries + query) * keys + key] ?? Number.NaN;
          const at = layout.at(Math.floor(head / group), token);
          for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] ?? 0) + weight * (data[at + d] ?? Number.NaN);
        }
      }
      const at = given.at(head, query);
      for (let d = 0; d < sum.length; d++) {
        const difference = Math.abs((sum[d] ?? Number.NaN) - (result.data[at + d] ?? Number.NaN));
        worst = difference >= 0 ? Math.max(worst, difference) : Infinity;
      }
    }
  }
  if (worst <= tolerance * largest) return [];
  return [say('attention.wrong.result', { label, worst: worst.toPrecision(3), largest: largest.toPrecision(3) })];
}
