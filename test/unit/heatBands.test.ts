/** Pictures of many cells are drawn band by band. */
import { expect, test } from 'vitest';
import { bandsOf } from '../../webview/render/heatBands';

test('what shows a cell a pixel, or few of them, is one band', () => {
  expect(bandsOf({ width: 600, height: 400, cell: 12 }, 4096, 4096)).toEqual([{ top: 0, height: 400 }]);
  expect(bandsOf({ width: 500, height: 500, cell: 0.5 }, 1000, 1000)).toEqual([{ top: 0, height: 500 }]);
  expect(bandsOf({ width: 0, height: 0, cell: 0.5 }, 0, 0)).toEqual([{ top: 0, height: 0 }]);
});

test('bands cover all of a picture of many cells, each once, and none looks at more than a million', () => {
  const [height, cell] = [631, 631 / 4096];
  const bands = bandsOf({ width: 631, height, cell }, 4096, 4096);
  expect(bands.map(({ top }) => top)).toEqual([0, ...bands.map((band) => band.top + band.height)].slice(0, -1));
  expect(bands.reduce((sum, band) => sum + band.height, 0)).toBe(height);
  for (const band of bands) expect((Math.floor(band.height - 1) / cell) * 4096).toBeLessThan(1e6);
  // Enlarged, less of it is under the pixels.
  expect(bandsOf({ width: 631, height, cell: 0.8 }, 4096, 4096)).toEqual([{ top: 0, height }]);
});
