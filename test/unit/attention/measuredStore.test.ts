/** A measure in place of the weights: every question that views ask, on numbers worked by hand. */
import { describe, expect, test } from 'vitest';
import { AttentionStore } from '../../../src/attention/attentionStore';
import { MeasuredStore, type MeasuredKind } from '../../../src/attention/measuredStore';
import type { Atlas, AttentionKind, KindInfo } from '../../../src/attention/types';

const SELF: KindInfo = { kind: 'encoder', layers: 1, heads: 2, kvHeads: 2, queries: 'source', keys: 'source' };
const CROSS: KindInfo = { kind: 'cross', layers: 1, heads: 2, kvHeads: 2, queries: 'target', keys: 'source' };

/** Two heads over two tokens, the first of which is special. */
function weights(): AttentionStore {
  const store = new AttentionStore([SELF, CROSS], false);
  store.setSpecial('source', [true, false]);
  const data = Float32Array.of(0.75, 0.25, 0.5, 0.5, 1, 0, 0, 1);
  store.append({ kind: 'encoder', layer: 0, heads: 2, queries: 2, keys: 2, data }, 0);
  store.append({ kind: 'cross', layer: 0, heads: 2, queries: 1, keys: 2, data: Float32Array.of(0.5, 0.5, 1, 0) }, 0);
  return store;
}

const MOVED: MeasuredKind = {
  how: 'scaled',
  fit: { measure: 'moved', most: 6, plain: false },
  // Three keys were in the pass; the third has not been looked at yet.
  factors: [Float32Array.of(1, 4, 9, 2, 6, 9)],
  keys: 3,
};

function layered(): MeasuredKind {
  const store = new AttentionStore([{ ...SELF, heads: 1, kvHeads: 1 }], false);
  const data = Float32Array.of(0.5, 0.5, 0.25, 0.75);
  store.append({ kind: 'encoder', layer: 0, heads: 1, queries: 2, keys: 2, data }, 0);
  return { how: 'layered', fit: { measure: 'contribution', most: 1, plain: false }, store };
}

const measured = (kind: MeasuredKind): MeasuredStore => new MeasuredStore(weights(), new Map([['encoder', kind]]));

function atlas(store: MeasuredStore, kind: AttentionKind): Atlas {
  const steps = store.atlasInSteps({ kind, maxCell: 2, hideSpecial: false });
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

describe('weights times a number for each key', () => {
  const store = measured(MOVED);

  test('a head, exact and as bytes of the scale’s end', () => {
    expect([...store.kind('encoder').headRows(0, 0)]).toEqual([0.75, 1, 0.5, 2]);
    expect([...store.kind('encoder').headRows(0, 1)]).toEqual([2, 0, 0, 6]);
    expect([...store.head({ kind: 'encoder', layer: 0, head: 1 }).data]).toEqual([85, 0, 0, 255]);
  });

  test('a token as query, and as key; of several keys the sum', () => {
    const [query, key] = store.tokenWeights('source', [1]);
    expect([query?.role, query?.fit?.measure, ...(query?.data ?? [])]).toEqual(['query', 'moved', 0.5, 2, 0, 6]);
    expect([key?.role, ...(key?.data ?? [])]).toEqual(['key', 1, 2, 0, 6]);
    const both = store.tokenWeights('source', [0, 1]);
    expect([...(both[0]?.data ?? [])]).toEqual([0.625, 1.5, 1, 3]);
    expect([...(both[1]?.data ?? [])]).toEqual([1.75, 2.5, 2, 6]);
  });

  test('the overview: pictures by the scale, sink mass as a share of the row', () => {
    const { data, sinkMass, fit } = atlas(store, 'encoder');
    expect(fit?.most).toBe(6);
    expect([...data.subarray(4)]).toEqual([85, 0, 0, 255]);
    // Head 0: 0.75/1.75 and 0.5/2.5; head 1: 1 and 0.
    expect(sinkMass[0]).toBeCloseTo((0.75 / 1.75 + 0.2) / 2, 6);
    expect(sinkMass[1]).toBe(0.5);
    expect(weights().atlas({ kind: 'encoder', maxCell: 2, hideSpecial: false }).sinkMass[0]).toBeCloseTo(0.625, 6);
  });

  test('a kind that it could not be made for shows its weights, and says so', () => {
    expect(store.fit('cross')).toBeUndefined();
    const [entry] = store.tokenWeights('target', [0]);
    expect([entry?.kind, entry?.fit, ...(entry?.data ?? [])]).toEqual(['cross', undefined, 0.5, 0.5, 1, 0]);
    expect(atlas(store, 'cross').fit).toBeUndefined();
  });
});

describe('one map a layer', () => {
  const store = measured(layered());

  test('has one head, whichever is asked for', () => {
    expect(store.info('encoder')).toMatchObject({ heads: 1, kvHeads: 1, layers: 1 });
    expect([...store.head({ kind: 'encoder', layer: 0, head: 1 }).data]).toEqual([128, 128, 64, 191]);
    const [query] = store.tokenWeights('source', [1]);
    expect([query?.heads, query?.fit?.measure, ...(query?.data ?? [])]).toEqual([1, 'contribution', 0.25, 0.75]);
  });

  test('its sink mass is of the rows as they are', () => {
    const { heads, sinkMass } = atlas(store, 'encoder');
    expect([heads, sinkMass[0]]).toEqual([1, 0.375]);
  });

  test('earlier tokens only', () => {
    const cut = store.upTo({ source: 1, target: 1 });
    expect([...cut.kind('encoder').headRows(0, 0)]).toEqual([0.5, 0.5]);
  });
});
