/** Σ exp over a vocabulary. With Math.exp that costs more than everything else of a step outside the model. */

/** Steps of the table in an octave. */
const STEPS = 32;
const SCALE = STEPS * Math.LOG2E;
const STEP = Math.LN2 / STEPS;
/** What is smaller than exp(this) beside 1 is lost in a float64 sum. */
const SMALLEST = -60;
/** 2^(-n / STEPS), 22 KiB: stays in the processor's first cache. */
const POWERS = Float64Array.from({ length: Math.ceil(-SMALLEST * SCALE) + 1 }, (_, n) => 2 ** (-n / STEPS));

/**
 * Σ exp(values[i] − largest), for values that are no larger: a table of powers, and for the rest, within ±ln 2 / 64, a
 * polynomial (Tang 1989). Within 1e-13 of each term, some three times as fast as Math.exp.
 * @param values [vocabulary]; −∞ adds 0, NaN makes the sum NaN
 */
export function sumOfExp(values: Float32Array, largest: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const x = (values[i] as number) - largest; // i < length
    if (x < SMALLEST) continue;
    // x ≤ 0, so that truncation rounds to the nearest.
    const n = (0.5 - x * SCALE) | 0;
    const r = x + n * STEP;
    const r2 = r * r;
    sum += (POWERS[n] as number) * (1 + r + r2 * (1 / 2 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)))); // n ≤ 60 · SCALE + 1
  }
  return sum;
}
