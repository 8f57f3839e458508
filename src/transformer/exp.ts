/** Σ exp over a vocabulary. With Math.exp that costs more than everything else of a step outside the model. */

/** Steps of the table in an octave. */
const STEPS = 32;
const SCALE = STEPS * Math.LOG2E;
const STEP = Math.LN2 / STEPS;
/** exp(-60) is about 1e-26: added to a sum of 1 or more it is lost in float64's rounding, so smaller terms need not be told apart. */
const SMALLEST = -60;
/** 2^(-n / STEPS), 22 KiB: stays in the processor's first cache. */
const POWERS = Float64Array.from({ length: Math.ceil(-SMALLEST * SCALE) + 1 }, (_, n) => 2 ** (-n / STEPS));

/**
 * Σ exp(values[i] − largest), for values that are no larger: a table of powers, and for the rest, within ±ln 2 / 64, a
 * polynomial (Tang 1989). Within 1e-13 of each term, some three times as fast as Math.exp.
 * @param values [vocabulary]; −∞ adds e⁻⁶⁰, NaN makes the sum NaN
 */
export function sumOfExp(values: Float32Array, largest: number): number {
  const { length } = values;
  let even = 0;
  let odd = 0;
  // Two sums at once: a step need not wait for the one before. What is below the smallest counts as the smallest, e⁻⁶⁰.
  for (let i = 0; i + 1 < length; i += 2) {
    const x = Math.max((values[i] as number) - largest, SMALLEST); // i + 1 < length
    const y = Math.max((values[i + 1] as number) - largest, SMALLEST);
    // Neither is above 0, so that truncation rounds to the nearest.
    const n = (0.5 - x * SCALE) | 0;
    const m = (0.5 - y * SCALE) | 0;
    const r = x + n * STEP;
    const s = y + m * STEP;
    even += (POWERS[n] as number) * (1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))))); // n, m ≤ 60 · SCALE + 1
    odd += (POWERS[m] as number) * (1 + s * (1 + s * (1 / 2 + s * (1 / 6 + s * (1 / 24 + s * (1 / 120))))));
  }
  return even + odd + (length % 2 === 1 ? Math.exp((values[length - 1] as number) - largest) : 0); // length > 0
}
