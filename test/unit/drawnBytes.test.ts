import { expect, test } from 'vitest';
import type { MapMatrix } from '../../src/attention/types';
import { drawnBytes } from '../../webview/state/shown/shownWeights';

const items = (...special: readonly boolean[]) => special.map((isSpecial) => ({ special: isSpecial }));
const mapOf = (measure: 'weight' | 'difference', data: readonly number[]) =>
  ({ kind: 'decoder', measure, queries: 2, keys: 3, data: Uint8Array.from(data) }) as unknown as MapMatrix;

test('bytes as they are drawn: hidden rows and columns are zero, rows may have the whole scale', () => {
  const weights = mapOf('weight', [51, 0, 102, 255, 20, 40]);
  const [rows, columns] = [items(false, false), items(true, false, false)];
  expect(drawnBytes(weights, rows, columns, false, false)).toBe(weights.data); // nothing to change, nothing copied
  expect([...drawnBytes(weights, rows, columns, true, false)]).toEqual([0, 0, 102, 0, 20, 40]);
  // By row, what is hidden does not count for the scale.
  expect([...drawnBytes(weights, rows, columns, true, true)]).toEqual([0, 0, 255, 0, 128, 255]);
  expect([...drawnBytes(weights, items(false, true), columns, true, true)]).toEqual([0, 0, 255, 0, 0, 0]);
  expect([...drawnBytes(mapOf('weight', [0, 0, 0, 0, 1, 0]), rows, columns, false, true)]).toEqual([
    0, 0, 0, 0, 255, 0,
  ]);
  // A signed measure has its zero in the middle.
  expect([...drawnBytes(mapOf('difference', [100, 128, 192, 128, 128, 128]), rows, items(), false, true)]).toEqual([
    72, 128, 255, 128, 128, 128,
  ]);
  expect([...weights.data]).toEqual([51, 0, 102, 255, 20, 40]);
});
