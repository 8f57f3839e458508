/** The parts of a logit of a small post-norm network, taken apart and fused, against the same sum written out here. */
import * as ort from 'onnxruntime-web/webgpu';
import { beforeAll, expect, test } from 'vitest';
import { anatomyOf } from '../../../src/onnx/anatomy/anatomy';
import { withProbes } from '../../../src/onnx/edit/withProbes';
import { openModel } from '../../../src/onnx/graph/onnxFile';
import { attribution } from '../../../src/onnx/probe/attribution/attributionParts';
import { useNodeRuntime } from '../../parity/nodeRuntime';
import { ATTENTION_WEIGHTS, attentionNodes, modelBytes, spread, TOKENS, type NodeSpec } from './modelBuilder';

const M = 8;
const INNER = 12;
const VOCABULARY = 11;
const WEIGHTS = {
  ...ATTENTION_WEIGHTS,
  'w.o': { dims: [M, M], data: spread(M * M, 5) },
  'b.o': { dims: [M], data: spread(M, 8) },
  'n1.w': { dims: [M], data: spread(M, 7) },
  'n1.b': { dims: [M], data: spread(M, 9) },
  'w.in': { dims: [M, INNER], data: spread(M * INNER, 10) },
  'w.out': { dims: [INNER, M], data: spread(M * INNER, 11) },
  'b.out': { dims: [M], data: spread(M, 12) },
  'n2.w': { dims: [M], data: spread(M, 13) },
  'n2.b': { dims: [M], data: spread(M, 14) },
  'w.head': { dims: [M, VOCABULARY], data: spread(M * VOCABULARY, 6) },
  'b.head': { dims: [VOCABULARY], data: spread(VOCABULARY, 15) },
} as const;

/** A sum with its norm, as two operators and a bias before them, or as the one that adds both by itself. */
function joined(name: string, stream: string, branch: string, bias: string, isFused: boolean): NodeSpec[] {
  const attributes = { epsilon: { float: 1e-5 } };
  const [weight, shift] = [`${name}.w`, `${name}.b`];
  if (isFused)
    return [
      {
        op: 'SkipLayerNormalization',
        domain: 'com.microsoft',
        inputs: [stream, branch, weight, shift, bias],
        outputs: [name],
        attributes,
      },
    ];
  return [
    { op: 'Add', inputs: [branch, bias], outputs: [`${name}/branch`] },
    { op: 'Add', inputs: [stream, `${name}/branch`], outputs: [`${name}/sum`] },
    { op: 'LayerNormalization', inputs: [`${name}/sum`, weight, shift], outputs: [name], attributes },
  ];
}

const network = (isFused: boolean): Uint8Array =>
  modelBytes({
    nodes: [
      ...attentionNodes('a', 'inputs_embeds'),
      { op: 'MatMul', inputs: ['a/out', 'w.o'], outputs: ['projected'] },
      ...joined('n1', 'inputs_embeds', 'projected', 'b.o', isFused),
      { op: 'MatMul', inputs: ['n1', 'w.in'], outputs: ['inner'] },
      { op: 'Relu', inputs: ['inner'], outputs: ['active'] },
      { op: 'MatMul', inputs: ['active', 'w.out'], outputs: ['outer'] },
      ...joined('n2', 'n1', 'outer', 'b.out', isFused),
      { op: 'MatMul', inputs: ['n2', 'w.head'], outputs: ['product'] },
      { op: 'Add', inputs: ['product', 'b.head'], outputs: ['logits'] },
    ],
    weights: WEIGHTS,
    inputs: [TOKENS],
    outputs: [{ name: 'logits', type: 'float', dims: ['batch', 'tokens', VOCABULARY] }],
  });

/** One token: it looks at itself alone, with a weight of one in each head. */
const X = spread(M, 20);
const [TOKEN, OTHER] = [3, 9];

async function partsOf(bytes: Uint8Array): Promise<Readonly<Record<string, readonly number[]>>> {
  const model = openModel(bytes);
  const config = { num_hidden_layers: 1, num_attention_heads: 2 };
  const probed = withProbes(model, anatomyOf(model, 'model', config), { probes: [attribution], gates: false });
  expect(probed.gaps).toEqual([]);
  const session = await ort.InferenceSession.create(probed.assemble(), { executionProviders: ['wasm'] });
  const outputs = await session.run({
    inputs_embeds: new ort.Tensor('float32', X, [1, 1, M]),
    'explain.place': new ort.Tensor('int64', BigInt64Array.of(0n), [1]),
    'explain.tokens': new ort.Tensor('int64', BigInt64Array.of(BigInt(TOKEN), BigInt(OTHER)), [2]),
    'explain.signs': new ort.Tensor('float32', Float32Array.of(1, -1), [2]),
  });
  await session.release();
  return Object.fromEntries(
    probed.outputs.map(({ name, measure }) => [
      measure,
      Array.from((outputs[name] as ort.Tensor).data as Float32Array, Number),
    ]),
  );
}

type Vector = readonly number[];
const weightOf = (name: keyof typeof WEIGHTS | 'w.v'): Vector =>
  [...(name === 'w.v' ? spread(M * M, 4) : WEIGHTS[name].data)].map(Number);
const dot = (a: Vector, b: Vector): number => a.reduce((sum, one, at) => sum + one * (b[at] ?? NaN), 0);
const plus = (a: Vector, b: Vector): Vector => a.map((one, at) => one + (b[at] ?? NaN));
const mean = (a: Vector): number => a.reduce((sum, one) => sum + one, 0) / a.length;
/** x · W for W [in, columns] row-major. */
const times = (x: Vector, matrix: Vector, columns: number): Vector =>
  Array.from({ length: columns }, (_, column) =>
    dot(
      x,
      x.map((_one, row) => matrix[row * columns + column] ?? NaN),
    ),
  );

/** LayerNorm of x, and a direction behind it led back with the deviation held. */
function normed(name: 'n1' | 'n2', x: Vector): { readonly y: Vector; readonly back: (g: Vector) => Vector } {
  const centred = x.map((one) => one - mean(x));
  const scale = 1 / Math.sqrt(mean(centred.map((one) => one * one)) + 1e-5);
  const weight = weightOf(`${name}.w`);
  const y = plus(
    centred.map((one, at) => one * scale * (weight[at] ?? NaN)),
    weightOf(`${name}.b`),
  );
  return {
    y,
    back(g) {
      const weighted = g.map((one, at) => one * (weight[at] ?? NaN));
      return weighted.map((one) => scale * (one - mean(weighted)));
    },
  };
}

/** Every part, as the definition says: the network once more in plain numbers. */
function byHand(): Readonly<Record<string, readonly number[]>> {
  const x = [...X];
  const values = times(x, weightOf('w.v'), M);
  const ofHead = (head: number): Vector =>
    times(
      values.map((one, at) => (Math.floor(at / 4) === head ? one : 0)),
      weightOf('w.o'),
      M,
    );
  const heads = [ofHead(0), ofHead(1)];
  const first = normed('n1', plus(plus(plus(x, heads[0] ?? []), heads[1] ?? []), weightOf('b.o')));
  const active = times(first.y, weightOf('w.in'), INNER).map((one) => Math.max(0, one));
  const outer = times(active, weightOf('w.out'), M);
  const second = normed('n2', plus(plus(first.y, outer), weightOf('b.out')));
  const column = (token: number): Vector => x.map((_, row) => weightOf('w.head')[row * VOCABULARY + token] ?? NaN);
  const u = plus(
    column(TOKEN),
    column(OTHER).map((one) => -one),
  );
  const bias = (weightOf('b.head')[TOKEN] ?? NaN) - (weightOf('b.head')[OTHER] ?? NaN);
  const g = second.back(u);
  const deep = first.back(g);
  return {
    attributionLogit: [dot(second.y, u) + bias],
    attributionEnd: [bias],
    attributionFeedForward: [dot(outer, g)],
    attributionKeys: heads.map((head) => dot(head, deep)),
    attributionConstants: [
      dot(weightOf('n2.b'), u) + dot(weightOf('b.out'), g) + dot(weightOf('n1.b'), g) + dot(weightOf('b.o'), deep),
    ],
    attributionStart: [dot(x, deep)],
  };
}

beforeAll(useNodeRuntime);

test('fused or not, each part is what the definition says, and all of them sum to the model’s own number', async () => {
  const expected = byHand();
  const fused = await partsOf(network(true));
  for (const [name, wanted] of Object.entries(expected))
    for (const [at, number] of wanted.entries()) expect(fused[name]?.[at], name).toBeCloseTo(number, 4);
  const { attributionLogit, ...parts } = fused;
  const sum = Object.values(parts)
    .flat()
    .reduce((all, one) => all + one, 0);
  expect(sum).toBeCloseTo(attributionLogit?.[0] ?? NaN, 4);

  // Taken apart, a feed-forward part has its own bias, which the fused operator keeps for itself: the two together are the same.
  const plain = await partsOf(network(false));
  const { attributionFeedForward: outer = [], attributionConstants: constants = [], ...others } = plain;
  for (const [name, numbers] of Object.entries(others))
    for (const [at, number] of numbers.entries()) expect(number, name).toBeCloseTo(fused[name]?.[at] ?? NaN, 4);
  expect((outer[0] ?? NaN) + (constants[0] ?? NaN)).toBeCloseTo(
    (expected['attributionFeedForward']?.[0] ?? NaN) + (expected['attributionConstants']?.[0] ?? NaN),
    4,
  );
});

test('what is no product, activation or norm before the vocabulary is told as the reason, and nothing is added to the file', () => {
  const nodes = [
    ...attentionNodes('a', 'inputs_embeds'),
    { op: 'MatMul', inputs: ['a/out', 'w.o'], outputs: ['projected'] },
    ...joined('n1', 'inputs_embeds', 'projected', 'b.o', false),
    { op: 'MatMul', inputs: ['n1', 'w.square'], outputs: ['dense'] },
    { op: 'Softmax', inputs: ['dense'], outputs: ['bent'], attributes: { axis: -1 } },
    { op: 'MatMul', inputs: ['bent', 'w.head'], outputs: ['logits'] },
  ];
  const model = openModel(
    modelBytes({
      nodes,
      weights: { ...WEIGHTS, 'w.square': { dims: [M, M], data: spread(M * M, 16) } },
      inputs: [TOKENS],
      outputs: [{ name: 'logits', type: 'float', dims: ['batch', 'tokens', VOCABULARY] }],
    }),
  );
  const config = { num_hidden_layers: 1, num_attention_heads: 2 };
  const probed = withProbes(model, anatomyOf(model, 'model', config), { probes: [attribution], gates: false });
  expect(probed.outputs).toEqual([]);
  expect(probed.gaps).toEqual([
    {
      measure: 'attribution',
      kind: 'encoder',
      layer: -1,
      reason: expect.stringMatching(/features are mixed there otherwise/) as string,
    },
  ]);
});
