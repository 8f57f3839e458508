/** A logit as a sum, on cases worked by hand. */
import { expect, test } from 'vitest';
import type { AttributedKind } from '../../../src/attention/types';
import {
  headSums,
  keySums,
  partsTotal,
  strongestEdges,
  throughKeys,
} from '../../../src/measure/attribution/attributedKeys';

const of = (...values: number[]): Float32Array => Float32Array.from(values);

/** Two layers of two heads over three keys. */
const SELF: AttributedKind = {
  kind: 'decoder',
  layers: 2,
  heads: 2,
  keys: 3,
  values: of(1, -2, 0.5, 0, 0, 0, 4, 0, -1, -3, 0.25, 2),
};
const CROSS: AttributedKind = { kind: 'cross', layers: 1, heads: 1, keys: 2, values: of(-5, 3) };

test('a head adds its weight on a key times what a weight of one there would add; keys that no query has seen are left out', () => {
  const weights = of(0.5, 0.5, 0.25, 0.75, 1, 0, 0, 1);
  const factors = [of(2, -4, 99, 8, 4, 99), of(1, 2, 99, 3, -6, 99)];
  expect([...throughKeys(weights, factors, { heads: 2, keys: 2, stride: 3 })]).toEqual([1, -2, 2, 3, 1, 0, 0, -6]);
});

test('sums by head and by key, and of all', () => {
  expect([...headSums(SELF)]).toEqual([-0.5, 0, 3, -0.75]);
  expect([...keySums(SELF)]).toEqual([2, -1.75, 1.5]);
  const rest = { embeddings: 2, feedForward: of(1, -4), constants: 0.5 };
  // Heads −0.5 + 0 + 3 − 0.75 − 2, and 2 + 1 − 4 + 0.5; without signs 6.25 + 7.5.
  expect(partsTotal([SELF, CROSS], rest)).toEqual({ sum: -0.75, size: 13.75 });
});

test('the strongest edges of each sign, over all kinds, and none of the other sign', () => {
  expect(strongestEdges([SELF, CROSS], 1, 3)).toEqual([
    { kind: 'decoder', layer: 1, head: 0, key: 0, value: 4 },
    { kind: 'cross', layer: 0, head: 0, key: 1, value: 3 },
    { kind: 'decoder', layer: 1, head: 1, key: 2, value: 2 },
  ]);
  expect(strongestEdges([SELF, CROSS], -1, 99).map(({ value }) => value)).toEqual([-5, -3, -2, -1]);
  expect(strongestEdges([SELF], 1, 0)).toEqual([]);
  expect(strongestEdges([], 1, 5)).toEqual([]);
});
