/** Weights are proved by the product with the values, in both layouts, with groups and with a cache. */
import { describe, expect, it } from 'vitest';
import { proveWeights, type ProofOptions, type Rows } from '../../../src/attention/proof';
import { unmovedByLast } from '../../../src/attention/selfTest';

const OPTIONS: ProofOptions = {
  label: 'decoder_attentions.0',
  heads: 2,
  queries: 1,
  keys: 2,
  valueHeads: 1,
  tolerance: 1e-6,
};
const WEIGHTS = Float32Array.of(0.25, 0.75, 1, 0);
/** Two tokens of one key/value head of two features: (4, 0) and (0, 8). */
const VALUES: Rows = { dims: [1, 2, 2], data: Float32Array.of(4, 0, 0, 8) };
const RESULT: Rows = { dims: [1, 1, 4], data: Float32Array.of(1, 6, 4, 0) };
const prove = (values: Rows, before: readonly Rows[], result: Rows, options: Partial<ProofOptions> = {}): string[] =>
  proveWeights(WEIGHTS, values, before, result, { ...OPTIONS, ...options });

describe('weights times values', () => {
  it('are the result, whichever way the tensors are laid out', () => {
    expect(prove(VALUES, [], RESULT)).toEqual([]);
    const byHead: Rows = { dims: [1, 1, 2, 2], data: VALUES.data };
    expect(prove(byHead, [], { dims: [1, 2, 1, 2], data: RESULT.data })).toEqual([]);
  });

  it('take the values of a cache where the pass has those of its own tokens only', () => {
    const before: Rows = { dims: [1, 1, 2], data: Float32Array.of(4, 0) };
    const own: Rows = { dims: [1, 1, 2], data: Float32Array.of(0, 8) };
    expect(prove(own, [before], RESULT)).toEqual([]);
    expect(prove(own, [], RESULT)).toEqual([expect.stringContaining('cannot be proved')]);
  });

  it('fail where a weight is off, by more than rounding of the largest value', () => {
    const off: Rows = { ...RESULT, data: Float32Array.of(1, 6, 4, 0.01) };
    expect(prove(VALUES, [], off)).toEqual([expect.stringContaining('0.0100 off the operator’s own result')]);
    expect(prove(VALUES, [], off, { tolerance: 2e-3 })).toEqual([]);
    expect(prove(VALUES, [], { ...RESULT, data: Float32Array.of(1, 6, Number.NaN, 0) })).toHaveLength(1);
  });

  it('fail where the shapes do not fit', () => {
    for (const wrong of [
      { ...RESULT, dims: [1, 2, 4] },
      { ...RESULT, dims: [4] },
      { ...RESULT, dims: [2, 1, 2] },
    ])
      expect(prove(VALUES, [], wrong)).toEqual([expect.stringContaining('cannot be proved')]);
  });
});

it('rows before the last stay as they are where nothing looks ahead', () => {
  const map = (...data: number[]): { data: Float32Array; heads: number; queries: number; keys: number } => ({
    data: Float32Array.from(data),
    heads: 1,
    queries: 2,
    keys: 2,
  });
  expect(unmovedByLast([map(1, 0, 0.3, 0.7)], [map(1, 0, 0.9, 0.1)], 0.01)).toBe(true);
  expect(unmovedByLast([map(0.5, 0.5, 0.3, 0.7)], [map(0.6, 0.4, 0.3, 0.7)], 0.01)).toBe(false);
  expect(unmovedByLast([map(1, 0, 0.3, 0.7)], [], 0.01)).toBe(false);
});
