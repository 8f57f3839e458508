/** The lesson's arithmetic, in double precision over the model's own float32 numbers. Shapes: vectors, and matrices row-major. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns]. */
  readonly data: Float32Array;
}

export type Vector = ArrayLike<number>;

export const rowOf = ({ columns, data }: Matrix, row: number): Float32Array =>
  data.subarray(row * columns, (row + 1) * columns);

export function columnOf({ rows, columns, data }: Matrix, column: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => data[row * columns + column] ?? 0);
}

export function innerProduct(one: Vector, other: Vector): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i] ?? 0) * (other[i] ?? 0);
  return sum;
}

/** x·W + b for the columns [from, from + count) of W. */
export function affine(x: Vector, weight: Matrix, bias: Vector | null, from = 0, count = weight.columns): Float64Array {
  const out = new Float64Array(count);
  for (let column = 0; column < count; column++) out[column] = bias?.[from + column] ?? 0;
  for (let row = 0; row < weight.rows; row++) {
    const factor = x[row] ?? 0;
    const start = row * weight.columns + from;
    for (let column = 0; column < count; column++)
      out[column] = (out[column] ?? 0) + factor * (weight.data[start + column] ?? 0);
  }
  return out;
}

/** exp(z / temperature) over its sum; the largest is taken off first, so that nothing overflows. */
export function softmax(scores: Vector, temperature = 1): Float64Array {
  let most = -Infinity;
  for (let i = 0; i < scores.length; i++) most = Math.max(most, scores[i] ?? -Infinity);
  const parts = Float64Array.from(scores, (score) => Math.exp((score - most) / temperature));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

/** What a norm is made of: LayerNorm (Ba et al. 2016) or RMSNorm (Zhang and Sennrich 2019). */
export interface NormNumbers {
  readonly kind: 'layer' | 'rms';
  readonly epsilon: number;
  readonly weight: Vector | null;
  readonly bias: Vector | null;
}

export interface Normed {
  readonly mean: number;
  /** √(variance + ε). */
  readonly deviation: number;
  readonly values: Float64Array;
}

export function normed(x: Vector, { kind, epsilon, weight, bias }: NormNumbers): Normed {
  const values = Float64Array.from(x);
  const mean = kind === 'layer' ? values.reduce((a, b) => a + b, 0) / values.length : 0;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance + epsilon);
  return {
    mean,
    deviation,
    values: values.map((value, i) => ((value - mean) / deviation) * (weight?.[i] ?? 1) + (bias?.[i] ?? 0)),
  };
}

/** Σ w_j v_j over the rows of `values`. */
export function weighted(weights: Vector, values: Matrix): Float64Array {
  const out = new Float64Array(values.columns);
  for (let row = 0; row < values.rows; row++) {
    const weight = weights[row] ?? 0;
    for (let column = 0; column < values.columns; column++)
      out[column] = (out[column] ?? 0) + weight * (values.data[row * values.columns + column] ?? 0);
  }
  return out;
}

/** The number c for which c·from is nearest to `to`, least squares; 1 where `from` is zero. */
export function factorBetween(from: Vector, to: Vector): number {
  const size = innerProduct(from, from);
  return size === 0 ? 1 : innerProduct(from, to) / size;
}

/** erf to 1.2e-7 (Numerical Recipes 6.2, erfc by a Chebyshev fit). */
function erf(x: number): number {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const tau =
    t *
    Math.exp(
      -x * x -
        1.26551223 +
        t *
          (1.00002368 +
            t *
              (0.37409196 +
                t *
                  (0.09678418 +
                    t *
                      (-0.18628806 +
                        t *
                          (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))),
    );
  return x >= 0 ? 1 - tau : tau - 1;
}

/** The activations of feed-forward networks, by their usual names. */
export const ACTIVATIONS = {
  ReLU: (x: number) => Math.max(0, x),
  GELU: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  'GELU (tanh)': (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  SiLU: (x: number) => x / (1 + Math.exp(-x)),
  'quick GELU': (x: number) => x / (1 + Math.exp(-1.702 * x)),
} as const;
export type ActivationName = keyof typeof ACTIVATIONS;

/** The largest difference between two vectors; NaN counts as infinite, and so does another length. */
export function apart(one: Vector, other: Vector): number {
  if (one.length !== other.length) return Infinity;
  let most = 0;
  for (let i = 0; i < one.length; i++) {
    const a = one[i] ?? NaN;
    const b = other[i] ?? NaN;
    if (a === b) continue;
    const difference = Math.abs(a - b);
    most = Math.max(most, Number.isNaN(difference) ? Infinity : difference);
  }
  return most;
}
