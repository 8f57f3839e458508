import { expect, test } from 'vitest';
import { costScale } from '../../../src/measure/costScale';

test('the largest change, gain or loss, is at the end of the scale; what was not measured counts for nothing', () => {
  expect(costScale(Float32Array.of(0.25, -2, NaN, 1))).toBe(0.5);
  // Changes that are next to nothing are not made to look large.
  expect(costScale(Float32Array.of(0.001, NaN))).toBeCloseTo(20, 6);
  expect(costScale(new Float32Array(0))).toBeCloseTo(20, 6);
});
