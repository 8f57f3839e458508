import { describe, expect, test } from 'vitest';
import { AttentionStore } from '../../../src/attention/attentionStore';
import type { AttentionKind, KindInfo } from '../../../src/attention/types';
import { random, softmaxRows } from './random';

const LAYERS = 2;
const HEADS = 3;
const info = (kind: AttentionKind): KindInfo => ({
  kind,
  layers: LAYERS,
  heads: HEADS,
  kvHeads: HEADS,
  queries: kind === 'encoder' ? 'source' : 'target',
  keys: kind === 'decoder' ? 'target' : 'source',
});

/** The same weights as nested arrays [layer][head][query][key]: what the kernels are compared with. */
type Naive = number[][][][];

/** A store filled in the ways that a run fills it, and the plain form of what went in. */
function fill(
  source: number,
  target: number,
  prefill: number,
): { store: AttentionStore; naive: Record<AttentionKind, Naive> } {
  const next = random(source * 1000 + target);
  const store = new AttentionStore([info('encoder'), info('decoder'), info('cross')], false);
  const naive: Record<AttentionKind, Naive> = { encoder: [], decoder: [], cross: [] };
  const put = (
    kind: AttentionKind,
    layer: number,
    from: number,
    queries: number,
    keys: number,
    rows: (query: number) => number,
  ): void => {
    const data = softmaxRows(next, HEADS * queries, keys, (row) => rows(row % queries));
    store.append({ kind, layer, heads: HEADS, queries, keys, data }, from);
    const plain = (naive[kind][layer] ??= Array.from({ length: HEADS }, () => []));
    for (let head = 0; head < HEADS; head++) {
      for (let query = 0; query < queries; query++) {
        const row = plain[head];
        if (row && row.length === from + query)
          row.push([...data.slice((head * queries + query) * keys, (head * queries + query + 1) * keys)]);
      }
    }
  };
  for (let layer = 0; layer < LAYERS; layer++) {
    put('encoder', layer, 0, source, source, () => source);
    put('decoder', layer, 0, prefill, prefill, (query) => query + 1);
    put('cross', layer, 0, prefill, source, () => source);
    for (let step = prefill; step < target; step++) {
      put('decoder', layer, step, 1, step + 1, () => step + 1);
      put('cross', layer, step, 1, source, () => source);
    }
  }
  return { store, naive };
}

const at = (naive: Naive, layer: number, head: number, query: number, key: number): number =>
  naive[layer]?.[head]?.[query]?.[key] ?? 0;
const SHAPES = [
  [1, 1, 1],
  [5, 4, 2],
  [33, 21, 21],
  [40, 64, 1],
] as const;

describe.each(SHAPES)('%i source tokens, %i target tokens, %i of them in one pass', (source, target, prefill) => {
  const { store, naive } = fill(source, target, prefill);
  const extent = { encoder: [source, source], decoder: [target, target], cross: [target, source] } as const;

  test.each(['encoder', 'decoder', 'cross'] as const)('a head of %s as bytes', (kind) => {
    const [queries, keys] = extent[kind];
    for (let layer = 0; layer < LAYERS; layer++) {
      for (let head = 0; head < HEADS; head++) {
        const got = store.head({ kind, layer, head });
        expect([got.queries, got.keys, got.data.length]).toEqual([queries, keys, queries * keys]);
        for (let query = 0; query < queries; query++) {
          for (let key = 0; key < keys; key++)
            expect(got.data[query * keys + key]).toBe(Math.round(255 * at(naive[kind], layer, head, query, key)));
        }
      }
    }
  });

  test.each([
    ['source', [0]],
    ['target', [0]],
    ['source', [source - 1, 0]],
    ['target', [target - 1]],
    ['target', [0, 1, target - 1]],
  ] as const)('tokens of %s %j, both roles', (sequence, chosen) => {
    const indices = [...new Set(chosen.filter((index) => index < (sequence === 'source' ? source : target)))];
    const answers = store.tokenWeights(sequence, indices);
    const wanted =
      sequence === 'source'
        ? ['encoder query', 'encoder key', 'cross key']
        : ['decoder query', 'decoder key', 'cross query'];
    expect(answers.map((answer) => `${answer.kind} ${answer.role}`)).toEqual(wanted);
    for (const answer of answers) {
      const [queries, keys] = extent[answer.kind];
      expect(answer.length).toBe(answer.role === 'query' ? keys : queries);
      for (let layer = 0; layer < LAYERS; layer++) {
        for (let head = 0; head < HEADS; head++) {
          for (let i = 0; i < answer.length; i++) {
            const terms = indices.map((index) =>
              answer.role === 'query'
                ? at(naive[answer.kind], layer, head, index, i)
                : at(naive[answer.kind], layer, head, i, index),
            );
            const sum = terms.reduce((a, b) => a + b, 0);
            expect(answer.data[(layer * HEADS + head) * answer.length + i]).toBeCloseTo(
              answer.role === 'query' ? sum / indices.length : sum,
              5,
            );
          }
        }
      }
    }
  });

  test.each([
    ['encoder', 8, false],
    ['decoder', 8, true],
    ['cross', 64, true],
    ['cross', 3, false],
  ] as const)('atlas of %s in cells of %i, special hidden: %s', (kind, maxCell, hideSpecial) => {
    const special = {
      source: Array.from({ length: source }, (_, i) => i === source - 1),
      target: Array.from({ length: target }, (_, i) => i % 7 === 0),
    };
    store.setSpecial('source', special.source);
    store.setSpecial('target', special.target);
    const [queries, keys] = extent[kind];
    const got = store.atlas({ kind, maxCell, hideSpecial });
    expect([got.rows, got.cols]).toEqual([Math.min(maxCell, queries), Math.min(maxCell, keys)]);
    const rowHidden = special[kind === 'encoder' ? 'source' : 'target'];
    const keyHidden = special[kind === 'decoder' ? 'target' : 'source'];
    for (let layer = 0; layer < LAYERS; layer++) {
      for (let head = 0; head < HEADS; head++) {
        const bins = new Map<number, number>();
        let sink = 0;
        let entropy = 0;
        for (let query = 0; query < queries; query++) {
          for (let key = 0; key < keys; key++) {
            const weight = at(naive[kind], layer, head, query, key);
            if (keyHidden[key]) sink += weight / queries;
            if (weight > 0) entropy -= (weight * Math.log2(weight)) / queries;
            const bin = Math.floor((query * got.rows) / queries) * got.cols + Math.floor((key * got.cols) / keys);
            const shown = hideSpecial && (rowHidden[query] === true || keyHidden[key] === true) ? 0 : weight;
            bins.set(bin, Math.max(bins.get(bin) ?? 0, shown));
          }
        }
        const cell = got.data.subarray(
          (layer * HEADS + head) * got.rows * got.cols,
          (layer * HEADS + head + 1) * got.rows * got.cols,
        );
        expect([...cell]).toEqual([...cell].map((_, bin) => Math.round(255 * (bins.get(bin) ?? 0))));
        expect(got.sinkMass[layer * HEADS + head]).toBeCloseTo(sink, 5);
        expect(got.entropy[layer * HEADS + head]).toBeCloseTo(entropy, 5);
      }
    }
  });
});

describe('growing and shrinking', () => {
  test('an atlas is of the rows that were there when it began, whatever comes and goes in its pauses', () => {
    const options = { kind: 'decoder', maxCell: 16, hideSpecial: false } as const;
    const want = fill(6, 9, 5).store.atlas(options);
    for (const change of [
      (store: AttentionStore) => store.truncate(2),
      (store: AttentionStore) =>
        store.append(
          {
            kind: 'decoder',
            layer: 1,
            heads: HEADS,
            queries: 1,
            keys: 10,
            data: new Float32Array(HEADS * 10).fill(0.1),
          },
          9,
        ),
    ]) {
      const { store } = fill(6, 9, 5);
      const steps = store.atlasInSteps(options);
      expect(steps.next().done).toBe(false);
      change(store);
      let last = steps.next();
      while (last.done !== true) last = steps.next();
      expect(last.value).toEqual(want);
    }
  });

  test('truncating and appending again gives the same rows', () => {
    const { store } = fill(6, 9, 5);
    const before = store.tokenWeights('target', [3]).map((answer) => [...answer.data]);
    store.truncate(4);
    expect([store.rows('decoder'), store.rows('cross'), store.rows('encoder')]).toEqual([4, 4, 6]);
    expect(store.keys('decoder')).toBe(4);
    expect(store.head({ kind: 'decoder', layer: 0, head: 0 }).data.length).toBe(16);
    const other = fill(6, 9, 5);
    other.store.truncate(0);
    expect(other.store.rows('decoder')).toBe(0);
    expect(other.store.tokenWeights('target', [0])).toEqual([]);
    // A whole pass over the prefix and one more: the rows that are there are not taken again.
    const pass = Float32Array.from({ length: HEADS * 25 }, () => 0.5);
    store.append({ kind: 'decoder', layer: 0, heads: HEADS, queries: 5, keys: 5, data: pass }, 0);
    store.append({ kind: 'decoder', layer: 1, heads: HEADS, queries: 5, keys: 5, data: pass }, 0);
    expect(store.rows('decoder')).toBe(5);
    const after = store.tokenWeights('target', [3])[0];
    expect([...(after?.data ?? [])].filter((_, i) => i % 5 < 4)).toEqual((before[0] ?? []).filter((_, i) => i % 9 < 4));
    expect(store.tokenWeights('target', [4])[0]?.data.every((weight) => weight === 0.5)).toBe(true);
  });

  test('rows out of order and foreign layers are refused', () => {
    const { store } = fill(4, 4, 4);
    expect(() =>
      store.append(
        { kind: 'decoder', layer: 0, heads: HEADS, queries: 1, keys: 8, data: new Float32Array(HEADS * 8) },
        7,
      ),
    ).toThrow(/out of order/);
    expect(() =>
      store.append(
        { kind: 'decoder', layer: 9, heads: HEADS, queries: 1, keys: 5, data: new Float32Array(HEADS * 5) },
        4,
      ),
    ).toThrow(expect.objectContaining({ code: 'COUNT_MISMATCH' }));
    expect(() => store.head({ kind: 'encoder', layer: 0, head: 3 })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
    expect(() => store.head({ kind: 'encoder', layer: 5, head: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
  });
});
