/** A softmax is found under the names that runtimes give it, and what only looks like one is listed. */
import { describe, expect, it } from 'vitest';
import { ExplainError } from '../../../src/errors';
import type { TapPlan } from '../../../src/onnx/types';
import { attentionNodes, ATTENTION_WEIGHTS, modelBytes, TOKENS, type NodeSpec, type WeightSpec } from './modelBuilder';
import { planTap } from '../../support/fromBytes';

const CONFIG = { num_hidden_layers: 1, num_attention_heads: 2 };
const AXES: WeightSpec = { dims: [1], data: BigInt64Array.of(-1n) };
const SCORES = 'a/scores';
const RESULT = 'a/probabilities';

function bytesOf(...pieces: NodeSpec[]): Uint8Array {
  const nodes = attentionNodes('a', 'inputs_embeds').flatMap((node) => (node.op === 'Softmax' ? pieces : [node]));
  const weights = {
    ...ATTENTION_WEIGHTS,
    axes: AXES,
    batch: { dims: [1], data: BigInt64Array.of(0n) },
    one: { dims: [], data: Float32Array.of(1) },
    minus: { dims: [], data: Float32Array.of(-1) },
    scale: { dims: [], data: Float32Array.of(1 / 256) },
  };
  return modelBytes({ nodes, weights, inputs: [TOKENS], outputs: [{ name: 'a/out', type: 'float' }] });
}
const plan = (...pieces: NodeSpec[]): TapPlan => planTap(bytesOf(...pieces), 'model', CONFIG);

const node = (op: string, inputs: readonly string[], output: string, rest: Partial<NodeSpec> = {}): NodeSpec => ({
  op,
  name: output,
  inputs,
  outputs: [output],
  ...rest,
});
const MAX = node('ReduceMax', [SCORES, 'axes'], 'max');
const SHIFTED = node('Sub', [SCORES, 'max'], 'shifted');
const EXP = node('Exp', ['shifted'], 'exp');
const EXP_OF_SCORES = node('Exp', [SCORES], 'exp');
const SUM = node('ReduceSum', ['exp', 'axes'], 'sum');

describe('softmax in other words', () => {
  it.each([
    ['a quotient', [MAX, SHIFTED, EXP, SUM, node('Div', ['exp', 'sum'], RESULT)]],
    [
      'a quotient of casts',
      [
        MAX,
        SHIFTED,
        EXP,
        node('Cast', ['exp'], 'wide', { attributes: { to: 1 } }),
        node('ReduceSum', ['wide', 'axes'], 'sum'),
        node('Div', ['wide', 'sum'], RESULT),
      ],
    ],
    [
      'a product with the inverse',
      [MAX, SHIFTED, EXP, SUM, node('Reciprocal', ['sum'], 'inverse'), node('Mul', ['inverse', 'exp'], RESULT)],
    ],
    [
      'a product with the power −1',
      [EXP_OF_SCORES, SUM, node('Pow', ['sum', 'minus'], 'inverse'), node('Mul', ['exp', 'inverse'], RESULT)],
    ],
    [
      'a sum of absolute values',
      [EXP_OF_SCORES, node('ReduceL1', ['exp', 'axes'], 'sum'), node('Div', ['exp', 'sum'], RESULT)],
    ],
    [
      'a norm of order 1',
      [EXP_OF_SCORES, node('LpNormalization', ['exp'], RESULT, { attributes: { axis: -1, p: 1 } })],
    ],
    [
      'the exponential of its logarithm',
      [node('LogSoftmax', [SCORES], 'log', { attributes: { axis: -1 } }), node('Exp', ['log'], RESULT)],
    ],
    [
      'the exponential of a difference',
      [
        node('ReduceLogSumExp', [SCORES, 'axes'], 'total'),
        node('Sub', [SCORES, 'total'], 'log'),
        node('Exp', ['log'], RESULT),
      ],
    ],
  ] as const)('%s', (_what, pieces) => {
    const { outputs, rejected } = plan(...pieces);
    expect(outputs).toMatchObject([
      { name: RESULT, label: 'encoder_attentions.0', source: 'tensor', mayLoseMass: false },
    ]);
    expect(rejected).toEqual([]);
  });

  it('a quotient whose sum has something added loses mass', () => {
    const guarded = node('Add', ['sum', 'one'], 'more');
    const [output] = plan(MAX, SHIFTED, EXP, SUM, guarded, node('Div', ['exp', 'more'], RESULT)).outputs;
    expect(output).toMatchObject({ name: RESULT, mayLoseMass: true });
  });

  it('bytes are brought out as the numbers that they stand for', () => {
    const [output] = plan(
      node('QLinearSoftmax', [SCORES, 'scale', '', 'scale', ''], RESULT, {
        domain: 'com.microsoft',
        attributes: { axis: -1, opset: 13 },
      }),
    ).outputs;
    expect(output).toMatchObject({ label: 'encoder_attentions.0', source: 'side-graph' });
    expect(output?.rounding).toBeCloseTo(1 / 510, 6);
  });
});

describe('what is not found is said to have been seen', () => {
  const refusal = (...pieces: NodeSpec[]): ExplainError => {
    try {
      plan(...pieces);
    } catch (thrown) {
      if (thrown instanceof ExplainError) return thrown;
      throw thrown;
    }
    throw new Error('it was not refused');
  };

  it('pieces that are put together otherwise', () => {
    const odd = [node('Sqrt', ['sum'], 'root'), node('Div', ['exp', 'root'], RESULT)];
    const error = refusal(MAX, SHIFTED, EXP, SUM, ...odd);
    expect(error.code).toBe('NO_ATTENTION_FOUND');
    expect(error.detail).toContain('Exp exp: it is a softmax in pieces');
  });

  it.each([
    ['a sigmoid', [node('Sigmoid', [SCORES], RESULT)], 'what Sigmoid made of scores'],
    [
      'powers of another base',
      [node('Pow', ['scale', SCORES], 'exp'), SUM, node('Div', ['exp', 'sum'], RESULT)],
      'what Pow, ReduceSum made of scores',
    ],
    [
      'a norm of another order',
      [EXP_OF_SCORES, node('LpNormalization', ['exp'], RESULT, { attributes: { axis: -1, p: 2 } })],
      'what LpNormalization, Exp made of scores',
    ],
    ['nothing at all (linear attention)', [node('Identity', [SCORES], RESULT)], 'by scores as they are'],
  ] as const)('a map that %s makes', (_what, pieces, reason) => {
    const error = refusal(...pieces);
    expect(error.code).toBe('NO_ATTENTION_FOUND');
    expect(error.detail).toContain(
      `MatMul a/context: it weighs values ${reason.startsWith('by') ? '' : 'by '}${reason}`,
    );
  });

  it('a softmax of another kind, and one over something else', () => {
    expect(refusal(node('SparseSoftmax', [SCORES], RESULT, { domain: 'org.example' })).detail).toContain(
      'SparseSoftmax a/probabilities: this form of softmax is not known',
    );
    const over = [MAX, SHIFTED, EXP, node('ReduceSum', ['exp', 'batch'], 'sum'), node('Div', ['exp', 'sum'], RESULT)];
    expect(refusal(...over).detail).toContain('normalises over dimension 0');
  });
});
