/** An encoder of BERT's size with random weights, as an exporter would write it: what no fixture is large enough for. */
import { WireWriter } from '../../src/onnx/wire/writer';

export interface Size {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly inner: number;
  readonly vocabulary: number;
  /** The file beside the model that holds the table of embeddings, as exporters do it where that is large. */
  readonly beside?: string;
}

export const BASE: Size = { layers: 12, heads: 12, width: 768, inner: 3072, vocabulary: 1000 };

const FLOAT = 1;
const INT64 = 7;
/** TensorProto.DataLocation. */
const EXTERNAL = 1;
/** AttributeProto.AttributeType. */
const INT = 2;
const INTS = 7;

interface Attribute {
  readonly name: string;
  readonly value: number | readonly number[];
}

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Attribute[] = [],
): WireWriter {
  const out = new WireWriter();
  for (const input of inputs) out.text(1, input);
  out.text(2, output).text(3, `/${output}`).text(4, op);
  for (const { name, value } of attributes) {
    const attribute = new WireWriter().text(1, name);
    if (typeof value === 'number') attribute.int(3, value).int(20, INT);
    else for (const item of value) attribute.int(8, item);
    if (typeof value !== 'number') attribute.int(20, INTS);
    out.message(5, attribute);
  }
  return out;
}

function tensor(name: string, type: number, dims: readonly number[], data: Float32Array | BigInt64Array): WireWriter {
  const out = new WireWriter();
  for (const dim of dims) out.int(1, dim);
  return out
    .int(2, type)
    .text(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function value(name: string, type: number, dims: readonly (string | number)[]): WireWriter {
  const shape = new WireWriter();
  for (const dim of dims)
    shape.message(1, typeof dim === 'number' ? new WireWriter().int(1, dim) : new WireWriter().text(2, dim));
  return new WireWriter()
    .text(1, name)
    .message(2, new WireWriter().message(1, new WireWriter().int(1, type).message(2, shape)));
}

/** Numbers of about the size that trained weights have; the same for every layer, which costs the runtime no less. */
function weights(length: number): Float32Array {
  const out = new Float32Array(length);
  let state = 12345;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = (state / 2 ** 32 - 0.5) * 0.12;
  }
  return out;
}

/** A tensor whose numbers lie in a file beside the model. */
function tensorBeside(file: string, name: string, dims: readonly number[]): WireWriter {
  const out = new WireWriter();
  for (const dim of dims) out.int(1, dim);
  const external = { location: file, offset: '0', length: String(4 * dims.reduce((a, b) => a * b, 1)) };
  out.int(2, FLOAT).text(8, name);
  for (const [key, value] of Object.entries(external)) out.message(13, new WireWriter().text(1, key).text(2, value));
  return out.int(14, EXTERNAL);
}

/** The bytes of the ONNX file, the table of embeddings where that lies beside it, and the config.json that goes with it. */
export function randomEncoder(size: Size = BASE): {
  readonly bytes: Uint8Array;
  readonly table: Float32Array;
  readonly config: unknown;
} {
  const { layers, heads, width, inner, vocabulary, beside } = size;
  const graph = new WireWriter();
  const add = (
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: readonly Attribute[] = [],
  ): string => {
    graph.message(1, node(op, inputs, output, attributes));
    return output;
  };
  const square = weights(width * width);
  const wide = weights(width * inner);
  const table = weights(vocabulary * width);
  for (let i = 0; i < table.length; i++) table[i] = (table[i] ?? 0) * 8;
  const shape = [vocabulary, width];
  const initializers: WireWriter[] = [
    beside === undefined ? tensor('embeddings', FLOAT, shape, table) : tensorBeside(beside, 'embeddings', shape),
    tensor('split', INT64, [4], BigInt64Array.of(0n, 0n, BigInt(heads), BigInt(width / heads))),
    tensor('join', INT64, [3], BigInt64Array.of(0n, 0n, BigInt(width))),
    tensor('root', FLOAT, [], Float32Array.of(Math.sqrt(width / heads))),
    tensor('sqrt2', FLOAT, [], Float32Array.of(Math.SQRT2)),
    tensor('one', FLOAT, [], Float32Array.of(1)),
    tensor('half', FLOAT, [], Float32Array.of(0.5)),
    tensor('scale', FLOAT, [width], new Float32Array(width).fill(1)),
    tensor('bias', FLOAT, [width], new Float32Array(width)),
  ];
  const weight = (name: string, dims: readonly number[], data: Float32Array): string => {
    initializers.push(tensor(name, FLOAT, dims, data));
    return name;
  };

  let x = add('Gather', ['embeddings', 'input_ids'], 'embedded');
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): string => `layer.${layer}.${name}`;
    const projected = (name: string, perm: readonly number[]): string => {
      const flat = add('MatMul', [x, weight(at(`${name}.weight`), [width, width], square)], at(name));
      return add('Transpose', [add('Reshape', [flat, 'split'], at(`${name}.heads`))], at(`${name}.turned`), [
        { name: 'perm', value: perm },
      ]);
    };
    const scores = add(
      'Div',
      [add('MatMul', [projected('query', [0, 2, 1, 3]), projected('key', [0, 2, 3, 1])], at('scores')), 'root'],
      at('scaled'),
    );
    const context = add(
      'MatMul',
      [add('Softmax', [scores], at('probabilities'), [{ name: 'axis', value: -1 }]), projected('value', [0, 2, 1, 3])],
      at('context'),
    );
    const joined = add(
      'Reshape',
      [add('Transpose', [context], at('context.turned'), [{ name: 'perm', value: [0, 2, 1, 3] }]), 'join'],
      at('context.joined'),
    );
    const attended = add(
      'Add',
      [add('MatMul', [joined, weight(at('output.weight'), [width, width], square)], at('output')), x],
      at('residual'),
    );
    const normed = add('LayerNormalization', [attended, 'scale', 'bias'], at('normed'), [{ name: 'axis', value: -1 }]);
    const up = add('MatMul', [normed, weight(at('up.weight'), [width, inner], wide)], at('up'));
    const erf = add(
      'Add',
      [add('Erf', [add('Div', [up, 'sqrt2'], at('gelu.in'))], at('gelu.erf')), 'one'],
      at('gelu.sum'),
    );
    const gelu = add('Mul', [add('Mul', [up, erf], at('gelu.product')), 'half'], at('gelu'));
    const down = add(
      'Add',
      [add('MatMul', [gelu, weight(at('down.weight'), [inner, width], wide)], at('down')), normed],
      at('residual.2'),
    );
    x = add('LayerNormalization', [down, 'scale', 'bias'], layer === layers - 1 ? 'last_hidden_state' : at('out'), [
      { name: 'axis', value: -1 },
    ]);
  }
  graph.text(2, 'random');
  for (const initializer of initializers) graph.message(5, initializer);
  graph
    .message(11, value('input_ids', INT64, ['batch', 'sequence']))
    .message(12, value('last_hidden_state', FLOAT, ['batch', 'sequence', width]));
  const model = new WireWriter().int(1, 8).message(7, graph).message(8, new WireWriter().text(1, '').int(2, 17));
  return {
    bytes: model.done(),
    table,
    config: {
      model_type: 'bert',
      architectures: ['BertModel'],
      num_hidden_layers: layers,
      num_attention_heads: heads,
      hidden_size: width,
      vocab_size: vocabulary,
      max_position_embeddings: 1024,
    },
  };
}
