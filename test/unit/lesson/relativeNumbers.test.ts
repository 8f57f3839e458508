/** Rotation angles, numbers by distance, and rows of sines and cosines, on numbers that are computed by hand. */
import { expect, test } from 'vitest';
import { anglesOf, biasOfHeads, isSinusoid, turned, wrapped } from '../../../src/lesson/relativeNumbers';

const close = (row: readonly number[]): unknown[] => row.map((value): unknown => expect.closeTo(value, 6));

test('an angle is read off its cosine and sine, whichever way the pairs stand, and whatever both are multiplied by', () => {
  const table = (angles: readonly number[], by = 1) => {
    const of = (wave: (angle: number) => number) => ({
      rows: 1,
      columns: angles.length,
      data: Float32Array.from(angles, (angle) => by * wave(angle)),
    });
    return anglesOf(of(Math.cos), of(Math.sin));
  };
  expect([...table([3, 0.1]).data]).toEqual(close([3, 0.1]));
  expect([...table([3, 0.1, 3, 0.1], 1.2).data]).toEqual(close([3, 0.1]));
  expect([...table([3, 3, 0.1, 0.1]).data]).toEqual(close([3, 0.1]));
  // Beyond half a turn it comes back from the other side.
  expect([...table([4, 0.5]).data]).toEqual(close([4 - 2 * Math.PI, 0.5]));
  expect(wrapped(7)).toBeCloseTo(7 - 2 * Math.PI, 12);
  expect([...turned([1, 0.1], 4, [4 - 2 * Math.PI, 0.4])]).toEqual(close([4 - 2 * Math.PI, 0.4]));
});

test('what heads add to a query’s scores is cut out, also where it is the same for every query', () => {
  const data = Float32Array.from({ length: 12 }, (_, index) => index);
  expect(biasOfHeads({ layout: 'maps', dims: [1, 2, 2, 3], data }, 1)).toEqual({
    rows: 2,
    columns: 3,
    data: Float32Array.of(3, 4, 5, 9, 10, 11),
  });
  expect([...biasOfHeads({ layout: 'flat-maps', dims: [4, 1, 3], data }, 1).data]).toEqual([...data]);
});

test('sines and cosines of a place are told from rows that were learned', () => {
  const angles = [7, 7 / 100];
  const beside = angles.flatMap((angle) => [Math.sin(angle), Math.cos(angle)]);
  const halves = [...angles.map(Math.sin), ...angles.map(Math.cos)];
  expect([isSinusoid(beside, 7), isSinusoid(halves, 7)]).toEqual([true, true]);
  expect([isSinusoid(beside, 8), isSinusoid([0.1, -0.2, 0.3, 0.05], 7)]).toEqual([false, false]);
});
