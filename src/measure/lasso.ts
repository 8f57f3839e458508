/**
 * The lasso (Tibshirani 1996): a linear fit most of whose weights are exactly 0, found by coordinate descent with soft thresholds
 * (Friedman et al. 2010, "Regularization Paths for Generalized Linear Models via Coordinate Descent").
 */

/** y ≈ intercept + Σ weights[j] · x[j] */
export interface LinearFit {
  /** [columns] */
  readonly weights: Float64Array;
  readonly intercept: number;
}

/** A fit of masks converges in tens of rounds. */
const MOST_ROUNDS = 1_000;
/** No weight of a standardised column moves by more than this share of the values' deviation: it has converged. */
const SETTLED = 1e-9;

/** What is left of a number whose size is taken back by `by`, and 0 where that is all of it. */
const shrunk = (value: number, by: number): number => Math.sign(value) * Math.max(0, Math.abs(value) - by);

/** A column around its mean, in units of its standard deviation; null where it is always the same. */
interface Column {
  readonly mean: number;
  readonly deviation: number;
  readonly values: Float64Array;
}

function standardised(rows: readonly ArrayLike<number>[], at: number): Column | null {
  const values = Float64Array.from(rows, (row) => row[at] as number); // every row has all columns
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
  return deviation === 0 ? null : { mean, deviation, values: values.map((one) => (one - mean) / deviation) };
}

/**
 * Minimises (1 / 2n) Σᵢ (yᵢ − b − Σⱼ wⱼ zᵢⱼ)² + α Σⱼ |wⱼ| over the columns z, each standardised to mean 0 and variance 1; the fit is
 * told in the columns' own units. The intercept b is free.
 * @param rows [n][columns], n at least 1
 * @param values [n]
 */
export function lasso(rows: readonly ArrayLike<number>[], values: ArrayLike<number>, alpha: number): LinearFit {
  const count = rows.length;
  const width = rows[0]?.length ?? 0;
  const middle = Array.from(values).reduce((sum, one) => sum + one, 0) / count;
  const columns = Array.from({ length: width }, (_, at) => standardised(rows, at));
  /** What is not explained yet. */
  const rest = Float64Array.from(values, (one) => one - middle);
  const spread = Math.sqrt(rest.reduce((sum, one) => sum + one * one, 0) / count);
  const scaled = new Float64Array(width);
  for (let round = 0, moved = Infinity; round < MOST_ROUNDS && moved > SETTLED * spread; round++) {
    moved = 0;
    for (const [at, column] of columns.entries()) {
      if (!column) continue;
      const before = scaled[at] as number; // at < width
      let slope = before;
      for (let i = 0; i < count; i++) slope += ((column.values[i] as number) * (rest[i] as number)) / count; // i < count
      const after = shrunk(slope, alpha);
      const step = after - before;
      if (step === 0) continue;
      scaled[at] = after;
      for (let i = 0; i < count; i++) rest[i] = (rest[i] as number) - step * (column.values[i] as number); // i < count
      moved = Math.max(moved, Math.abs(step));
    }
  }
  const weights = scaled.map((weight, at) => (columns[at] ? weight / columns[at].deviation : 0));
  return {
    weights,
    intercept: middle - columns.reduce((sum, column, at) => sum + (weights[at] as number) * (column?.mean ?? 0), 0), // at < width
  };
}

/** What a fit says of a row. */
export const predicted = ({ weights, intercept }: LinearFit, row: ArrayLike<number>): number =>
  weights.reduce((sum, weight, at) => sum + weight * (row[at] as number), intercept); // a row has all columns
