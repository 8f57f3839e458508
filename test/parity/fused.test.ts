/**
 * Side graphs of fused attention, variant by variant: the probabilities that they compute, times the values, are what the fused
 * operator itself gives (onnxruntime-web, CPU).
 */
import * as ort from 'onnxruntime-web/webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { proveWeights, type Rows } from '../../src/attention/proof';
import type { TapPlan } from '../../src/onnx/types';
import type { AttributeValue } from '../../src/onnx/fused/sideGraph';
import { modelBytes, spread, type ValueSpec, type WeightSpec } from '../unit/onnx/modelBuilder';
import { useNodeRuntime } from './nodeRuntime';
import { planTap } from '../support/fromBytes';

const [HEADS, SIZE, TOKENS, PAST] = [4, 32, 5, 3];

interface Variant {
  readonly op: string;
  readonly domain?: string;
  readonly opset?: number;
  /** Input names by place; '' where left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
  readonly weights?: Readonly<Record<string, WeightSpec>>;
  /** [kvHeads][keys][size] of the values that the weights are applied to. */
  readonly values: Float32Array;
  readonly kvHeads: number;
  readonly keys: number;
  /** Values of the cache, which the self-test knows from the pass before. */
  readonly past?: Rows;
  /** The operator's result is [heads][queries][size], not [queries][heads·size]. */
  readonly byHead?: boolean;
}

const float = (seed: number, ...dims: number[]): ort.Tensor =>
  new ort.Tensor(
    'float32',
    spread(
      dims.reduce((a, b) => a * b, 1),
      seed,
    ),
    dims,
  );
const ints = (type: 'int32' | 'int64', values: readonly number[], dims: readonly number[]): ort.Tensor =>
  type === 'int32'
    ? new ort.Tensor('int32', Int32Array.from(values), dims)
    : new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const numbers = (tensor: ort.Tensor | undefined): Float32Array => (tensor?.data ?? new Float32Array()) as Float32Array;

/** [tokens][heads][size] → [heads][tokens][size]. */
function byHead(rows: Float32Array, heads: number, bias?: Float32Array): Float32Array {
  const tokens = rows.length / (heads * SIZE);
  return Float32Array.from(rows, (_, i) => {
    const [head, token, d] = [Math.floor(i / (tokens * SIZE)), Math.floor(i / SIZE) % tokens, i % SIZE];
    return (rows[(token * heads + head) * SIZE + d] ?? 0) + (bias?.[head * SIZE + d] ?? 0);
  });
}

/** [heads][a][size] and [heads][b][size], one after another along the tokens. */
function joined(a: Float32Array, b: Float32Array, heads: number): Float32Array {
  const [la, lb] = [a.length / heads, b.length / heads];
  const out = new Float32Array(a.length + b.length);
  for (let head = 0; head < heads; head++) {
    out.set(a.subarray(head * la, (head + 1) * la), head * (la + lb));
    out.set(b.subarray(head * lb, (head + 1) * lb), head * (la + lb) + la);
  }
  return out;
}

/** A cache [1, heads, tokens, size] with room behind its tokens. */
function padded(kept: ort.Tensor, capacity: number): ort.Tensor {
  const [, heads = 0, tokens = 0, size = 0] = kept.dims;
  const data = new Float32Array(heads * capacity * size);
  for (let head = 0; head < heads; head++)
    data.set(numbers(kept).subarray(head * tokens * size, (head + 1) * tokens * size), head * capacity * size);
  return new ort.Tensor('float32', data, [1, heads, capacity, size]);
}

/** weights [heads][queries][keys] · values [kvHeads][keys][size] as [queries][heads·size]. */
function applied(weights: Float32Array, { values, kvHeads, keys }: Variant, queries: number): Float32Array {
  const out = new Float32Array(queries * HEADS * SIZE);
  for (let head = 0; head < HEADS; head++) {
    const group = Math.floor(head / (HEADS / kvHeads));
    for (let query = 0; query < queries; query++) {
      for (let key = 0; key < keys; key++) {
        const weight = weights[(head * queries + query) * keys + key] ?? Number.NaN;
        for (let d = 0; d < SIZE; d++) {
          const at = (query * HEADS + head) * SIZE + d;
          out[at] = (out[at] ?? 0) + weight * (values[(group * keys + key) * SIZE + d] ?? 0);
        }
      }
    }
  }
  return out;
}

const KIND = { float32: 'float', int32: 'int32', int64: 'int64', bool: 'bool' } as const;

async function run(
  bytes: Uint8Array,
  { feeds }: Variant,
  level: 'basic' | 'all',
): Promise<Readonly<Record<string, ort.Tensor>>> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: level,
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** What the self-test says of a run: the weights times the values against what the operator gave. */
function proved(plan: TapPlan, results: Readonly<Record<string, ort.Tensor>>, { past }: Variant): readonly string[] {
  const [output] = plan.outputs;
  const rows = (name: string): Rows => ({ dims: results[name]?.dims ?? [], data: numbers(results[name]) });
  const [, heads = 0, queries = 0, keys = 0] = results[output?.name ?? '']?.dims ?? [];
  if (!output?.proof) return ['nothing proves it'];
  const { values, result, valueHeads } = output.proof;
  return proveWeights(numbers(results[output.name]), rows(values), past ? [past] : [], rows(result), {
    label: output.label,
    heads,
    queries,
    keys,
    valueHeads,
    tolerance: 2e-5,
  });
}

function planOf(variant: Variant): { readonly plan: TapPlan; readonly bytes: Uint8Array } {
  const inputs = Object.entries(variant.feeds).map(([name, tensor]): ValueSpec => ({
    name,
    type: KIND[tensor.type as keyof typeof KIND],
    dims: tensor.dims,
  }));
  const node = {
    op: variant.op,
    domain: variant.domain ?? 'com.microsoft',
    inputs: variant.inputs,
    outputs: variant.outputs,
    attributes: variant.attributes,
    name: 'fused',
  };
  const outputs = variant.outputs.filter((name) => name !== '').map((name): ValueSpec => ({ name }));
  const bytes = modelBytes({ nodes: [node], weights: variant.weights ?? {}, inputs, outputs }, variant.opset ?? 18);
  const plan = planTap(bytes, 'decoder', {
    num_hidden_layers: 1,
    num_attention_heads: HEADS,
    num_key_value_heads: variant.kvHeads,
  });
  return { plan, bytes: plan.assemble() };
}

async function check(variant: Variant, level: 'basic' | 'all'): Promise<void> {
  const { plan, bytes } = planOf(variant);
  const results = await run(bytes, variant, level);
  expect(proved(plan, results, variant)).toEqual([]);
  const tap = results[plan.outputs[0]?.name ?? ''];
  const queries = tap?.dims[2] ?? 0;
  expect(tap?.dims).toEqual([1, HEADS, queries, variant.keys]);
  const own = numbers(results[variant.outputs[0] ?? '']);
  const ours = applied(numbers(tap), variant, queries);
  const wanted =
    variant.byHead === true
      ? own.map(
          (_, i) =>
            own[(Math.floor(i / SIZE) % HEADS) * queries * SIZE + Math.floor(i / (HEADS * SIZE)) * SIZE + (i % SIZE)] ??
            0,
        )
      : own;
  expect(ours.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(Math.abs((ours[i] ?? Number.NaN) - value)).toBeLessThan(2e-5);
}

function groupQuery(options: {
  readonly past?: number;
  readonly packed?: boolean;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly rotarySize?: number;
  readonly bias?: boolean;
  readonly sink?: boolean;
  readonly positions?: boolean;
  /** No cache at all: neither taken nor given. */
  readonly alone?: boolean;
  /** Rows of the cache, more than it holds. */
  readonly capacity?: number;
}): Variant {
  const kvHeads = 2;
  const past = options.past ?? 0;
  const keys = past + TOKENS;
  const packed = float(1, 1, TOKENS, (HEADS + 2 * kvHeads) * SIZE);
  const value = float(3, 1, TOKENS, kvHeads * SIZE);
  const width = (HEADS + 2 * kvHeads) * SIZE;
  const packedValue = Float32Array.from(
    { length: TOKENS * kvHeads * SIZE },
    (_, i) =>
      numbers(packed)[Math.floor(i / (kvHeads * SIZE)) * width + (HEADS + kvHeads) * SIZE + (i % (kvHeads * SIZE))] ??
      0,
  );
  const pastValue = float(6, 1, kvHeads, past, SIZE);
  const room = (kept: ort.Tensor): ort.Tensor =>
    options.capacity === undefined ? kept : padded(kept, options.capacity);
  const rotary = options.rotarySize ?? 0;
  const angles = Float32Array.from(
    { length: 16 * (rotary / 2) },
    (_, i) => Math.floor(i / (rotary / 2)) / 10 ** ((i % (rotary / 2)) / 2),
  );
  return {
    op: 'GroupQueryAttention',
    inputs: [
      'query',
      options.packed ? '' : 'key',
      options.packed ? '' : 'value',
      options.alone ? '' : 'past_key',
      options.alone ? '' : 'past_value',
      'seqlens_k',
      'total',
      rotary ? 'cos' : '',
      rotary ? 'sin' : '',
      options.positions ? 'positions' : '',
      options.bias ? 'bias' : '',
      options.sink ? 'sink' : '',
    ],
    outputs: options.alone ? ['out'] : ['out', 'present_key', 'present_value'],
    attributes: { num_heads: HEADS, kv_num_heads: kvHeads, ...(rotary ? { do_rotary: 1 } : {}), ...options.attributes },
    weights: {
      ...(rotary
        ? {
            cos: { dims: [16, rotary / 2], data: angles.map(Math.cos) },
            sin: { dims: [16, rotary / 2], data: angles.map(Math.sin) },
          }
        : {}),
      total: { dims: [1], data: Int32Array.of(keys) },
    },
    feeds: {
      query: options.packed ? packed : float(1, 1, TOKENS, HEADS * SIZE),
      ...(options.packed ? {} : { key: float(2, 1, TOKENS, kvHeads * SIZE), value }),
      ...(options.alone ? {} : { past_key: room(float(5, 1, kvHeads, past, SIZE)), past_value: room(pastValue) }),
      seqlens_k: ints('int32', [keys - 1], [1]),
      ...(options.bias ? { bias: float(8, 1, HEADS, TOKENS, keys) } : {}),
      ...(options.sink ? { sink: float(9, HEADS) } : {}),
      ...(options.positions
        ? {
            positions: ints(
              'int64',
              Array.from({ length: TOKENS }, (_, i) => past + i),
              [1, TOKENS],
            ),
          }
        : {}),
    },
    ...(past > 0 ? { past: { dims: pastValue.dims, data: numbers(pastValue) } } : {}),
    values: joined(numbers(pastValue), byHead(options.packed ? packedValue : numbers(value), kvHeads), kvHeads),
    kvHeads,
    keys,
  };
}

function multiHead(options: {
  readonly form?: 'rows' | 'heads';
  readonly bias?: boolean;
  readonly mask?: 'lengths' | 'keys' | 'queries';
  readonly scoreBias?: boolean;
  readonly past?: boolean;
  readonly present?: boolean;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}): Variant {
  const form = options.form ?? 'rows';
  const past = options.past ? PAST : 0;
  const keys = past + TOKENS;
  const width = HEADS * SIZE;
  const bias = spread(3 * width, 11);
  const value = float(3, 1, TOKENS, width);
  const valueBias = options.bias ? bias.subarray(2 * width) : undefined;
  const ownValues = form === 'heads' ? spread(TOKENS * width, 4) : byHead(numbers(value), HEADS, valueBias);
  const pastValue = float(6, 1, HEADS, past, SIZE);
  const masks = {
    lengths: ints('int32', [keys - 2], [1]),
    keys: ints(
      'int32',
      Array.from({ length: keys }, (_, i) => Number(i !== 1)),
      [1, keys],
    ),
    queries: ints(
      'int32',
      Array.from({ length: TOKENS * keys }, (_, i) => Number(i % 3 !== 1)),
      [1, TOKENS, keys],
    ),
  };
  return {
    op: 'MultiHeadAttention',
    inputs: [
      'query',
      'key',
      'value',
      options.bias ? 'bias' : '',
      options.mask ? 'mask' : '',
      options.scoreBias ? 'score_bias' : '',
      options.past ? 'past_key' : '',
      options.past ? 'past_value' : '',
    ],
    outputs: options.present ? ['out', 'present_key', 'present_value'] : ['out'],
    attributes: { num_heads: HEADS, ...options.attributes },
    weights: options.bias ? { bias: { dims: [3 * width], data: bias } } : {},
    feeds: {
      query: float(1, 1, TOKENS, width),
      key: form === 'heads' ? float(2, 1, HEADS, TOKENS, SIZE) : float(2, 1, TOKENS, width),
      value: form === 'heads' ? float(4, 1, HEADS, TOKENS, SIZE) : value,
      ...(options.mask ? { mask: masks[options.mask] } : {}),
      ...(options.scoreBias ? { score_bias: float(8, 1, HEADS, TOKENS, keys) } : {}),
      ...(options.past ? { past_key: float(5, 1, HEADS, past, SIZE), past_value: pastValue } : {}),
    },
    ...(past > 0 ? { past: { dims: pastValue.dims, data: numbers(pastValue) } } : {}),
    values: past > 0 ? joined(numbers(pastValue), ownValues, HEADS) : ownValues,
    kvHeads: HEADS,
    keys,
  };
}

function contrib(options: {
  readonly mask?: 'keys' | 'queries';
  readonly causal?: boolean;
  readonly past?: boolean;
  readonly scoreBias?: boolean;
}): Variant {
  const width = HEADS * SIZE;
  const past = options.past ? PAST : 0;
  const keys = past + TOKENS;
  const input = float(1, 1, TOKENS, width);
  const weights = spread(width * 3 * width, 2).map((x) => x / 4);
  const bias = spread(3 * width, 3);
  const projected = Float32Array.from({ length: TOKENS * width }, (_, i) => {
    const [token, column] = [Math.floor(i / width), 2 * width + (i % width)];
    let sum = bias[column] ?? 0;
    for (let j = 0; j < width; j++)
      sum += (numbers(input)[token * width + j] ?? 0) * (weights[j * 3 * width + column] ?? 0);
    return sum;
  });
  const state = float(5, 2, 1, HEADS, past, SIZE);
  const masks = {
    keys: ints(
      'int32',
      Array.from({ length: keys }, (_, i) => Number(i !== 1)),
      [1, keys],
    ),
    queries: ints(
      'int32',
      Array.from({ length: TOKENS * keys }, (_, i) => Number(i % 3 !== 1)),
      [1, TOKENS, keys],
    ),
  };
  return {
    op: 'Attention',
    inputs: [
      'input',
      'weights',
      'bias',
      options.mask ? 'mask' : '',
      options.past ? 'past' : '',
      options.scoreBias ? 'score_bias' : '',
    ],
    outputs: options.past ? ['out', 'present'] : ['out'],
    attributes: { num_heads: HEADS, ...(options.causal ? { unidirectional: 1 } : {}) },
    weights: { weights: { dims: [width, 3 * width], data: weights }, bias: { dims: [3 * width], data: bias } },
    feeds: {
      input,
      ...(options.mask ? { mask: masks[options.mask] } : {}),
      ...(options.past ? { past: state } : {}),
      ...(options.scoreBias ? { score_bias: float(8, 1, HEADS, TOKENS, keys) } : {}),
    },
    ...(past > 0 ? { past: { dims: [1, HEADS, past, SIZE], data: numbers(state).slice(HEADS * past * SIZE) } } : {}),
    values: joined(numbers(state).subarray(HEADS * past * SIZE), byHead(projected, HEADS), HEADS),
    kvHeads: HEADS,
    keys,
  };
}

/** ai.onnx.Attention, whose fourth output is the probabilities. */
function standard(options: {
  readonly rows?: boolean;
  readonly past?: boolean;
  readonly mask?: boolean;
  readonly mode?: boolean;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}): Variant {
  const kvHeads = 2;
  const past = options.past ? PAST : 0;
  const keys = past + TOKENS;
  const value = options.rows ? float(3, 1, TOKENS, kvHeads * SIZE) : float(3, 1, kvHeads, TOKENS, SIZE);
  const pastValue = float(6, 1, kvHeads, past, SIZE);
  const own = options.rows ? byHead(numbers(value), kvHeads) : numbers(value);
  return {
    op: 'Attention',
    domain: '',
    opset: 23,
    inputs: ['query', 'key', 'value', options.mask ? 'mask' : '', ...(options.past ? ['past_key', 'past_value'] : [])],
    outputs: options.past ? ['out', 'present_key', 'present_value'] : ['out'],
    attributes: {
      ...(options.rows ? { q_num_heads: HEADS, kv_num_heads: kvHeads } : {}),
      ...(options.mode ? { qk_matmul_output_mode: 0 } : {}),
      ...options.attributes,
    },
    feeds: {
      query: options.rows ? float(1, 1, TOKENS, HEADS * SIZE) : float(1, 1, HEADS, TOKENS, SIZE),
      key: options.rows ? float(2, 1, TOKENS, kvHeads * SIZE) : float(2, 1, kvHeads, TOKENS, SIZE),
      value,
      ...(options.mask
        ? {
            mask: new ort.Tensor(
              'bool',
              Uint8Array.from({ length: TOKENS * keys }, (_, i) => Number(i % 3 !== 1)),
              [TOKENS, keys],
            ),
          }
        : {}),
      ...(options.past ? { past_key: float(5, 1, kvHeads, past, SIZE), past_value: pastValue } : {}),
    },
    ...(past > 0 ? { past: { dims: pastValue.dims, data: numbers(pastValue) } } : {}),
    values: joined(numbers(pastValue), own, kvHeads),
    kvHeads,
    keys,
    byHead: options.rows !== true,
  };
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  'grouped queries': groupQuery({}),
  'grouped, with a past': groupQuery({ past: PAST }),
  'grouped, packed': groupQuery({ packed: true, past: PAST }),
  'grouped, rotary': groupQuery({ rotarySize: SIZE, past: PAST }),
  'grouped, rotary, packed': groupQuery({ rotarySize: SIZE, packed: true }),
  'grouped, interleaved rotary': groupQuery({ rotarySize: SIZE, past: PAST, attributes: { rotary_interleaved: 1 } }),
  'grouped, part of a head rotated': groupQuery({ rotarySize: SIZE / 2, past: PAST }),
  'grouped, rotary by given positions': groupQuery({ rotarySize: SIZE, past: PAST, positions: true }),
  'grouped, scale': groupQuery({ attributes: { scale: { float: 0.7 } } }),
  'grouped, softcap': groupQuery({ past: PAST, attributes: { softcap: { float: 1.5 } } }),
  'grouped, window': groupQuery({ past: PAST, attributes: { local_window_size: 3 } }),
  'grouped, smooth softmax': groupQuery({ attributes: { smooth_softmax: 1 } }),
  'grouped, sink': groupQuery({ sink: true, past: PAST }),
  'grouped, both ways': groupQuery({ attributes: { causal: 0 } }),
  'grouped, both ways, with a bias': groupQuery({ bias: true, attributes: { causal: 0 } }),
  'grouped, causal said': groupQuery({ past: PAST, attributes: { causal: 1 } }),
  'grouped, without a cache': groupQuery({ alone: true, rotarySize: SIZE }),
  'grouped, packed, without a cache': groupQuery({ alone: true, packed: true, rotarySize: SIZE }),
  'grouped, a cache of a fixed length': groupQuery({ past: PAST, capacity: 16, rotarySize: SIZE }),
  'grouped, bias': groupQuery({ bias: true, past: PAST }),
  'multi-head': multiHead({}),
  'multi-head, bias': multiHead({ bias: true }),
  'multi-head, keys by head': multiHead({ form: 'heads' }),
  'multi-head, mask of keys': multiHead({ mask: 'keys' }),
  'multi-head, mask of queries and keys': multiHead({ mask: 'queries' }),
  'multi-head, score bias': multiHead({ scoreBias: true, bias: true }),
  'multi-head, past': multiHead({ past: true, present: true }),
  'multi-head, past and bias': multiHead({ past: true, present: true, bias: true }),
  'multi-head, causal': multiHead({ attributes: { unidirectional: 1 } }),
  'multi-head, scale': multiHead({ attributes: { scale: { float: 0.3 } } }),
  attention: contrib({}),
  'attention, causal': contrib({ causal: true }),
  'attention, causal, past': contrib({ causal: true, past: true }),
  'attention, mask of keys': contrib({ mask: 'keys' }),
  'attention, mask of queries and keys': contrib({ mask: 'queries' }),
  'attention, score bias': contrib({ scoreBias: true }),
  'ONNX attention': standard({}),
  'ONNX attention, causal': standard({ attributes: { is_causal: 1 } }),
  'ONNX attention, past, mask': standard({ past: true, mask: true }),
  'ONNX attention, heads in rows': standard({ rows: true, past: true }),
  'ONNX attention, softcap, mode written': standard({
    mode: true,
    attributes: { softcap: { float: 1.5 }, scale: { float: 0.4 } },
  }),
};

describe('the self-test proves weights by what the operator itself gave', () => {
  beforeAll(useNodeRuntime);

  /** The planned model with the operator's own attribute changed: as if a later runtime took it otherwise. */
  async function changed(attribute: string, from: number, to: number): Promise<readonly string[]> {
    const variant = groupQuery({ attributes: { [attribute]: from } });
    const { plan, bytes } = planOf(variant);
    const text = Buffer.from(bytes);
    // AttributeProto: name (1), then its integer (3).
    const name = Buffer.concat([Buffer.from([0x0a, attribute.length]), Buffer.from(attribute), Buffer.from([0x18])]);
    const at = text.indexOf(name) + name.length;
    expect(text[at]).toBe(from);
    text[at] = to;
    return proved(plan, await run(text, variant, 'basic'), variant);
  }

  it('an operator that is taken otherwise is found', async () => {
    expect(await changed('causal', 1, 1)).toEqual([]);
    expect(await changed('causal', 1, 0)).toEqual([expect.stringContaining('off the operator’s own result')]);
    expect(await changed('local_window_size', 3, 2)).toEqual([
      expect.stringContaining('off the operator’s own result'),
    ]);
    expect(await changed('smooth_softmax', 0, 1)).toEqual([expect.stringContaining('off the operator’s own result')]);
  });
});

describe('side graphs agree with the fused operator', () => {
  beforeAll(useNodeRuntime);
  for (const [name, variant] of Object.entries(VARIANTS)) {
    it(name, async () => {
      await check(variant, 'basic');
      await check(variant, 'all');
    });
  }
});
