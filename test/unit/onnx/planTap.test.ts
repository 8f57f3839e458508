/** What the planner takes, what it refuses, and with which code: on small graphs made for each case. */
import { describe, expect, it } from 'vitest';
import { ExplainError } from '../../../src/errors';
import { TapRefused } from '../../../src/onnx/refusal';
import type { GraphRole, TapPlan } from '../../../src/onnx/types';
import { WireWriter } from '../../../src/onnx/wire/writer';
import {
  attentionNodes,
  ATTENTION_WEIGHTS,
  ENCODED,
  modelBytes,
  spread,
  TOKENS,
  type GraphSpec,
  type NodeSpec,
} from './modelBuilder';
import { readSignature, planTap } from '../../support/fromBytes';

const CONFIG = { num_hidden_layers: 1, num_attention_heads: 2 };

const model = (nodes: readonly NodeSpec[], rest: Partial<GraphSpec> = {}): Uint8Array =>
  modelBytes({
    nodes,
    weights: ATTENTION_WEIGHTS,
    inputs: [TOKENS],
    outputs: [{ name: 'a/out', type: 'float' }],
    ...rest,
  });

function refusal(bytes: Uint8Array, role: GraphRole = 'model', config: unknown = CONFIG): ExplainError {
  try {
    planTap(bytes, role, config);
  } catch (thrown) {
    if (thrown instanceof ExplainError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}

const kinds = (plan: TapPlan): string[] => plan.outputs.map(({ label }) => label);

/** Nodes of attention `a` with the node at `at` replaced by others. */
function replaced(at: (node: NodeSpec) => boolean, ...by: NodeSpec[]): NodeSpec[] {
  return attentionNodes('a', 'inputs_embeds').flatMap((node) => (at(node) ? by : [node]));
}

describe('planTap finds', () => {
  it('one eager layer, by appending a few bytes', () => {
    const bytes = model(attentionNodes('a', 'inputs_embeds'));
    const plan = planTap(bytes, 'model', CONFIG);
    expect(plan.outputs).toEqual([
      {
        name: 'a/probabilities',
        label: 'encoder_attentions.0',
        kind: 'encoder',
        layer: 0,
        heads: 2,
        kvHeads: 2,
        layout: 'bhqk',
        source: 'tensor',
        node: 'a/Softmax',
        mayLoseMass: false,
      },
    ]);
    expect(plan.addedBytes).toBeLessThan(40);
    expect(plan.parts[0]).toEqual(bytes);
    expect(plan.parts[0]?.buffer).toBe(bytes.buffer);
    expect(readSignature(plan.bytes).outputs.map(({ name }) => name)).toEqual(['a/out', 'a/probabilities']);
  });

  it('layers in the order of the data, whatever the order in the file', () => {
    const first = attentionNodes('a', 'inputs_embeds');
    const second = attentionNodes('b', 'a/out');
    const plan = planTap(model([...second, ...first].reverse(), { outputs: [{ name: 'b/out' }] }), 'model', {
      num_hidden_layers: 2,
      num_attention_heads: 2,
    });
    expect(plan.outputs.map(({ node }) => node)).toEqual(['a/Softmax', 'b/Softmax']);
  });

  it('the tensor after Cast and Where, before Reshape', () => {
    const nodes = attentionNodes('a', 'inputs_embeds').flatMap((node): NodeSpec[] => {
      if (node.outputs[0] !== 'a/context') return [node];
      return [
        { op: 'Cast', inputs: ['a/probabilities'], outputs: ['a/cast'], attributes: { to: 1 } },
        { op: 'IsNaN', inputs: ['a/cast'], outputs: ['a/nan'] },
        { op: 'Where', inputs: ['a/nan', 'zero', 'a/cast'], outputs: ['a/where'] },
        { op: 'Reshape', inputs: ['a/where', 'flat'], outputs: ['a/reshaped'] },
        { ...node, inputs: ['a/reshaped', 'a/v.t'] },
      ];
    });
    const weights = {
      ...ATTENTION_WEIGHTS,
      zero: { dims: [], data: Float32Array.of(0) },
      flat: { dims: [4], data: BigInt64Array.of(0n, 0n, 0n, -1n) },
    };
    const [output] = planTap(model(nodes, { weights }), 'model', CONFIG).outputs;
    expect(output).toMatchObject({ name: 'a/where', mayLoseMass: true });
  });

  it('cross-attention by what the keys are made of, not by names', () => {
    const nodes = [...attentionNodes('x', 'inputs_embeds'), ...attentionNodes('y', 'x/out', 'encoder_hidden_states')];
    const plan = planTap(model(nodes, { inputs: [TOKENS, ENCODED], outputs: [{ name: 'y/out' }] }), 'decoder', {
      ...CONFIG,
      decoder_layers: 1,
    });
    expect(kinds(plan)).toEqual(['decoder_attentions.0', 'cross_attentions.0']);
  });

  it('encoder and decoder in one file', () => {
    const decoder = { name: 'decoder_input_ids', type: 'int64' as const, dims: ['batch', 'tokens'] };
    const nodes: NodeSpec[] = [
      ...attentionNodes('e', 'inputs_embeds'),
      { op: 'Gather', inputs: ['embedding', 'decoder_input_ids'], outputs: ['d'] },
      ...attentionNodes('x', 'd'),
      ...attentionNodes('y', 'x/out', 'e/out'),
    ];
    const weights = { ...ATTENTION_WEIGHTS, embedding: { dims: [4, 8], data: spread(32) } };
    const plan = planTap(model(nodes, { inputs: [TOKENS, decoder], outputs: [{ name: 'y/out' }], weights }), 'model', {
      ...CONFIG,
      encoder_layers: 1,
      decoder_layers: 1,
    });
    expect(kinds(plan)).toEqual(['encoder_attentions.0', 'decoder_attentions.0', 'cross_attentions.0']);
  });

  it('outputs that are there already, without adding them again', () => {
    const plan = planTap(
      model(attentionNodes('a', 'inputs_embeds'), { outputs: [{ name: 'a/out' }, { name: 'a/probabilities' }] }),
      'model',
      CONFIG,
    );
    expect(plan.addedBytes).toBe(0);
    expect(plan.outputs[0]?.name).toBe('a/probabilities');
  });

  it('a model that it tapped before', () => {
    const once = planTap(model(attentionNodes('a', 'inputs_embeds')), 'model', CONFIG);
    const twice = planTap(once.bytes, 'model', CONFIG);
    expect(twice.outputs).toEqual(once.outputs);
    expect(twice.addedBytes).toBe(0);
  });

  it('both branches of a merged decoder', () => {
    const branch = (prefix: string): GraphSpec => ({
      nodes: attentionNodes(prefix, 'inputs_embeds'),
      outputs: [{ name: `${prefix}/out` }],
    });
    const nodes: NodeSpec[] = [
      {
        op: 'If',
        name: 'merged',
        inputs: ['use_cache_branch'],
        outputs: ['out'],
        branches: { then_branch: branch('t'), else_branch: branch('e') },
      },
    ];
    const inputs = [TOKENS, { name: 'use_cache_branch', type: 'bool' as const, dims: [1] }];
    const plan = planTap(model(nodes, { inputs, outputs: [{ name: 'out' }] }), 'decoder-merged', CONFIG);
    expect(plan.outputs).toMatchObject([
      { name: 'decoder_attentions.0', label: 'decoder_attentions.0', kind: 'decoder', node: 't/Softmax' },
    ]);
    expect(readSignature(plan.bytes).outputs.map(({ name }) => name)).toEqual(['out', 'decoder_attentions.0']);
  });

  it('what branches take from nodes that stand after them', () => {
    const branch = (prefix: string): GraphSpec => ({
      nodes: [...attentionNodes(`${prefix}s`, 'hidden'), ...attentionNodes(`${prefix}c`, `${prefix}s/out`, 'states')],
      outputs: [{ name: `${prefix}c/out` }],
    });
    const nodes: NodeSpec[] = [
      {
        op: 'If',
        name: 'merged',
        inputs: ['use_cache_branch'],
        outputs: ['out'],
        branches: { then_branch: branch('t'), else_branch: branch('e') },
      },
      // As converters to half precision append their casts.
      { op: 'Cast', inputs: ['encoder_hidden_states'], outputs: ['states'], attributes: { to: 1 } },
      { op: 'Cast', inputs: ['inputs_embeds'], outputs: ['hidden'], attributes: { to: 1 } },
    ];
    const inputs = [TOKENS, ENCODED, { name: 'use_cache_branch', type: 'bool' as const, dims: [1] }];
    const plan = planTap(model(nodes, { inputs, outputs: [{ name: 'out' }] }), 'decoder-merged', {
      ...CONFIG,
      decoder_layers: 1,
    });
    expect(kinds(plan)).toEqual(['decoder_attentions.0', 'cross_attentions.0']);
  });

  it('hybrid models, whose config lists the type of each layer', () => {
    const config = {
      num_hidden_layers: 3,
      num_attention_heads: 2,
      layer_types: ['linear_attention', 'full_attention', 'conv'],
    };
    expect(kinds(planTap(model(attentionNodes('a', 'inputs_embeds')), 'decoder', config))).toEqual([
      'decoder_attentions.0',
    ]);
  });
});

describe('planTap refuses', () => {
  it('a router: its scores are a product with a weight', () => {
    const nodes: NodeSpec[] = [
      { op: 'MatMul', inputs: ['inputs_embeds', 'w.q'], outputs: ['scores'] },
      { op: 'Softmax', name: 'router', inputs: ['scores'], outputs: ['p'], attributes: { axis: -1 } },
      { op: 'MatMul', inputs: ['inputs_embeds', 'w.v'], outputs: ['experts'] },
      { op: 'MatMul', inputs: ['p', 'experts'], outputs: ['out'] },
    ];
    const error = refusal(model(nodes, { outputs: [{ name: 'out' }] }));
    expect(error.code).toBe('NO_ATTENTION_FOUND');
    expect(error.detail).toContain('Softmax router: its scores are a product with a weight');
  });

  it('probabilities that are the right operand of their product', () => {
    const nodes = replaced((node) => node.outputs[0] === 'a/context', {
      op: 'MatMul',
      inputs: ['a/v.t', 'a/probabilities'],
      outputs: ['a/context'],
    });
    const error = refusal(model(nodes));
    expect(error.code).toBe('LAYOUT_UNSUPPORTED');
    expect(error.detail).toContain('right operand');
  });

  it('a softmax over another dimension', () => {
    const nodes = replaced((node) => node.op === 'Softmax', {
      op: 'Softmax',
      name: 'a/Softmax',
      inputs: ['a/scores'],
      outputs: ['a/probabilities'],
      attributes: { axis: 1 },
    });
    expect(refusal(model(nodes)).detail).toContain('dimension 1');
  });

  it('another number of layers than the config says', () => {
    const error = refusal(model(attentionNodes('a', 'inputs_embeds')), 'model', {
      num_hidden_layers: 2,
      num_attention_heads: 2,
    });
    expect(error).toBeInstanceOf(TapRefused);
    expect(error.code).toBe('COUNT_MISMATCH');
    expect(error.detail).toContain('a/Softmax');
  });

  it('a decoder whose cross-attention it does not see', () => {
    const error = refusal(model(attentionNodes('a', 'inputs_embeds'), { inputs: [TOKENS, ENCODED] }), 'decoder');
    expect(error.code).toBe('COUNT_MISMATCH');
    expect(error.message).toContain('no cross attention');
  });

  it('another number of heads than the config says', () => {
    expect(
      refusal(model(attentionNodes('a', 'inputs_embeds')), 'model', { num_hidden_layers: 1, num_attention_heads: 4 })
        .code,
    ).toBe('COUNT_MISMATCH');
  });

  it('a config that says nothing', () => {
    for (const config of [{}, null, [], 'text', { num_hidden_layers: '1' }])
      expect(refusal(model(attentionNodes('a', 'inputs_embeds')), 'model', config).code).toBe('COUNT_MISMATCH');
  });

  it('keys from elsewhere in a model with an encoder', () => {
    const nodes: NodeSpec[] = [
      { op: 'Relu', inputs: ['inputs_embeds'], outputs: ['other'] },
      { op: 'Add', inputs: ['other', 'encoder_hidden_states'], outputs: ['mixed'] },
      ...attentionNodes('a', 'inputs_embeds', 'mixed'),
    ];
    expect(refusal(model(nodes, { inputs: [TOKENS, ENCODED] }), 'decoder').code).toBe('KIND_UNKNOWN');
  });

  it('attention in blocks', () => {
    const nodes = attentionNodes('a', 'inputs_embeds').flatMap((node): NodeSpec[] => {
      if (node.op === 'Softmax') {
        return [
          { op: 'Reshape', inputs: ['a/scores', 'blocks'], outputs: ['a/blocks'] },
          { ...node, inputs: ['a/blocks'] },
        ];
      }
      return [node];
    });
    const weights = { ...ATTENTION_WEIGHTS, blocks: { dims: [5], data: BigInt64Array.of(1n, 2n, -1n, 2n, 2n) } };
    const error = refusal(model(nodes, { weights }));
    expect(error.code).toBe('LAYOUT_UNSUPPORTED');
    expect(error.detail).toContain('5 dimensions');
  });

  it('branches that differ', () => {
    const branch = (nodes: readonly NodeSpec[], out: string): GraphSpec => ({ nodes, outputs: [{ name: out }] });
    const nodes: NodeSpec[] = [
      {
        op: 'If',
        name: 'merged',
        inputs: ['use_cache_branch'],
        outputs: ['out'],
        branches: {
          then_branch: branch(attentionNodes('t', 'inputs_embeds'), 't/out'),
          else_branch: branch([{ op: 'Relu', inputs: ['inputs_embeds'], outputs: ['r'] }], 'r'),
        },
      },
    ];
    const error = refusal(
      model(nodes, {
        inputs: [TOKENS, { name: 'use_cache_branch', type: 'bool', dims: [1] }],
        outputs: [{ name: 'out' }],
      }),
      'decoder-merged',
    );
    expect(error.code).toBe('BRANCH_MISMATCH');
    expect(error.detail).toContain('then_branch has t/Softmax');
  });

  it('fused attention that it does not know', () => {
    const nodes: NodeSpec[] = [
      { op: 'PagedAttention', domain: 'com.microsoft', name: 'paged', inputs: ['inputs_embeds'], outputs: ['out'] },
    ];
    const error = refusal(model(nodes, { outputs: [{ name: 'out' }] }));
    expect(error.code).toBe('FUSED_VARIANT_UNSUPPORTED');
    expect(error.detail).toContain('paged');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:…')],
    ['a file without a graph', new WireWriter().int(1, 8).done()],
    ['a cut file', model(attentionNodes('a', 'inputs_embeds')).slice(0, 500)],
  ])('%s', (_, bytes) => {
    expect(refusal(bytes).code).toBe('ONNX_INVALID');
  });

  it("ONNX Runtime's own format", () => {
    expect(refusal(Uint8Array.from([24, 0, 0, 0, 0x4f, 0x52, 0x54, 0x4d, 0, 0])).code).toBe('ORT_FORMAT');
  });

  it('two nodes that make the same tensor, and nodes in a circle', () => {
    expect(
      refusal(
        model([...attentionNodes('a', 'inputs_embeds'), { op: 'Relu', inputs: ['inputs_embeds'], outputs: ['a/out'] }]),
      ).code,
    ).toBe('ONNX_INVALID');
    expect(
      refusal(
        model([
          { op: 'Relu', inputs: ['y'], outputs: ['x'] },
          { op: 'Relu', inputs: ['x'], outputs: ['y'] },
        ]),
      ).code,
    ).toBe('ONNX_INVALID');
    expect(refusal(model([{ op: 'Relu', inputs: ['x'], outputs: ['x'] }])).code).toBe('ONNX_INVALID');
  });

  it("external data outside the model's folder", () => {
    for (const external of ['../secret', '/etc/passwd', 'a/../../b', 'C:\\x', '']) {
      const weights = { ...ATTENTION_WEIGHTS, 'w.q': { dims: [8, 8], data: spread(64), external } };
      expect(refusal(model(attentionNodes('a', 'inputs_embeds'), { weights })).code, external).toBe('ONNX_INVALID');
    }
    const weights = { ...ATTENTION_WEIGHTS, 'w.q': { dims: [8, 8], data: spread(64), external: 'model.onnx_data' } };
    expect(planTap(model(attentionNodes('a', 'inputs_embeds'), { weights }), 'model', CONFIG).externalData).toEqual([
      'model.onnx_data',
    ]);
  });

  it('more layers than any model has, at once', () => {
    const nodes: NodeSpec[] = [];
    for (let i = 0; i < 3000; i++) nodes.push(...attentionNodes(`l${i}`, i === 0 ? 'inputs_embeds' : `l${i - 1}/out`));
    const bytes = model(nodes, { outputs: [{ name: 'l2999/out' }] });
    const began = process.cpuUsage();
    expect(refusal(bytes).code).toBe('TOO_LARGE');
    // Processor time: other programs on the machine do not count.
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000);
  });

  it('with a report that a person can read', () => {
    const nodes = Array.from({ length: 500 }, (_, i): NodeSpec => ({
      op: 'Softmax',
      name: `s${i}`,
      inputs: ['inputs_embeds'],
      outputs: [`p${i}`],
    }));
    const lines = refusal(model(nodes, { outputs: [{ name: 'p0' }] })).detail?.split('\n') ?? [];
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toBe('and 300 more');
  });

  it('more nodes than any model has', () => {
    const body = new Uint8Array(2 * 300_000);
    const node = new WireWriter().text(4, 'Relu').done();
    const part = new WireWriter().bytes(1, node).done();
    const nodes = new Uint8Array(part.length * 300_000);
    for (let i = 0; i < 300_000; i++) nodes.set(part, i * part.length);
    expect(refusal(new WireWriter().bytes(7, nodes).done()).code).toBe('TOO_LARGE');
    body.fill(0x5a); // field 11 of 0x5a bytes each: values that are no messages
    expect(['TOO_LARGE', 'ONNX_INVALID']).toContain(refusal(new WireWriter().bytes(7, body).done()).code);
  });
});

describe('readSignature', () => {
  it('tells names, types and dimensions, and leaves out inputs that are weights', () => {
    const bytes = model(attentionNodes('a', 'inputs_embeds'), {
      inputs: [
        TOKENS,
        { name: 'w.q', type: 'float', dims: [8, 8] },
        { name: 'attention_mask', type: 'int64', dims: ['batch', 'past + tokens'] },
        { name: 'scalar', type: 'int64', dims: [] },
        { name: 'open' },
      ],
    });
    expect(readSignature(bytes).inputs).toEqual([
      { name: 'inputs_embeds', type: 'float32', dims: ['batch', 'tokens', 8] },
      { name: 'attention_mask', type: 'int64', dims: ['batch', 'past + tokens'] },
      { name: 'scalar', type: 'int64', dims: [] },
      { name: 'open', type: 'string', dims: null },
    ]);
  });
});
