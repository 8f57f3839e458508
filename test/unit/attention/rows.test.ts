import { describe, expect, it } from 'vitest';
import { rowOf, strongestHeads } from '../../../src/attention/rows';
import type { TokenWeights } from '../../../src/attention/types';

const weights = (kind: TokenWeights['kind'], role: TokenWeights['role'], data: readonly number[]): TokenWeights => ({
  kind,
  role,
  layers: 2,
  heads: 1,
  length: data.length / 2,
  data: new Float32Array(data),
});

const ENCODER = weights('encoder', 'query', [0.1, 0.9, 0.5, 0.5]);
const CROSS_KEY = weights('cross', 'key', [0.2, 0.3, 0.4, 0.5]);

describe('rowOf', () => {
  it('is the chosen head’s row where the token is a query of the chosen kind', () => {
    const found = rowOf([CROSS_KEY, ENCODER], { kind: 'encoder', layer: 1, head: 0 });
    expect(found?.mean).toBe(false);
    expect([...(found?.row ?? [])]).toEqual([0.5, 0.5]);
  });

  it('is the mean over all heads of another kind where it is not', () => {
    const found = rowOf([CROSS_KEY, ENCODER], { kind: 'cross', layer: 0, head: 0 });
    expect(found?.mean).toBe(true);
    expect(found?.of.kind).toBe('encoder');
    expect([...(found?.row ?? [])].map((w) => Number(w.toFixed(6)))).toEqual([0.3, 0.7]);
  });

  it('is nothing where the token is no query at all', () => {
    expect(rowOf([CROSS_KEY], { kind: 'cross', layer: 0, head: 0 })).toBeUndefined();
  });
});

describe('strongestHeads', () => {
  it('orders heads by their largest weight among what may be shown', () => {
    expect(strongestHeads(ENCODER, () => true).map(({ layer, head, index }) => [layer, head, index])).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(strongestHeads(ENCODER, (index) => index === 0).map(({ layer, index }) => [layer, index])).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });
});
