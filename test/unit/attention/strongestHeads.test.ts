import { describe, expect, it } from 'vitest';
import { strongestHeads } from '../../../src/attention/strongestHeads';
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
