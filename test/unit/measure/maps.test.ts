/** Maps out of a store of real blocks, against sums written out by hand. */
import { describe, expect, test } from 'vitest';
import { AttentionStore } from '../../../src/attention/attentionStore';
import type { KindInfo } from '../../../src/attention/types';
import { fromByte } from '../../../src/measure/bytes';
import { mapInSteps, toMatrix, type AttentionMap, type HeadsMapRef } from '../../../src/measure/map';
import { measureOf } from '../../../src/measure/measure';
import { measuredHeads, measuredRow } from '../../../src/measure/rows';
import type { HeadsSource } from '../../../src/measure/source';

const INFO: KindInfo = { kind: 'encoder', layers: 2, heads: 2, kvHeads: 2, queries: 'source', keys: 'source' };

/** [layer][head][query][key], rows of two that sum to 1. */
const WEIGHTS = [
  [
    [0.5, 0.5, 0.25, 0.75],
    [1, 0, 0, 1],
  ],
  [
    [0.75, 0.25, 0.5, 0.5],
    [0.25, 0.75, 0.25, 0.75],
  ],
];

function store(): AttentionStore {
  const made = new AttentionStore([INFO], false);
  WEIGHTS.forEach((heads, layer) =>
    made.append({ kind: 'encoder', layer, heads: 2, queries: 2, keys: 2, data: new Float32Array(heads.flat()) }, 0),
  );
  return made;
}

const ONE_HEAD: HeadsSource = { type: 'head' };
const of = (by: 'mean' | 'max', ...heads: readonly (readonly [layer: number, head: number])[]): HeadsSource => ({
  type: 'heads',
  by,
  heads: heads.map(([layer, head]) => ({ layer, head })),
});
const ALL = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

function map(ref: Partial<HeadsMapRef>): AttentionMap {
  const whole: HeadsMapRef = {
    kind: 'encoder',
    layer: 0,
    head: 1,
    measure: 'weight',
    source: ONE_HEAD,
    axis: 'tokens',
    ...ref,
  };
  const steps = mapInSteps(store().kind('encoder'), whole);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const rows = (ref: Partial<HeadsMapRef>): readonly number[] => [...map(ref).rows()];

describe('sources', () => {
  test('a head is itself; mean and maximum are over the layer’s heads or over all', () => {
    expect(rows({ source: ONE_HEAD })).toEqual([1, 0, 0, 1]);
    expect(rows({ source: of('mean', [0, 0], [0, 1]) })).toEqual([0.75, 0.25, 0.125, 0.875]);
    expect(rows({ source: of('max', [0, 0], [0, 1]) })).toEqual([1, 0.5, 0.25, 1]);
    expect(rows({ source: of('max', [1, 0], [1, 1]) })).toEqual([0.75, 0.75, 0.5, 0.75]);
    expect(rows({ source: of('mean', ...ALL) })).toEqual([0.625, 0.375, 0.25, 0.75]);
    expect(rows({ source: of('max', ...ALL) })).toEqual([1, 0.75, 0.5, 1]);
  });
});

describe('the difference from the mean head', () => {
  test('is signed, sums to 0 in each row, and is 0 for the mean itself', () => {
    expect(rows({ measure: 'difference' })).toEqual([0.375, -0.375, -0.25, 0.25]);
    expect(rows({ measure: 'difference', source: of('mean', [0, 0], [0, 1]) })).toEqual([0.125, -0.125, -0.125, 0.125]);
    expect(rows({ measure: 'difference', source: of('mean', ...ALL) })).toEqual([0, 0, 0, 0]);
    const { signed, range } = map({ measure: 'difference' });
    expect([signed, range]).toEqual([true, [-1, 1]]);
  });

  test('of one token is the row of the map, exactly, in every head', () => {
    const [weights] = store().tokenWeights('source', [1]);
    if (!weights) throw new Error('No weights.');
    const view = { layer: 0, head: 1, source: ONE_HEAD };
    expect([...measuredRow(weights, { ...view, measure: 'difference' })]).toEqual([-0.25, 0.25]);
    expect([...measuredRow(weights, { ...view, measure: 'difference', source: of('mean', [0, 0], [0, 1]) })]).toEqual([
      -0.125, 0.125,
    ]);
    expect([...measuredRow(weights, { ...view, measure: 'weight', source: of('max', ...ALL) })]).toEqual([0.5, 1]);
    // [layer][head][length], each head's own row less the mean of all.
    expect([...measuredHeads(weights, 'difference')]).toEqual([0, 0, -0.25, 0.25, 0.25, -0.25, 0, 0]);
  });
});

test('a map that travels says what it is of, and its numbers are within half a byte', () => {
  const source = of('mean', [1, 0], [1, 1]);
  const ref = { measure: 'difference', source, layer: 1 } as const;
  const matrix = toMatrix(map(ref));
  expect(matrix).toMatchObject({ kind: 'encoder', layer: 1, measure: 'difference', source, queries: 2 });
  const measure = measureOf(matrix);
  expect(measure.signed).toBe(true);
  expect(matrix.data).toHaveLength(4);
  matrix.data.forEach((byte, i) =>
    expect(Math.abs(fromByte(byte, measure) - (rows(ref)[i] ?? 9))).toBeLessThan(1 / 254),
  );
});
