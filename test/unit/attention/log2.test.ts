import { expect, test } from 'vitest';
import { entropyOf } from '../../../src/attention/log2';
import { random, softmaxRows } from './random';

test('entropy is that of Math.log2, from flat rows to single spikes', () => {
  const next = random(7);
  for (const keys of [1, 2, 3, 17, 256, 1000]) {
    const rows = 8;
    const data = softmaxRows(next, rows, keys, () => keys);
    const bits = new Uint32Array(data.buffer);
    for (let row = 0; row < rows; row++) {
      const wanted = -data
        .slice(row * keys, (row + 1) * keys)
        .reduce((sum, weight) => sum + weight * Math.log2(weight), 0);
      expect(Math.abs(entropyOf(data, bits, row * keys, (row + 1) * keys) - wanted)).toBeLessThan(2e-6);
    }
  }
});

test('zeros, ones and numbers that are none carry nothing', () => {
  const data = Float32Array.of(0, 1, 0, Number.NaN, 1e-42, -1);
  expect(entropyOf(data, new Uint32Array(data.buffer), 0, data.length)).toBe(0);
  const flat = new Float32Array(64).fill(1 / 64);
  expect(entropyOf(flat, new Uint32Array(flat.buffer), 0, 64)).toBeCloseTo(6, 6);
});
