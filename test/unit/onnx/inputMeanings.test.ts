/** What inputs mean by what a graph does with them: positions, token types and masks, on small graphs made for each case. */
import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src/onnx/graph/onnxFile';
import { inputMeanings, wordsOf } from '../../../src/onnx/inputs/meanings';
import type { InputMeaning } from '../../../src/onnx/types';
import { modelBytes, spread, type NodeSpec, type ValueSpec, type WeightSpec } from './modelBuilder';

const ids = (name: string): ValueSpec => ({ name, type: 'int64', dims: ['batch', 'tokens'] });

/** A table of [rows, 8]; the row `flat` is all zeros. */
function table(rows: number, flat = -1): WeightSpec {
  const data = spread(rows * 8, rows);
  if (flat >= 0) data.fill(0, flat * 8, (flat + 1) * 8);
  return { dims: [rows, 8], data };
}

const WORDS: NodeSpec = { op: 'Gather', inputs: ['words', 'input_ids'], outputs: ['embedded'] };
const number = (value: number): WeightSpec => ({ dims: [], data: Float32Array.of(value) });
const integer = (value: number): WeightSpec => ({ dims: [], data: BigInt64Array.of(BigInt(value)) });

function meaning(
  name: string,
  nodes: readonly NodeSpec[],
  weights: Readonly<Record<string, WeightSpec>>,
  config: unknown = {},
): InputMeaning | undefined {
  const bytes = modelBytes({
    nodes: [WORDS, ...nodes],
    weights: { words: table(99), ...weights },
    inputs: [ids('input_ids'), ids(name)],
    outputs: [{ name: 'out' }],
  });
  return inputMeanings(openModel(bytes), config).get(name);
}

describe('positions', () => {
  const looked = (extra: readonly NodeSpec[] = [], from = 'position_ids'): NodeSpec[] => [
    ...extra,
    { op: 'Gather', inputs: ['places', from], outputs: ['place'] },
    { op: 'Add', inputs: ['embedded', 'place'], outputs: ['out'] },
  ];

  it('count from behind the padding index where its row was never trained', () => {
    const config = { model_type: 'made-up', pad_token_id: 1 };
    expect(meaning('position_ids', looked(), { places: table(66, 1) }, config)).toEqual({ first: 2, rows: 66 });
    expect(meaning('position_ids', looked(), { places: table(40, 7) }, { pad_token_id: 7 })).toEqual({
      first: 8,
      rows: 40,
    });
  });

  it.each([
    ['which no config names', { model_type: 'made-up' }],
    ['which the config has otherwise', { model_type: 'made-up', pad_token_id: 0 }],
    ['of a family that has none', { model_type: 'bert', pad_token_id: 0 }],
    ['beyond the table', { model_type: 'made-up', pad_token_id: 98 }],
    ['of no config', undefined],
  ])('count from behind the row that was never trained, %s', (_what, config) => {
    expect(meaning('position_ids', looked(), { places: table(66, 1) }, config)).toEqual({ first: 2, rows: 66 });
  });

  it.each(['roberta', 'xlm-roberta', 'camembert', 'mpnet', 'longformer', 'xlm-roberta-xl', 'roberta-prelayernorm'])(
    'of %s count from behind the padding index, by the family as the last resort',
    (model_type) => {
      const config = { model_type, pad_token_id: 1 };
      expect(meaning('position_ids', looked(), { places: table(66) }, config)?.first).toBe(2);
      expect(meaning('position_ids', looked(), { places: table(66) }, { model_type })?.first).toBe(2);
    },
  );

  it.each([
    ['a round table', 64, { model_type: 'bert', pad_token_id: 0 }],
    ['a padding index that no position has', 64, { model_type: 'gpt2', pad_token_id: 98 }],
    ['no padding index', 64, { model_type: 'x' }],
    ['a family that counts so', 66, { model_type: 'gpt2' }],
    ['a table that is round neither way', 77, { model_type: 'clip_text', pad_token_id: 1 }],
  ])('count from 0 with %s', (_what, rows, config) => {
    expect(meaning('position_ids', looked(), { places: table(rows) }, config)).toEqual({ first: 0, rows });
  });

  it('count from 0 where the graph shifts them itself', () => {
    const shift: NodeSpec = { op: 'Add', inputs: ['position_ids', 'two'], outputs: ['shifted'] };
    const weights = { places: table(66), two: integer(2) };
    const config = { model_type: 'made-up', pad_token_id: 1 };
    expect(meaning('position_ids', looked([shift], 'shifted'), weights, config)).toEqual({ first: 0, rows: 64 });
  });

  it('stay open where the table speaks for both', () => {
    for (const config of [{ model_type: 'made-up', pad_token_id: 1 }, { model_type: 'made-up' }, undefined])
      expect(meaning('position_ids', looked(), { places: table(66) }, config)?.open).toContain('66 rows');
  });

  it('that rotate count from 0, whatever the table', () => {
    const nodes: NodeSpec[] = [
      { op: 'Gather', inputs: ['places', 'position_ids'], outputs: ['angle'] },
      { op: 'Mul', inputs: ['embedded', 'angle'], outputs: ['out'] },
    ];
    const config = { model_type: 'roberta', pad_token_id: 1 };
    expect(meaning('position_ids', nodes, { places: table(66, 1) }, config)).toEqual({ first: 0, rows: 0 });
  });
});

describe('token types', () => {
  const added = (data: string): NodeSpec[] => [
    { op: 'Gather', inputs: [data, 'token_type_ids'], outputs: ['type'] },
    { op: 'Add', inputs: ['embedded', 'type'], outputs: ['out'] },
  ];

  it('of a table of their own are the first segment', () => {
    expect(meaning('token_type_ids', added('types'), { types: table(2) })).toBeUndefined();
  });

  it('that are looked up among the words stay open (GPT-2, XLM)', () => {
    expect(meaning('token_type_ids', added('words'), {})?.open).toContain('among the words');
    expect(meaning('token_type_ids', added('types'), { types: table(99) })?.open).toContain('among the words');
  });

  it('that are compared with each other stay open (XLNet)', () => {
    const nodes: NodeSpec[] = [
      { op: 'Unsqueeze', inputs: ['token_type_ids', 'axis'], outputs: ['rows'] },
      { op: 'Equal', inputs: ['rows', 'token_type_ids'], outputs: ['same'] },
      { op: 'Where', inputs: ['same', 'embedded', 'embedded'], outputs: ['out'] },
    ];
    expect(meaning('token_type_ids', nodes, { axis: integer(2) })?.open).toContain('compared with each other');
  });

  it('that are compared with a number are none of these', () => {
    const nodes: NodeSpec[] = [
      { op: 'Equal', inputs: ['token_type_ids', 'one'], outputs: ['image'] },
      { op: 'Where', inputs: ['image', 'embedded', 'embedded'], outputs: ['out'] },
    ];
    expect(meaning('token_type_ids', nodes, { one: integer(1) })).toBeUndefined();
  });
});

describe('masks', () => {
  const cast: NodeSpec = { op: 'Cast', inputs: ['attention_mask'], outputs: ['mask'], attributes: { to: 1 } };
  const truth: NodeSpec = { op: 'Cast', inputs: ['attention_mask'], outputs: ['mask'], attributes: { to: 9 } };
  const add: NodeSpec = { op: 'Add', inputs: ['embedded', 'bias'], outputs: ['out'] };
  const less: NodeSpec = { op: 'Sub', inputs: ['embedded', 'bias'], outputs: ['out'] };
  const times = (from: string): NodeSpec => ({ op: 'Mul', inputs: [from, 'low'], outputs: ['bias'] });
  const flip: NodeSpec = { op: 'Sub', inputs: ['one', 'mask'], outputs: ['flipped'] };
  const not: NodeSpec = { op: 'Not', inputs: ['mask'], outputs: ['flipped'] };
  const where = (condition: string, a: string, b: string): NodeSpec => ({
    op: 'Where',
    inputs: [condition, a, b],
    outputs: ['out'],
  });
  const weights = { one: number(1), low: number(-10_000), high: number(65_500) };
  const seen = (...nodes: NodeSpec[]): InputMeaning | undefined => meaning('attention_mask', nodes, weights);

  it.each([
    ['(1 − m) · low is added', [cast, flip, times('flipped'), add], 1],
    ['m chooses the scores', [truth, where('mask', 'embedded', 'low')], 1],
    ['not m chooses the low number', [truth, not, where('flipped', 'low', 'embedded')], 1],
    ['m · low is added', [cast, times('mask'), add], 0],
    ['m · high is taken away', [cast, { ...times('mask'), inputs: ['mask', 'high'] }, less], 0],
    ['m chooses the low number', [truth, where('mask', 'low', 'embedded')], 0],
  ] as const)('%s', (_what, nodes, value) => {
    expect(seen(...nodes)).toEqual({ seen: value });
  });

  it('whose uses disagree stay open, and what shows nothing is taken by name', () => {
    const second = { ...where('mask2', 'low', 'embedded'), outputs: ['other'] };
    const again: NodeSpec = { ...truth, outputs: ['mask2'] };
    expect(seen(cast, flip, times('flipped'), add, again, second)?.open).toContain('disagree');
    expect(seen({ op: 'ReduceSum', inputs: ['attention_mask'], outputs: ['out'] })).toBeUndefined();
  });
});

it('the vocabulary is the table that the ids are looked up in', () => {
  const bytes = modelBytes({
    nodes: [WORDS],
    weights: { words: table(99) },
    inputs: [ids('input_ids')],
    outputs: [{ name: 'embedded' }],
  });
  expect(wordsOf(openModel(bytes))).toBe(99);
});
