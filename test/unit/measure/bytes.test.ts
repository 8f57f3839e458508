import { describe, expect, test } from 'vitest';
import { fromByte, toByte, toBytes, zeroByte } from '../../../src/measure/bytes';
import { MEASURES } from '../../../src/measure/measure';

describe('bytes of a fixed scale', () => {
  test('a weight of 1.002 is the end of the scale, not its beginning', () => {
    expect([0, 0.5, 1, 1.002, 2, -0.1, Number.NaN].map((weight) => toByte(weight, MEASURES.weight))).toEqual([
      0, 128, 255, 255, 255, 0, 0,
    ]);
  });

  test('signed numbers have their zero in the middle and both ends equally far', () => {
    expect([-2, -1, -0.5, 0, 0.5, 1, 2].map((value) => toByte(value, MEASURES.difference))).toEqual([
      1, 1, 65, 128, 192, 255, 255,
    ]);
    expect([zeroByte(MEASURES.weight), zeroByte(MEASURES.difference)]).toEqual([0, 128]);
  });

  test('a byte is within half a step of the number that it was', () => {
    for (const [measure, step] of [
      [MEASURES.weight, 1 / 255],
      [MEASURES.difference, 1 / 127],
    ] as const) {
      const values = Float32Array.from({ length: 201 }, (_, i) => (measure.signed ? i / 100 - 1 : i / 200));
      toBytes(values, measure).forEach((byte, i) =>
        expect(Math.abs(fromByte(byte, measure) - (values[i] ?? Infinity))).toBeLessThanOrEqual(step / 2 + 1e-6),
      );
    }
  });
});
