/** Weights that are computed anew from queries and keys are those that were there, and take a part of their memory. */
import { beforeAll, describe, expect, test } from 'vitest';
import { AttentionStore } from '../../../src/attention/attentionStore';
import type { KindInfo } from '../../../src/attention/types';
import { random } from './random';

const [LAYERS, HEADS, KEY_HEADS, SIZE, TOKENS, PART] = [2, 4, 2, 16, 512, 64];
const SCALE = 0.3;
const INFO: KindInfo = {
  kind: 'decoder',
  layers: LAYERS,
  heads: HEADS,
  kvHeads: KEY_HEADS,
  queries: 'target',
  keys: 'target',
};

const next = random(11);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => 4 * next() - 2);
/** [layer] → [head][token][size] */
const QUERIES = Array.from({ length: LAYERS }, () => numbers(HEADS * TOKENS * SIZE));
const KEYS = Array.from({ length: LAYERS }, () => numbers(KEY_HEADS * TOKENS * SIZE));

/** The definition: softmax(scale · q·k) over the keys up to the query. */
function weightsOf(layer: number, head: number, query: number): readonly number[] {
  const [queries, keys] = [QUERIES[layer] ?? [], KEYS[layer] ?? []];
  const keyHead = Math.floor(head / (HEADS / KEY_HEADS));
  const scores = Array.from({ length: query + 1 }, (_, key) => {
    let sum = 0;
    for (let i = 0; i < SIZE; i++)
      sum += (queries[(head * TOKENS + query) * SIZE + i] ?? 0) * (keys[(keyHead * TOKENS + key) * SIZE + i] ?? 0);
    return Math.exp(SCALE * sum);
  });
  const total = scores.reduce((a, b) => a + b, 0);
  return scores.map((score) => score / total);
}

function rowsOf(layer: number, from: number, to: number): Float32Array {
  const data = new Float32Array(HEADS * (to - from) * to);
  for (let head = 0; head < HEADS; head++)
    for (let query = from; query < to; query++)
      data.set(weightsOf(layer, head, query), (head * (to - from) + query - from) * to);
  return data;
}

const slice = (data: Float32Array, heads: number, from: number, to: number): Float32Array => {
  const out = new Float32Array(heads * (to - from) * SIZE);
  for (let head = 0; head < heads; head++)
    out.set(data.subarray((head * TOKENS + from) * SIZE, (head * TOKENS + to) * SIZE), head * (to - from) * SIZE);
  return out;
};

/** Reads tokens [from, to) in parts, as weights or as queries. */
function read(store: AttentionStore, keep: boolean, from = 0, to = TOKENS): void {
  for (let at = from; at < to; at += PART)
    for (let layer = 0; layer < LAYERS; layer++) {
      const end = Math.min(to, at + PART);
      const queries = slice(QUERIES[layer] ?? new Float32Array(0), HEADS, at, end);
      const kept = { queries, size: SIZE, scale: SCALE };
      const data = rowsOf(layer, at, end);
      store.append(
        { kind: 'decoder', layer, heads: HEADS, queries: end - at, keys: end, data, ...(keep && { kept }) },
        at,
      );
    }
  if (keep)
    for (let layer = 0; layer < LAYERS; layer++)
      store.takeKeys(layer, slice(KEYS[layer] ?? new Float32Array(0), KEY_HEADS, 0, to), 0, to);
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
  return most;
};

/** Everything that is asked of a store gives the same. */
function expectSame(one: AttentionStore, other: AttentionStore): void {
  const [a, b] = [one, other].map((store) => store.kind('decoder'));
  for (const [layer, head] of [
    [0, 0],
    [1, 3],
  ] as const) {
    expect(worst(a?.headRows(layer, head) ?? [], b?.headRows(layer, head) ?? [])).toBeLessThan(1e-6);
    const ref = { kind: 'decoder', layer, head } as const;
    expect(worst(one.head(ref).data, other.head(ref).data)).toBeLessThanOrEqual(1);
  }
  const last = one.rows('decoder') - 1;
  for (const indices of [[0], [7, 8], [last], [3, last >> 1]]) {
    const [rows, others] = [one, other].map((store) => store.tokenWeights('target', indices));
    expect(rows?.map(({ role }) => role)).toEqual(['query', 'key']);
    for (const [at, { data }] of (rows ?? []).entries())
      expect(worst(data, others?.[at]?.data ?? [])).toBeLessThan(1e-6);
  }
  for (const hideSpecial of [false, true]) {
    const options = { kind: 'decoder', maxCell: 32, hideSpecial } as const;
    const [atlas, wanted] = [one.atlas(options), other.atlas(options)];
    expect(worst(atlas.sinkMass, wanted.sinkMass)).toBeLessThan(1e-6);
    expect(worst(atlas.entropy, wanted.entropy)).toBeLessThan(1e-5);
    expect(worst(atlas.data, wanted.data)).toBeLessThanOrEqual(1);
  }
}

describe('512 tokens', () => {
  let computed: AttentionStore;
  let whole: AttentionStore;
  beforeAll(() => {
    [computed, whole] = [new AttentionStore([INFO], true), new AttentionStore([INFO], true)];
    const special = Array.from({ length: TOKENS }, (_, at) => at === 0 || at === 300);
    for (const [store, keep] of [
      [computed, true],
      [whole, false],
    ] as const) {
      store.setSpecial('target', special);
      read(store, keep);
    }
  });

  test('have the same rows, columns, maps, overview, entropy and sink mass', () => expectSame(computed, whole));

  test('take what queries and keys take, and some bytes a token and tile', () => {
    const queriesAndKeys = 4 * LAYERS * TOKENS * SIZE * (HEADS + KEY_HEADS);
    const taken = LAYERS * HEADS * (12 * TOKENS + (TOKENS * TOKENS) / 64);
    expect(computed.bytes).toBeLessThanOrEqual(queriesAndKeys + taken);
    expect(whole.bytes).toBeGreaterThan(3 * computed.bytes);
  });

  test('are held against the model’s own, a row of each pass', () => {
    expect(computed.difference).toBeLessThan(1e-6);
    expect(whole.difference).toBe(0);
    // As of a model whose rows see no more than some tokens back: the last pass is another one.
    const [from, to] = [448, 512];
    const other = new AttentionStore([{ ...INFO, layers: 1 }], true);
    for (let at = 0; at < TOKENS; at += PART) {
      const data = rowsOf(0, at, at + PART);
      if (at === from) data.fill(1 / to);
      const kept = { queries: slice(QUERIES[0] ?? data, HEADS, at, at + PART), size: SIZE, scale: SCALE };
      other.append({ kind: 'decoder', layer: 0, heads: HEADS, queries: PART, keys: at + PART, data, kept }, at);
      other.takeKeys(0, slice(KEYS[0] ?? data, KEY_HEADS, 0, at + PART), 0, at + PART);
      expect(other.difference > 1e-3).toBe(at === from);
    }
  });

  test('are the same up to an earlier token', () => {
    const upTo = { source: 0, target: 200 };
    expectSame(computed.upTo(upTo), whole.upTo(upTo));
  });

  test('are the same after some were dropped and others read in their place', () => {
    for (const [store, keep] of [
      [computed, true],
      [whole, false],
    ] as const) {
      store.truncate(203);
      expect(store.rows('decoder')).toBe(203);
      // From the beginning, as after a branch: what is held is left out.
      read(store, keep, 192, 264);
    }
    expectSame(computed, whole);
  });

  test('are right while the text is read once more, as after a branch, and where keys come in parts', () => {
    const [store, all] = [new AttentionStore([INFO], true), new AttentionStore([INFO], true)];
    read(all, false);
    read(store, true);
    store.truncate(200);
    for (let at = 0; at < TOKENS; at += PART) {
      for (let layer = 0; layer < LAYERS; layer++) {
        const data = rowsOf(layer, at, at + PART);
        const kept = { queries: slice(QUERIES[layer] ?? data, HEADS, at, at + PART), size: SIZE, scale: SCALE };
        store.append({ kind: 'decoder', layer, heads: HEADS, queries: PART, keys: at + PART, data, kept }, at);
        store.takeKeys(layer, slice(KEYS[layer] ?? data, KEY_HEADS, at, at + PART), at, at + PART);
      }
      const rows = Math.max(200, at + PART);
      expect(store.rows('decoder')).toBe(rows);
      expectSame(store, all.upTo({ source: 0, target: rows }));
    }
    expect(store.difference).toBeLessThan(1e-6);
    expect(() => store.takeKeys(0, new Float32Array(KEY_HEADS * SIZE), TOKENS + 1, TOKENS + 2)).toThrow(RangeError);
  });
});
