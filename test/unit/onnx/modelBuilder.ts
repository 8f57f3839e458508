/** Builds small ONNX models for tests, byte by byte. */
import { attribute, type AttributeValue } from '../../../src/onnx/fused/sideGraph';
import { WireWriter } from '../../../src/onnx/wire/writer';

export const TYPE = { float: 1, int8: 3, int32: 6, int64: 7, bool: 9 } as const;
export type TypeName = keyof typeof TYPE;

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly branches?: Readonly<Record<string, GraphSpec>>;
}

export interface ValueSpec {
  readonly name: string;
  readonly type?: TypeName;
  readonly dims?: readonly (number | string)[];
}

export interface WeightSpec {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array | Int32Array | Int8Array;
  /** Says that the data are in this file instead. */
  readonly external?: string;
}

export interface GraphSpec {
  readonly nodes: readonly NodeSpec[];
  readonly weights?: Readonly<Record<string, WeightSpec>>;
  readonly inputs?: readonly ValueSpec[];
  readonly outputs?: readonly ValueSpec[];
}

function value({ name, type, dims }: ValueSpec): WireWriter {
  const body = new WireWriter().text(1, name);
  if (!type) return body;
  const tensor = new WireWriter().int(1, TYPE[type]);
  if (dims) {
    const shape = new WireWriter();
    for (const dim of dims)
      shape.message(1, typeof dim === 'number' ? new WireWriter().int(1, dim) : new WireWriter().text(2, dim));
    tensor.message(2, shape);
  }
  return body.message(2, new WireWriter().message(1, tensor));
}

function typeOf(data: WeightSpec['data']): number {
  if (data instanceof Float32Array) return TYPE.float;
  if (data instanceof Int8Array) return TYPE.int8;
  return data instanceof Int32Array ? TYPE.int32 : TYPE.int64;
}

function weight(name: string, { dims, data, external }: WeightSpec): WireWriter {
  const body = new WireWriter();
  for (const dim of dims) body.int(1, dim);
  body.int(2, typeOf(data)).text(8, name);
  if (external !== undefined)
    return body.message(13, new WireWriter().text(1, 'location').text(2, external)).int(14, 1);
  return body.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

export function graphBytes({ nodes, weights = {}, inputs = [], outputs = [] }: GraphSpec): WireWriter {
  const body = new WireWriter();
  for (const { op, inputs: from, outputs: to, name, domain, attributes = {}, branches = {} } of nodes) {
    const node = new WireWriter();
    for (const input of from) node.text(1, input);
    for (const output of to) node.text(2, output);
    if (name !== undefined) node.text(3, name);
    node.text(4, op);
    for (const [key, item] of Object.entries(attributes)) node.message(5, attribute(key, item));
    for (const [key, graph] of Object.entries(branches))
      node.message(5, new WireWriter().text(1, key).message(6, graphBytes(graph)).int(20, 5));
    if (domain !== undefined) node.text(7, domain);
    body.message(1, node);
  }
  body.text(2, 'graph');
  for (const [name, spec] of Object.entries(weights)) body.message(5, weight(name, spec));
  for (const input of inputs) body.message(11, value(input));
  for (const output of outputs) body.message(12, value(output));
  return body;
}

/** A ModelProto; `opset` of ONNX's own operators. */
export function modelBytes(graph: GraphSpec, opset = 18): Uint8Array {
  return new WireWriter()
    .int(1, 10)
    .message(7, graphBytes(graph))
    .message(8, new WireWriter().text(1, '').int(2, opset))
    .message(8, new WireWriter().text(1, 'com.microsoft').int(2, 1))
    .done();
}

/** Values that are the same at every run, spread over [-1, 1]. */
export function spread(count: number, seed = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));
}

const HIDDEN = 8;

/**
 * One eager attention layer over `input` (a tensor of [batch, tokens, 8]); two heads of four.
 * @param from tensor that keys and values are projected from; `input` itself for self-attention
 */
export function attentionNodes(prefix: string, input: string, from = input): NodeSpec[] {
  const projection = (role: string, source: string, perm: readonly number[]): NodeSpec[] => [
    { op: 'MatMul', inputs: [source, `w.${role}`], outputs: [`${prefix}/${role}`] },
    { op: 'Reshape', inputs: [`${prefix}/${role}`, 'split'], outputs: [`${prefix}/${role}.heads`] },
    { op: 'Transpose', inputs: [`${prefix}/${role}.heads`], outputs: [`${prefix}/${role}.t`], attributes: { perm } },
  ];
  return [
    ...projection('q', input, [0, 2, 1, 3]),
    ...projection('k', from, [0, 2, 3, 1]),
    ...projection('v', from, [0, 2, 1, 3]),
    { op: 'MatMul', inputs: [`${prefix}/q.t`, `${prefix}/k.t`], outputs: [`${prefix}/scores`] },
    {
      op: 'Softmax',
      name: `${prefix}/Softmax`,
      inputs: [`${prefix}/scores`],
      outputs: [`${prefix}/probabilities`],
      attributes: { axis: -1 },
    },
    { op: 'MatMul', inputs: [`${prefix}/probabilities`, `${prefix}/v.t`], outputs: [`${prefix}/context`] },
    {
      op: 'Transpose',
      inputs: [`${prefix}/context`],
      outputs: [`${prefix}/context.t`],
      attributes: { perm: [0, 2, 1, 3] },
    },
    { op: 'Reshape', inputs: [`${prefix}/context.t`, 'join'], outputs: [`${prefix}/out`] },
  ];
}

export const ATTENTION_WEIGHTS: Readonly<Record<string, WeightSpec>> = {
  'w.q': { dims: [HIDDEN, HIDDEN], data: spread(HIDDEN * HIDDEN, 2) },
  'w.k': { dims: [HIDDEN, HIDDEN], data: spread(HIDDEN * HIDDEN, 3) },
  'w.v': { dims: [HIDDEN, HIDDEN], data: spread(HIDDEN * HIDDEN, 4) },
  split: { dims: [4], data: BigInt64Array.of(0n, 0n, 2n, 4n) },
  join: { dims: [3], data: BigInt64Array.of(0n, 0n, 8n) },
};

export const TOKENS: ValueSpec = { name: 'inputs_embeds', type: 'float', dims: ['batch', 'tokens', HIDDEN] };
export const ENCODED: ValueSpec = {
  name: 'encoder_hidden_states',
  type: 'float',
  dims: ['batch', 'encoder_tokens', HIDDEN],
};
