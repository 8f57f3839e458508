/** The lasso against cases that are solved by hand, the closed form of an orthogonal design, and the conditions of its optimum. */
import { describe, expect, test } from 'vitest';
import { lasso, predicted } from '../../../src/measure/lasso';

/** All masks of three pieces: their columns are uncorrelated. */
const CUBE = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 1, (bits >> 1) & 1, (bits >> 2) & 1]);

describe('lasso', () => {
  test('one column, solved by hand: the slope of the standardised column less α, in the column’s own units', () => {
    // Standardised the column is −1, −1, 1, 1 (deviation 0.5), the values around their mean −1, −1, 1, 1: slope 1, less 0.1.
    const fit = lasso([[0], [0], [1], [1]], [1, 1, 3, 3], 0.1);
    expect(fit.weights[0]).toBeCloseTo(0.9 / 0.5, 12);
    expect(fit.intercept).toBeCloseTo(2 - 1.8 * 0.5, 12);
    expect(predicted(fit, [1])).toBeCloseTo(2.9, 12);
    // Without α it is the line through the points; with more than the slope there is only the mean.
    expect([...lasso([[0], [0], [1], [1]], [1, 1, 3, 3], 0).weights]).toEqual([2]);
    expect(lasso([[0], [0], [1], [1]], [1, 1, 3, 3], 1.5)).toEqual({ weights: Float64Array.of(0), intercept: 2 });
  });

  test('an orthogonal design: each weight is the least-squares one, soft-thresholded by itself', () => {
    const values = CUBE.map(([a = 0, b = 0, c = 0]) => 3 + 2 * a - 0.5 * b + 0.15 * c);
    // Standardised: 1, −0.25 and 0.075; less 0.1: 0.9, −0.15 and 0; over the deviation 0.5.
    const { weights, intercept } = lasso(CUBE, values, 0.1);
    [1.8, -0.3, 0].forEach((one, at) => expect(weights[at]).toBeCloseTo(one, 12));
    expect(intercept).toBeCloseTo(3 + 1 - 0.25 + 0.075 - (1.8 - 0.3) / 2, 12);
  });

  test('correlated columns: the conditions of the optimum hold, which only one fit meets', () => {
    // 12 rows, 4 columns, of which two go together; numbers without a pattern.
    const rows = Array.from({ length: 12 }, (_, i) => {
      const [a, b, c] = [Math.sin(i * 7.1), Math.cos(i * 3.3), Math.sin(i * i)];
      return [a, b, a + 0.3 * b, c];
    });
    const values = rows.map(([a = 0, b = 0, , d = 0], i) => 1 + 2 * a - b + 0.05 * d + 0.2 * Math.cos(5 * i));
    const alpha = 0.15;
    const fit = lasso(rows, values, alpha);
    const rest = rows.map((row, i) => (values[i] ?? NaN) - predicted(fit, row));
    expect(rest.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 9);
    let zeros = 0;
    for (let at = 0; at < 4; at++) {
      const column = rows.map((row) => row[at] ?? NaN);
      const mean = column.reduce((sum, one) => sum + one, 0) / 12;
      const deviation = Math.sqrt(column.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 12);
      const slope = column.reduce((sum, one, i) => sum + ((one - mean) / deviation) * (rest[i] ?? NaN), 0) / 12;
      const weight = fit.weights[at] ?? NaN;
      if (weight === 0) zeros++;
      if (weight === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(alpha + 1e-9);
      else expect(slope).toBeCloseTo(alpha * Math.sign(weight), 8);
    }
    expect(zeros).toBeGreaterThan(0);
    expect(zeros).toBeLessThan(4);
  });

  test('a column that never changes has no weight, and values that never change need none', () => {
    const fit = lasso(
      [
        [1, 0],
        [1, 1],
      ],
      [2, 4],
      0,
    );
    expect([...fit.weights]).toEqual([0, 2]);
    expect(
      lasso(
        CUBE,
        CUBE.map(() => 5),
        0.01,
      ),
    ).toEqual({ weights: new Float64Array(3), intercept: 5 });
  });
});
