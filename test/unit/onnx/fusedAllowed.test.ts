/** Fused operators fail closed: an attribute or an input that is not known is refused by its name. */
import { describe, expect, it } from 'vitest';
import { ExplainError } from '../../../src/errors';
import type { AttributeValue } from '../../../src/onnx/fused/sideGraph';
import { modelBytes, spread, TOKENS, type NodeSpec, type ValueSpec } from './modelBuilder';
import { planTap } from '../../support/fromBytes';

const CONFIG = { num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 2 };

interface Operator {
  readonly node: NodeSpec;
  /** How many inputs the operator has that are known. */
  readonly known: number;
}

const past: readonly ValueSpec[] = ['past_key_values.0.key', 'past_key_values.0.value'].map((name) => ({
  name,
  type: 'float' as const,
  dims: ['batch', 2, 'past', 4],
}));

const OPERATORS: Readonly<Record<string, Operator>> = {
  GroupQueryAttention: {
    node: {
      op: 'GroupQueryAttention',
      domain: 'com.microsoft',
      name: 'fused',
      inputs: ['q', 'k', 'v', 'past_key_values.0.key', 'past_key_values.0.value', 'lengths', 'total'],
      outputs: ['out', 'present_key', 'present_value'],
      attributes: { num_heads: 2, kv_num_heads: 2 },
    },
    known: 16,
  },
  MultiHeadAttention: {
    node: {
      op: 'MultiHeadAttention',
      domain: 'com.microsoft',
      name: 'fused',
      inputs: ['q', 'k', 'v'],
      outputs: ['out'],
      attributes: { num_heads: 2 },
    },
    known: 8,
  },
  'Attention of com.microsoft': {
    node: {
      op: 'Attention',
      domain: 'com.microsoft',
      name: 'fused',
      inputs: ['inputs_embeds', 'weights', 'bias'],
      outputs: ['out'],
      attributes: { num_heads: 2 },
    },
    known: 6,
  },
  'Attention of ONNX': {
    node: {
      op: 'Attention',
      name: 'fused',
      inputs: ['q', 'k', 'v'],
      outputs: ['out'],
      attributes: { q_num_heads: 2, kv_num_heads: 2 },
    },
    known: 6,
  },
};

function bytesOf({ node }: Operator, change: Partial<NodeSpec>): Uint8Array {
  const projections = ['q', 'k', 'v'].map((name): NodeSpec => ({
    op: 'MatMul',
    inputs: ['inputs_embeds', `w.${name}`],
    outputs: [name],
  }));
  const square = { dims: [8, 8], data: spread(64) };
  return modelBytes(
    {
      nodes: [...projections, { ...node, ...change }],
      weights: {
        'w.q': square,
        'w.k': square,
        'w.v': square,
        weights: { dims: [8, 24], data: spread(192) },
        bias: { dims: [24], data: spread(24) },
        lengths: { dims: [1], data: Int32Array.of(3) },
        total: { dims: [1], data: Int32Array.of(4) },
        more: { dims: [1], data: spread(1) },
      },
      inputs: [TOKENS, ...past],
      outputs: [{ name: 'out' }],
    },
    23,
  );
}

function refusal(bytes: Uint8Array): ExplainError {
  try {
    planTap(bytes, 'model', CONFIG);
  } catch (thrown) {
    if (thrown instanceof ExplainError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}

describe.each(Object.entries(OPERATORS))('%s', (_name, operator) => {
  const { node, known } = operator;
  const withAttribute = (name: string, value: AttributeValue): Uint8Array =>
    bytesOf(operator, { attributes: { ...node.attributes, [name]: value } });

  it('is taken with what is known of it, and can be proved', () => {
    const [output] = planTap(bytesOf(operator, {}), 'model', CONFIG).outputs;
    expect(output?.proof?.result).toBe('out');
    expect(output?.proof?.values).not.toBe('');
  });

  it('is refused with an attribute that is not known, by its name', () => {
    const error = refusal(withAttribute('looks_sideways', 1));
    expect(error.code).toBe('FUSED_VARIANT_UNSUPPORTED');
    expect(error.message).toContain('its attribute looks_sideways is not known here');
  });

  it('is refused with an input that is not known, by its name', () => {
    const inputs = [...node.inputs, ...Array.from({ length: known - node.inputs.length }, () => ''), 'more'];
    const error = refusal(bytesOf(operator, { inputs }));
    expect(error.code).toBe('FUSED_VARIANT_UNSUPPORTED');
    expect(error.message).toContain(`its input ${known + 1} (more) is not known here`);
  });

  it('is refused where a switch is neither on nor off', () => {
    const name = { GroupQueryAttention: 'causal', MultiHeadAttention: 'unidirectional' }[node.op];
    const attribute = name ?? (node.domain === undefined ? 'is_causal' : 'unidirectional');
    expect(refusal(withAttribute(attribute, 2)).message).toContain(`its attribute ${attribute} is 2, neither 0 nor 1`);
  });
});

describe('what is known and cannot be recomputed', () => {
  it.each([
    ['a quantised cache', 'GroupQueryAttention', { kv_cache_bit_width: 8 }, 'quantised'],
    ['a window without a causal mask', 'GroupQueryAttention', { causal: 0, local_window_size: 4 }, 'window'],
    ['rotation inside Attention', 'Attention of com.microsoft', { do_rotary: 1 }, 'rotates'],
    ['a shared cache', 'Attention of com.microsoft', { past_present_share_buffer: 1 }, 'shared'],
  ] as const)('%s is refused', (_what, name, attributes, reason) => {
    const operator = OPERATORS[name];
    if (!operator) throw new Error('no such operator');
    const error = refusal(bytesOf(operator, { attributes: { ...operator.node.attributes, ...attributes } }));
    expect(error.code).toBe('FUSED_VARIANT_UNSUPPORTED');
    expect(error.message).toContain(reason);
  });

  it('attention of another domain is refused, and a function of the model by that name is none', () => {
    const operator = OPERATORS['MultiHeadAttention'];
    if (!operator) throw new Error('no such operator');
    const error = refusal(bytesOf(operator, { op: 'FlashAttention', domain: 'org.example' }));
    expect(error.code).toBe('FUSED_VARIANT_UNSUPPORTED');
    expect(error.message).toContain('FlashAttention: this operator is not known');
  });

  it('a cache of the length of a window is let grow, by one attribute', () => {
    const operator = OPERATORS['GroupQueryAttention'];
    if (!operator) throw new Error('no such operator');
    const attributes = { ...operator.node.attributes, sliding_window_cache: 1, local_window_size: 6 };
    const plan = planTap(bytesOf(operator, { attributes }), 'model', CONFIG);
    expect([...plan.windows]).toEqual(past.map(({ name }) => [name, { capacity: 6 }]));
    // Of an attribute that is written twice the last value counts: a second plan sees none.
    expect([...planTap(plan.bytes, 'model', CONFIG).windows]).toEqual([]);
  });
});
