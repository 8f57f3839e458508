/** Writes small graphs of ONNX nodes that are appended to a model's graph. */
import { FIELD, FLOAT, INT64 } from '../wire/proto';
import { WireWriter } from '../wire/writer';

export type AttributeValue = number | readonly number[] | { readonly float: number };

const KIND = { float: 1, int: 2, tensor: 4, ints: 7 } as const;

/** An AttributeProto of an integer, integers or a float. */
export function attribute(name: string, value: AttributeValue): WireWriter {
  const body = new WireWriter().text(FIELD.attribute.name, name);
  if (typeof value === 'number') return body.int(FIELD.attribute.i, value).int(FIELD.attribute.type, KIND.int);
  if ('float' in value) return body.float(FIELD.attribute.f, value.float).int(FIELD.attribute.type, KIND.float);
  for (const item of value) body.int(FIELD.attribute.ints, item);
  return body.int(FIELD.attribute.type, KIND.ints);
}

/** A NodeProto. */
export function writeNode(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain = '',
): WireWriter {
  const body = new WireWriter();
  for (const input of inputs) body.text(FIELD.node.input, input);
  for (const output of outputs) body.text(FIELD.node.output, output);
  body.text(FIELD.node.name, `explain/${outputs[0] ?? op}`).text(FIELD.node.op, op);
  for (const [name, value] of Object.entries(attributes)) body.message(FIELD.node.attribute, attribute(name, value));
  return domain === '' ? body : body.text(FIELD.node.domain, domain);
}

/** A side graph in the making: every method adds a node and returns the name of its output. */
export class SideGraph {
  readonly nodes: WireWriter[] = [];

  /** @param prefix of the tensors' names, used by nothing else in the model */
  constructor(private readonly prefix: string) {}

  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): string {
    const output = `${this.prefix}/${this.nodes.length}`;
    this.nodes.push(writeNode(op, inputs, [output], attributes, domain));
    return output;
  }

  /** A node whose output has a name of its own. */
  named(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): void {
    this.nodes.push(writeNode(op, inputs, [output], attributes));
  }

  /** A node that is written elsewhere; `write` gets the name that its output is to have. */
  node(write: (output: string) => WireWriter): string {
    const output = `${this.prefix}/${this.nodes.length}`;
    this.nodes.push(write(output));
    return output;
  }

  /** Nodes that are written elsewhere, of names that begin with `prefix`, for a tensor of the name `output`. */
  graft(write: (prefix: string, output: string) => readonly WireWriter[]): string {
    const output = `${this.prefix}/${this.nodes.length}`;
    this.nodes.push(...write(`${output}.`, output));
    return output;
  }

  /** Gives `tensor` the name `output` too. */
  name(tensor: string, output: string): void {
    this.nodes.push(writeNode('Identity', [tensor], [output]));
  }

  /** Gives `tensor` the name `output`, and ends. */
  finish(tensor: string, output: string): readonly WireWriter[] {
    this.name(tensor, output);
    return this.nodes;
  }

  #constant(dims: readonly number[], type: number, raw: Uint8Array): string {
    const output = `${this.prefix}/${this.nodes.length}`;
    const tensor = new WireWriter();
    for (const dim of dims) tensor.int(FIELD.tensor.dims, dim);
    tensor.int(FIELD.tensor.type, type).bytes(FIELD.tensor.raw, raw);
    const value = new WireWriter()
      .text(FIELD.attribute.name, 'value')
      .message(FIELD.attribute.t, tensor)
      .int(FIELD.attribute.type, KIND.tensor);
    const body = new WireWriter()
      .text(FIELD.node.output, output)
      .text(FIELD.node.name, `explain/${output}`)
      .text(FIELD.node.op, 'Constant');
    this.nodes.push(body.message(FIELD.node.attribute, value));
    return output;
  }

  /** An int64 vector. */
  ints(...values: number[]): string {
    return this.#constant([values.length], INT64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** An int64 scalar. */
  int(value: number): string {
    return this.#constant([], INT64, new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
  }

  /** A float32 scalar. */
  float(value: number): string {
    return this.#constant([], FLOAT, new Uint8Array(Float32Array.of(value).buffer));
  }

  toFloat(tensor: string): string {
    return this.add('Cast', [tensor], { to: FLOAT });
  }

  reshape(tensor: string, ...shape: number[]): string {
    return this.add('Reshape', [tensor, this.ints(...shape)]);
  }

  transpose(tensor: string, ...perm: number[]): string {
    return this.add('Transpose', [tensor], { perm });
  }

  slice(tensor: string, axis: number, start: number, end: number): string {
    return this.add('Slice', [tensor, this.ints(start), this.ints(end), this.ints(axis)]);
  }

  /** One element of an axis, which goes away. */
  pick(tensor: string, axis: number, index: number): string {
    return this.add('Gather', [tensor, this.int(index)], { axis });
  }

  /** The size of one dimension, an int64 scalar. */
  size(tensor: string, axis: number): string {
    return this.pick(this.add('Shape', [tensor]), 0, axis);
  }

  /** start, start + 1, …, end − 1 as an int64 vector; all int64 scalars. */
  range(start: string, end: string): string {
    return this.add('Range', [start, end, this.int(1)]);
  }
}
