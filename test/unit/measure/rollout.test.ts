import { expect, test } from 'vitest';
import { carriedBack, meanOverHeads, rollout } from '../../support/wholeRollout';

/** Plain definition in double precision: rows of ½(A + I) normalised, multiplied from the last layer to the first. */
function directly(layers: readonly (readonly (readonly number[])[])[]): readonly (readonly number[])[] {
  const mixed = layers.map((layer) =>
    layer.map((row, i) => {
      const sum = row.reduce((a, b) => a + b, 0);
      const half = row.map((weight, j) => 0.5 * (sum > 0 ? weight / sum : 0) + (i === j ? 0.5 : 0));
      const all = half.reduce((a, b) => a + b, 0);
      return half.map((value) => value / all);
    }),
  );
  return mixed.reduce((before, layer) =>
    layer.map((row) => row.map((_, j) => row.reduce((sum, weight, k) => sum + weight * (before[k]?.[j] ?? 0), 0))),
  );
}

function randomRows(tokens: number, causal: boolean, seed: number): number[][] {
  let state = seed;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: tokens }, (_, i) => {
    const row = Array.from({ length: tokens }, (_, j) => (causal && j > i ? 0 : random()));
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((weight) => weight / sum);
  });
}

test.each([false, true])('the product of the layers, causal %s', (causal) => {
  const layers = [1, 2, 3].map((seed) => randomRows(9, causal, seed));
  const flat = layers.map((layer) => Float32Array.from(layer.flat()));
  const rolled = rollout(flat, 9, causal);
  for (const depth of [1, 2, 3]) {
    const expected = directly(layers.slice(0, depth)).flat();
    rolled[depth - 1]?.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 6));
  }
});

test('worked by hand: two tokens, two layers', () => {
  // ½(A+I) of the first: [[1, 0], [.5, .5]]; of the second: [[.5, .5], [0, 1]].
  const first = Float32Array.from([1, 0, 1, 0]);
  const second = Float32Array.from([0, 1, 0, 1]);
  expect(rollout([first, second], 2, false).map((layer) => [...layer])).toEqual([
    [1, 0, 0.5, 0.5],
    [0.75, 0.25, 0.5, 0.5],
  ]);
});

test('a row that lost its mass keeps what the residual carries', () => {
  expect([...(rollout([Float32Array.from([0, 0, 0, 0.25])], 2, false)[0] ?? [])]).toEqual([1, 0, 0, 1]);
});

test('cross-attention carried back through the encoder', () => {
  const cross = Float32Array.from([1, 0, 0.5, 0.5]);
  const encoder = Float32Array.from([0.75, 0.25, 0.5, 0.5]);
  expect([...carriedBack(cross, encoder, 2)]).toEqual([0.75, 0.25, 0.625, 0.375]);
});

test('the mean over heads', () => {
  expect([...meanOverHeads(Float32Array.from([1, 0, 0, 1]), 2)]).toEqual([0.5, 0.5]);
});
