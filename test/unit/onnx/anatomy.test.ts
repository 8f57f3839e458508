/** The anatomy's finder on graphs of a few nodes: how blocks are put together, and what is said where a stage is not there. */
import { describe, expect, test } from 'vitest';
import { anatomyOf, type BlockAnatomy, type GraphAnatomy } from '../../../src/onnx/anatomy/anatomy';
import { anatomyLines } from '../../inspect/anatomyLines';
import { isMissing, type Stage } from '../../../src/onnx/anatomy/stage';
import { openModel } from '../../../src/onnx/graph/onnxFile';
import { ATTENTION_WEIGHTS, attentionNodes, modelBytes, spread, TOKENS, type NodeSpec } from './modelBuilder';

const M = 8;
const WEIGHTS = {
  ...ATTENTION_WEIGHTS,
  'w.o': { dims: [M, M], data: spread(M * M, 5) },
  'w.in': { dims: [M, 16], data: spread(M * 16, 6) },
  'w.gate': { dims: [M, 16], data: spread(M * 16, 7) },
  'w.out': { dims: [16, M], data: spread(16 * M, 8) },
  'w.head': { dims: [M, 11], data: spread(M * 11, 9) },
  'norm.w': { dims: [M], data: spread(M, 10) },
  'norm.b': { dims: [M], data: spread(M, 11) },
};

const norm = (input: string, output: string): NodeSpec => ({
  op: 'LayerNormalization',
  inputs: [input, 'norm.w', 'norm.b'],
  outputs: [output],
});
const add = (a: string, b: string, output: string): NodeSpec => ({ op: 'Add', inputs: [a, b], outputs: [output] });
const attention = (prefix: string, input: string): NodeSpec[] => [
  ...attentionNodes(prefix, input),
  { op: 'MatMul', inputs: [`${prefix}/out`, 'w.o'], outputs: [`${prefix}/projected`] },
];
const feedForward = (prefix: string, input: string): NodeSpec[] => [
  { op: 'MatMul', inputs: [input, 'w.in'], outputs: [`${prefix}/inner`] },
  { op: 'Relu', inputs: [`${prefix}/inner`], outputs: [`${prefix}/active`] },
  { op: 'MatMul', inputs: [`${prefix}/active`, 'w.out'], outputs: [`${prefix}/given`] },
];
const head = (input: string): NodeSpec => ({ op: 'MatMul', inputs: [input, 'w.head'], outputs: ['logits'] });

function anatomy(nodes: readonly NodeSpec[]): GraphAnatomy {
  const bytes = modelBytes({ nodes, weights: WEIGHTS, inputs: [TOKENS], outputs: [{ name: 'logits' }] });
  const [only] = anatomyOf(openModel(bytes), 'model', undefined);
  if (!only) throw new Error('a model has an anatomy');
  return only;
}

const tensor = (stage: Stage): string => (isMissing(stage) ? `– ${stage.missing}` : stage.tensor);

/** What is told of a block, short. */
function summary({
  arrangement,
  parallel,
  streamBefore,
  streamAfter,
  attention: [first],
  feedForward: part,
}: BlockAnatomy): object {
  return {
    arrangement,
    parallel,
    before: tensor(streamBefore),
    sum: first ? tensor(first.sum) : '',
    inner: isMissing(part) ? `– ${part.missing}` : tensor(part.inner),
    output: isMissing(part) ? '' : part.output.tensor,
    after: tensor(streamAfter),
  };
}

/** The norm of x in single operators. */
const rms = (x: string, output: string): NodeSpec[] => [
  { op: 'Mul', inputs: [x, x], outputs: [`${output}.square`] },
  { op: 'ReduceMean', inputs: [`${output}.square`], outputs: [`${output}.mean`], attributes: { axes: [-1] } },
  { op: 'Sqrt', inputs: [`${output}.mean`], outputs: [`${output}.root`] },
  { op: 'Reciprocal', inputs: [`${output}.root`], outputs: [`${output}.scale`] },
  { op: 'Mul', inputs: [x, `${output}.scale`], outputs: [`${output}.plain`] },
  { op: 'Mul', inputs: [`${output}.plain`, 'norm.w'], outputs: [output] },
];

describe('a block', () => {
  const x = 'inputs_embeds';

  test('pre-norm: the sum takes what was there before the norm', () => {
    const found = anatomy([
      norm(x, 'n1'),
      ...attention('a', 'n1'),
      add(x, 'a/projected', 'r1'),
      norm('r1', 'n2'),
      ...feedForward('f', 'n2'),
      add('r1', 'f/given', 'r2'),
      norm('r2', 'n3'),
      head('n3'),
    ]);
    expect(found.blocks.map(summary)).toEqual([
      {
        arrangement: 'pre-norm',
        parallel: false,
        before: x,
        sum: 'r1',
        inner: 'f/active',
        output: 'f/given',
        after: 'r2',
      },
    ]);
    expect(isMissing(found.head.lastNorm) ? '' : found.head.lastNorm.output).toBe('n3');
    const [first] = found.blocks[0]?.attention ?? [];
    expect(first && [first.query, first.key, first.value, first.scores, first.headOutput].map(tensor)).toEqual([
      'a/q.t',
      '',
      'a/v.t',
      'a/scores',
      'a/context',
    ]);
    expect(
      first &&
        !isMissing(first.projection) &&
        !isMissing(first.projection.weight) &&
        first.projection.weight.initializer,
    ).toBe('w.o');
  });

  test('post-norm: the norm stands in the stream, and none before the unembedding', () => {
    const found = anatomy([
      ...attention('a', x),
      add('a/projected', x, 'r1'),
      norm('r1', 'n1'),
      ...feedForward('f', 'n1'),
      add('f/given', 'n1', 'r2'),
      norm('r2', 'n2'),
      head('n2'),
    ]);
    expect(found.blocks.map(summary)).toEqual([
      {
        arrangement: 'post-norm',
        parallel: false,
        before: x,
        sum: 'r1',
        inner: 'f/active',
        output: 'f/given',
        after: 'n2',
      },
    ]);
    expect(found.head.lastNorm).toEqual({ missing: expect.stringContaining('own norm') as string });
  });

  test.each([
    [
      'GPT-NeoX and Phi: the branches are added to each other first',
      [add('a/projected', 'f/given', 'both'), add('both', x, 'r')],
    ],
    ['GPT-J and Falcon: the other way round', [add('f/given', 'a/projected', 'both'), add(x, 'both', 'r')]],
    ['Cohere: one after the other', [add(x, 'a/projected', 'both'), add('both', 'f/given', 'r')]],
  ])('parallel, %s', (_, sums) => {
    const found = anatomy([
      norm(x, 'n'),
      ...attention('a', 'n'),
      ...feedForward('f', 'n'),
      ...sums,
      norm('r', 'last'),
      head('last'),
    ]);
    expect(found.blocks.map(summary)).toEqual([
      {
        arrangement: 'pre-norm',
        parallel: true,
        before: x,
        sum: sums[0]?.inputs[0] === x ? 'both' : 'r',
        inner: 'f/active',
        output: 'f/given',
        after: 'r',
      },
    ]);
  });

  test('two parallel blocks, each with a norm for each branch', () => {
    const block = (name: string, input: string): NodeSpec[] => [
      norm(input, `${name}.n1`),
      norm(input, `${name}.n2`),
      ...attention(`${name}.a`, `${name}.n1`),
      ...feedForward(`${name}.f`, `${name}.n2`),
      add(`${name}.f/given`, `${name}.a/projected`, `${name}.both`),
      add(`${name}.both`, input, `${name}.r`),
    ];
    const found = anatomy([...block('one', x), ...block('two', 'one.r'), norm('two.r', 'last'), head('last')]);
    expect(
      found.blocks.map(({ parallel, streamBefore, streamAfter }) => [
        parallel,
        tensor(streamBefore),
        tensor(streamAfter),
      ]),
    ).toEqual([
      [true, x, 'one.r'],
      [true, 'one.r', 'two.r'],
    ]);
    expect(isMissing(found.head.nodes) ? [] : found.head.nodes.list.map(({ op }) => op)).toEqual([
      'LayerNormalization',
      'MatMul',
    ]);
  });

  test('gated feed-forward, and norms that are taken apart', () => {
    const found = anatomy([
      ...rms(x, 'n1'),
      ...attention('a', 'n1'),
      add(x, 'a/projected', 'r1'),
      ...rms('r1', 'n2'),
      { op: 'MatMul', inputs: ['n2', 'w.gate'], outputs: ['gate'] },
      { op: 'Sigmoid', inputs: ['gate'], outputs: ['open'] },
      { op: 'MatMul', inputs: ['n2', 'w.in'], outputs: ['up'] },
      { op: 'Mul', inputs: ['open', 'up'], outputs: ['inner'] },
      { op: 'MatMul', inputs: ['inner', 'w.out'], outputs: ['down'] },
      add('r1', 'down', 'r2'),
      ...rms('r2', 'n3'),
      head('n3'),
    ]);
    const [block] = found.blocks;
    expect(block && !isMissing(block.feedForward) && block.feedForward.gated).toBe(true);
    expect(block && summary(block)).toMatchObject({
      arrangement: 'pre-norm',
      inner: 'inner',
      output: 'down',
      after: 'r2',
    });
    const [first] = block?.attention ?? [];
    expect(
      first && !isMissing(first.norm) && [first.norm.kind, first.norm.operator, first.norm.weight, first.norm.output],
    ).toEqual(['rms', 'decomposed', 'norm.w', 'n1']);
  });
});

describe('a reason is given', () => {
  const x = 'inputs_embeds';

  test('where the feed-forward part is no pair of products', () => {
    const found = anatomy([
      norm(x, 'n1'),
      ...attention('a', 'n1'),
      add(x, 'a/projected', 'r1'),
      norm('r1', 'n2'),
      { op: 'MoE', domain: 'com.microsoft', inputs: ['n2'], outputs: ['experts'] },
      add('r1', 'experts', 'r2'),
      norm('r2', 'n3'),
      head('n3'),
    ]);
    const [block] = found.blocks;
    expect(block && isMissing(block.feedForward) && block.feedForward.missing).toMatch(/MoE.*mixture of experts/);
    expect(block && tensor(block.streamAfter)).toBe('r2');
  });

  test('where heads are gated, scaled or normed before the projection', () => {
    const found = anatomy([
      norm(x, 'n1'),
      ...attentionNodes('a', 'n1'),
      { op: 'MatMul', inputs: ['n1', 'w.q'], outputs: ['gate'] },
      { op: 'Mul', inputs: ['a/out', 'gate'], outputs: ['gated'] },
      { op: 'MatMul', inputs: ['gated', 'w.o'], outputs: ['projected'] },
      add(x, 'projected', 'r1'),
      norm('r1', 'n2'),
      head('n2'),
    ]);
    const [first] = found.blocks[0]?.attention ?? [];
    const weight = first && !isMissing(first.projection) ? first.projection.weight : undefined;
    expect(weight && isMissing(weight) && weight.missing).toMatch(/gated before/);
    expect(first && tensor(first.sum)).toBe('r1');
  });

  test('where attention is all there is', () => {
    const found = anatomy([...attentionNodes('a', x), { op: 'Identity', inputs: ['a/out'], outputs: ['logits'] }]);
    const lines = anatomyLines([found]).join('\n');
    expect(lines).toMatch(/headOutput +a\/context/);
    expect(lines).toMatch(/streamBefore +– /);
    expect(lines).toMatch(/logits +– /);
    expect(lines).toMatch(/output weight +– no product with a weight follows/);
  });
});
