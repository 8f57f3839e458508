/** Maps, rows and overviews between words, and rollout, from a store of real blocks against sums written out by hand. */
import { beforeEach, describe, expect, test } from 'vitest';
import { contentOf } from '../../../src/attention/content';
import { AttentionStore } from '../../../src/attention/attentionStore';
import type { AttentionKind, KindInfo, Token } from '../../../src/attention/types';
import { atlasOf, heldOf, mapOf, tokenWeightsOf, type HeldWeights } from '../../../src/engine/weights/maps';
import { carriedBack, meanOverHeads, rollout } from '../../support/wholeRollout';
import { random } from '../attention/random';

const token = (text: string, joins = false, special = false): Token => ({
  id: text.charCodeAt(0),
  text,
  special,
  start: -1,
  end: -1,
  partial: false,
  ...(joins && { joins: true }),
});
/** Two words, of one and of two tokens, and an end; one word of two tokens and one that was written last. */
const SOURCE = [token('A'), token(' an'), token('imal', true), token('</s>', false, true)];
const TARGET = [token('<pad>', false, true), token('un'), token('e', true), token(' b')];
const LAYERS = 3;
const HEADS = 2;
const info = (kind: AttentionKind, queries: KindInfo['queries'], keys: KindInfo['keys']): KindInfo => ({
  kind,
  layers: LAYERS,
  heads: HEADS,
  kvHeads: HEADS,
  queries,
  keys,
});
const KINDS = [
  info('encoder', 'source', 'source'),
  info('decoder', 'target', 'target'),
  info('cross', 'target', 'source'),
];
/** Rows that were read: the token that was written last has none. */
const ROWS = { source: 4, target: 3 };

let held: HeldWeights;
/** [kind][layer] → [head][query][key]. */
let weights: Map<AttentionKind, Float32Array[]>;

beforeEach(() => {
  const next = random(11);
  const store = new AttentionStore(KINDS, false);
  store.setSpecial(
    'source',
    SOURCE.map(({ special }) => special),
  );
  store.setSpecial(
    'target',
    TARGET.map(({ special }) => special),
  );
  weights = new Map();
  for (const { kind, queries: of, keys: to } of KINDS) {
    const [queries, keys] = [ROWS[of], ROWS[to]];
    const layers = Array.from({ length: LAYERS }, () => {
      const data = new Float32Array(HEADS * queries * keys);
      for (let row = 0; row < HEADS * queries; row++) {
        const end = kind === 'decoder' ? (row % queries) + 1 : keys;
        const own = Array.from({ length: end }, () => next());
        const sum = own.reduce((a, b) => a + b, 0);
        own.forEach((value, key) => (data[row * keys + key] = value / sum));
      }
      return data;
    });
    weights.set(kind, layers);
    layers.forEach((data, layer) => store.append({ kind, layer, heads: HEADS, queries, keys, data }, 0));
  }
  held = heldOf({ store, source: SOURCE, target: TARGET }, undefined);
});

const cross = (layer: number, head: number, query: number, key: number): number =>
  weights.get('cross')?.[layer]?.[(head * 3 + query) * 4 + key] ?? NaN;
const bytes = (values: readonly number[]): readonly number[] => values.map((value) => Math.round(value * 255));

/** Of layer 1, head 1 by hand: queries `<pad>`, `une`; keys `A`, `animal`, `</s>`. */
const byHand = (): readonly number[] => {
  const row = (query: number): readonly number[] => [
    cross(1, 1, query, 0),
    cross(1, 1, query, 1) + cross(1, 1, query, 2),
    cross(1, 1, query, 3),
  ];
  return [...row(0), ...row(1).map((value, key) => (value + (row(2)[key] ?? NaN)) / 2)];
};

describe('words', () => {
  test('to a word the sum over its tokens, from a word the mean over its tokens', async () => {
    const map = await mapOf(held, { kind: 'cross', layer: 1, head: 1, axis: 'words' });
    expect([map.queries, map.keys, map.axis]).toEqual([2, 3, 'words']);
    expect([...map.data]).toEqual(bytes(byHand()));
    const sums = [byHand().slice(0, 3), byHand().slice(3)].map((row) => row.reduce((a, b) => a + b, 0));
    for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
  });

  test('a word’s exact rows are those of the map, whichever of its tokens is named', async () => {
    for (const indices of [[1], [2], [1, 2]]) {
      const list = await tokenWeightsOf(held, { sequence: 'target', indices, axis: 'words' });
      const row = list.find(({ kind, role }) => kind === 'cross' && role === 'query');
      expect(row?.length).toBe(3);
      const own = row?.data.subarray((1 * HEADS + 1) * 3, (1 * HEADS + 2) * 3) ?? [];
      byHand()
        .slice(3)
        .forEach((value, key) => expect(own[key]).toBeCloseTo(value, 6));
    }
    const list = await tokenWeightsOf(held, { sequence: 'source', indices: [2], axis: 'words' });
    const column = list.find(({ kind, role }) => kind === 'cross' && role === 'key');
    const own = column?.data.subarray((1 * HEADS + 1) * 2, (1 * HEADS + 2) * 2) ?? [];
    [byHand()[1] ?? NaN, byHand()[4] ?? NaN].forEach((value, query) => expect(own[query]).toBeCloseTo(value, 6));
  });

  test('several words: the mean over words, not over their tokens', async () => {
    const list = await tokenWeightsOf(held, { sequence: 'target', indices: [0, 1], axis: 'words' });
    const row = list.find(({ kind, role }) => kind === 'cross' && role === 'query');
    const expected = byHand()
      .slice(0, 3)
      .map((value, key) => (value + (byHand()[3 + key] ?? NaN)) / 2);
    const own = row?.data.subarray(9, 12) ?? [];
    expected.forEach((value, key) => expect(own[key]).toBeCloseTo(value, 6));
  });

  test('the overview has a bin for each word, and the model’s own sink mass', async () => {
    const atlas = await atlasOf(held, { kind: 'cross', maxCell: 32, hideSpecial: false, axis: 'words' });
    expect([atlas.rows, atlas.cols]).toEqual([2, 3]);
    expect([...atlas.data.subarray(18, 24)]).toEqual(bytes(byHand()));
    const plain = await atlasOf(held, { kind: 'cross', maxCell: 32, hideSpecial: false });
    expect(atlas.sinkMass).toEqual(plain.sinkMass);
    const hidden = await atlasOf(held, { kind: 'cross', maxCell: 32, hideSpecial: true, axis: 'words' });
    expect([...hidden.data.subarray(18, 24)]).toEqual([0, 0, 0, ...bytes(byHand().slice(3, 5)), 0]);
  });

  test('a question about other words than those that the tokens make now is not answered', () => {
    const alone = SOURCE.map((one, index) => (index === 2 ? token('imal') : one));
    expect(() => heldOf(held, contentOf(alone, TARGET))).toThrow(expect.objectContaining({ code: 'TEXT_CHANGED' }));
    expect(heldOf(held, contentOf(SOURCE, TARGET.slice(0, 2))).target).toHaveLength(2);
  });
});

describe('rollout', () => {
  const means = (kind: AttentionKind): readonly Float32Array[] =>
    (weights.get(kind) ?? []).map((layer) => meanOverHeads(layer, HEADS));
  /** The whole map up to and with layer 1, by the published product. */
  const expected = (kind: AttentionKind): Float32Array => {
    const encoder = rollout(means('encoder'), 4, false);
    if (kind === 'cross')
      return carriedBack(means('cross')[1] ?? new Float32Array(), encoder[2] ?? new Float32Array(), 4);
    return (kind === 'encoder' ? encoder[1] : rollout(means('decoder'), 3, true)[1]) ?? new Float32Array();
  };

  test.each(['encoder', 'decoder', 'cross'] as const)('%s: map, rows and columns', async (kind) => {
    const whole = expected(kind);
    const map = await mapOf(held, { kind, layer: 1, head: 0, source: { type: 'rollout' } });
    expect([...map.data]).toEqual(bytes([...whole]));
    const { queries, keys } = map;
    const of = KINDS.find((one) => one.kind === kind);
    const rows = await tokenWeightsOf(held, { sequence: of?.queries ?? 'source', indices: [2], rollout: 1 });
    const row = rows.find((one) => one.kind === kind && one.role === 'query')?.rollout ?? [];
    for (let key = 0; key < keys; key++) expect(row[key]).toBeCloseTo(whole[2 * keys + key] ?? NaN, 6);
    const columns = await tokenWeightsOf(held, { sequence: of?.keys ?? 'source', indices: [1], rollout: 1 });
    const column = columns.find((one) => one.kind === kind && one.role === 'key')?.rollout ?? [];
    for (let query = 0; query < queries; query++) expect(column[query]).toBeCloseTo(whole[query * keys + 1] ?? NaN, 6);
  });

  test('between words it is summed and averaged as weights are', async () => {
    const whole = expected('cross');
    const at = (query: number, key: number): number => whole[query * 4 + key] ?? NaN;
    const map = await mapOf(held, { kind: 'cross', layer: 1, head: 0, source: { type: 'rollout' }, axis: 'words' });
    expect([...map.data].slice(3)).toEqual(
      bytes([(at(1, 0) + at(2, 0)) / 2, (at(1, 1) + at(1, 2) + at(2, 1) + at(2, 2)) / 2, (at(1, 3) + at(2, 3)) / 2]),
    );
    const list = await tokenWeightsOf(held, { sequence: 'target', indices: [2], axis: 'words', rollout: 1 });
    const row = list.find(({ kind, role }) => kind === 'cross' && role === 'query')?.rollout ?? [];
    expect(row[1]).toBeCloseTo((at(1, 1) + at(1, 2) + at(2, 1) + at(2, 2)) / 2, 6);
  });
});
