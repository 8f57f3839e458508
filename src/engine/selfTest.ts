/** Checks of captured weights against what attention must be, on a short text at load. Nothing unchecked is shown. */
import { ExplainError } from '../errors';
import type { LayerWeights } from '../transformer/capture';

export interface Tolerance {
  /** Of a row's sum from 1. */
  readonly sum: number;
  /** Rows may sum to less than 1 (learned sinks, fully masked rows). */
  readonly mayLoseMass: boolean;
}

function fail(label: string, what: string): ExplainError {
  return new ExplainError('SELFTEST_FAILED', `What was found in the model is not attention as it must be (${label}: ${what}), so nothing is shown; choose another export of the model.`, { detail: `${label}: ${what}` });
}

/**
 * Values in [0, 1], rows that sum to 1, and no look ahead in a masked self-attention.
 * @param from the query that the first row is
 * @throws ExplainError SELFTEST_FAILED
 */
export function checkWeights(weights: LayerWeights, label: string, from: number, tolerance: Tolerance): void {
  const { data, heads, queries, keys, kind } = weights;
  if (data.length !== heads * queries * keys) throw fail(label, `${data.length} numbers for ${heads} × ${queries} × ${keys}`);
  for (let row = 0; row < heads * queries; row++) {
    const seen = kind === 'decoder' ? from + (row % queries) + 1 : keys;
    let sum = 0;
    for (let key = 0; key < keys; key++) {
      const weight = data[row * keys + key] ?? Number.NaN;
      if (!(weight >= 0 && weight <= 1 + tolerance.sum)) throw fail(label, `a weight of ${weight}`);
      if (key >= seen && weight > 1e-6) throw fail(label, `query ${from + (row % queries)} looks ahead at key ${key}`);
      sum += weight;
    }
    if (sum > 1 + tolerance.sum || (!tolerance.mayLoseMass && sum < 1 - tolerance.sum)) throw fail(label, `a row that sums to ${sum.toFixed(6)}`);
  }
}

/**
 * The tapped graph's result against the untapped one's.
 * @throws ExplainError SELFTEST_FAILED
 */
export function checkSame(tapped: Float32Array, untapped: Float32Array, label: string, tolerance: number): void {
  let scale = 1;
  let worst = tapped.length === untapped.length ? 0 : Infinity;
  for (let i = 0; i < tapped.length && worst < Infinity; i++) {
    const a = tapped[i] ?? Number.NaN;
    const b = untapped[i] ?? Number.NaN;
    if (a === b) continue;
    scale = Math.max(scale, Math.abs(b));
    const difference = Math.abs(a - b);
    worst = difference >= 0 ? Math.max(worst, difference) : Infinity;
  }
  if (worst > tolerance * scale) throw fail(label, `its results change by ${worst} when attention is read`);
}
