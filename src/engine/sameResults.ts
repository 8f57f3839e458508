/** The tapped graph's results against the untapped file's: reading attention must not change what the model computes. */
import { ExplainError } from '../errors';
import { notFinite } from '../transformer/probabilities';

/**
 * @param tolerance of the largest difference, relative to the largest result (at least 1)
 * @throws ExplainError SELFTEST_FAILED; NOT_FINITE where the untapped file computes no numbers either
 */
export function checkSame(tapped: Float32Array, untapped: Float32Array, path: string, tolerance: number): void {
  let scale = 1;
  let worst = tapped.length === untapped.length ? 0 : Infinity;
  for (let i = 0; i < tapped.length && worst < Infinity; i++) {
    const a = tapped[i] ?? Number.NaN;
    const b = untapped[i] ?? Number.NaN;
    // Equal infinities differ by NaN.
    if (a === b) continue;
    if (Number.isNaN(a) && i < untapped.length && Number.isNaN(b)) throw notFinite();
    scale = Math.max(scale, Math.abs(b));
    const difference = Math.abs(a - b);
    worst = difference >= 0 ? Math.max(worst, difference) : Infinity;
  }
  if (worst <= tolerance * scale) return;
  throw new ExplainError(
    'SELFTEST_FAILED',
    'The model gives other results when its attention is read, so nothing is shown; choose another export or another execution provider.',
    {
      detail: `${path}: a difference of ${worst}, with results up to ${scale}`,
    },
  );
}
