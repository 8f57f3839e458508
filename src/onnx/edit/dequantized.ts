/**
 * Weights that a file keeps as bytes and turns into numbers by nodes (a Cast, and a Mul by scales) are turned into numbers here, once.
 * The runtime would do the same whenever it makes a session, by its own kernels, in each branch of a merged decoder anew, and most of
 * the time that a session takes is this. A product of a byte and a float32 has at most 32 bits, so that it is exact before it is
 * rounded: the numbers are those of the kernels, to the bit.
 */
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { OnnxModel } from '../graph/onnxFile';
import { FIELD, FLOAT, type TensorInfo } from '../wire/proto';
import { WireReader, type MessageSpan } from '../wire/reader';
import { WireWriter } from '../wire/writer';
import type { FurtherEdits } from '../types';
import type { Insertion } from './insertions';
import { pathOf } from './place';

/** TensorProto.DataType of bytes, without a sign and with one. */
const UINT8 = 2;
const INT8 = 3;
/** The name that the numbers have among the model's external data. */
const FILE = 'explain.dequantized';
/** Larger weights are left to the runtime: all that is made here is in one array. */
const MAX_BYTES = 512e6;

export interface Dequantized extends FurtherEdits {
  /** The numbers, as external data of the edited file. */
  readonly externalData: { readonly path: string; readonly data: Uint8Array };
}

/** Scales of a weight [rows, columns]: for each column, for each row, or one for all. */
type Along = 'columns' | 'rows' | 'all';

/** A weight of the outermost graph, and what is multiplied with it. */
interface Weight {
  readonly tensor: TensorInfo;
  readonly scale: TensorInfo;
  readonly along: Along;
}

/** The nodes of one graph that turn a weight into numbers; a merged decoder has such nodes in both branches. */
interface Chain {
  readonly at: PlacedGraph;
  readonly weight: Weight;
  readonly cast: GraphNode;
  readonly mul: GraphNode;
}

const EMPTY = new Uint8Array();

/** What takes the place of such nodes; undefined where the model has none, or too large ones. */
export function dequantized(model: OnnxModel): Dequantized | undefined {
  const { graph: top, bytes } = model;
  const graphs = [...placed(top)];
  const insertions: Insertion[] = [];
  const gone = new Set<GraphNode>();
  const remove = ({ path }: PlacedGraph, node: GraphNode): void => {
    gone.add(node);
    insertions.push({ path: path(node), bytes: EMPTY, instead: { start: node.span.tag, end: node.span.end } });
  };
  const wanted: { readonly name: string; readonly weight: Weight; readonly transposed: string }[] = [];
  for (const [name, chains] of chainsByName(graphs)) {
    const [{ weight } = { weight: undefined }] = chains;
    if (!weight) continue;
    for (const { at, cast, mul } of chains) for (const node of [cast, mul]) remove(at, node);
    const turned = `${name}.transposed`;
    const turns = top.hasName(turned)
      ? []
      : chains.flatMap(({ at }) => turnsOf(at.graph, name).map((node) => ({ at, node })));
    for (const { at, node } of turns) {
      remove(at, node);
      const [output = ''] = node.outputs;
      for (const user of at.graph.consumers.get(output) ?? [])
        for (const instead of user.inputSpans(output))
          insertions.push({
            path: [...at.path(user), user.span],
            bytes: new WireWriter().text(FIELD.node.input, turned).done(),
            instead,
          });
    }
    wanted.push({ name, weight, transposed: turns.length > 0 ? turned : '' });
  }
  const size = wanted.reduce((sum, { weight, transposed }) => sum + count(weight) * (transposed === '' ? 1 : 2), 0);
  if (size === 0 || size * 4 > MAX_BYTES) return undefined;
  insertions.push(...unused(top, wanted, gone));

  const numbers = new Float32Array(size);
  const suffix = new WireWriter();
  let at = 0;
  const take = (name: string, rows: number, columns: number): Float32Array => {
    const own = numbers.subarray(at, at + rows * columns);
    suffix.message(FIELD.graph.initializer, external(name, [rows, columns], own));
    at += own.length;
    return own;
  };
  for (const { name, weight, transposed } of wanted) {
    const [rows = 0, columns = 0] = weight.tensor.dims;
    const own = take(name, rows, columns);
    multiply(bytes, weight, own);
    if (transposed !== '') transpose(own, take(transposed, columns, rows), rows, columns);
  }
  return {
    insertions,
    suffix: new WireWriter().message(FIELD.model.graph, suffix).done(),
    externalData: { path: FILE, data: new Uint8Array(numbers.buffer) },
  };
}

interface PlacedGraph {
  readonly graph: Graph;
  /** The way to the graph's message that a node of it lies in. */
  readonly path: (node: GraphNode) => readonly MessageSpan[];
}

/** All graphs of a model with the way to each. */
function* placed(graph: Graph, outer: readonly MessageSpan[] = []): Generator<PlacedGraph> {
  const path = (node: GraphNode): readonly MessageSpan[] => [...outer, ...pathOf(graph, node.span).slice(0, 1)];
  yield { graph, path };
  for (const { node, attributeSpan, graph: inner } of graph.subgraphs)
    yield* placed(inner, [...path(node), node.span, attributeSpan]);
}

/** The chains by the name of the numbers that they make, which is one name for the whole model from then on. */
function chainsByName(graphs: readonly PlacedGraph[]): ReadonlyMap<string, readonly Chain[]> {
  const byName = new Map<string, Chain[]>();
  for (const at of graphs)
    for (const mul of at.graph.nodes) {
      const chain = chainOf(at, graphs[0]?.graph ?? at.graph, mul);
      const [name = ''] = mul.outputs;
      if (chain) byName.set(name, [...(byName.get(name) ?? []), chain]);
    }
  const isOne = (name: string, chains: readonly Chain[]): boolean =>
    chains.every(
      ({ weight: { tensor, scale } }) => tensor === chains[0]?.weight.tensor && scale === chains[0].weight.scale,
    ) && graphs.filter(({ graph }) => isNamed(graph, name)).length === chains.length;
  return new Map([...byName].filter(([name, chains]) => isOne(name, chains)));
}

const isNamed = ({ producer, initializers, inputs }: Graph, name: string): boolean =>
  producer.has(name) || initializers.has(name) || inputs.some((input) => input.name === name);

/** The nodes that make numbers of a weight of the outermost graph, where nothing else takes what is between them. */
function chainOf(at: PlacedGraph, top: Graph, mul: GraphNode): Chain | undefined {
  if (mul.op !== 'Mul' || mul.domain !== '' || mul.inputs.length !== 2) return undefined;
  const { graph } = at;
  const cast = mul.inputs.map((input) => graph.producer.get(input)).find((node) => node?.op === 'Cast');
  if (cast?.int('to') !== FLOAT) return undefined;
  const [between = ''] = cast.outputs;
  const tensor = weightOf(graph, top, cast.inputs[0] ?? '');
  const scale = weightOf(graph, top, mul.inputs.find((input) => input !== between) ?? '');
  if (!tensor || scale?.type !== FLOAT || (tensor.type !== INT8 && tensor.type !== UINT8)) return undefined;
  const along = alongOf(tensor.dims, scale.dims);
  const isAlone = isOwn(graph, between) && graph.consumers.get(between)?.length === 1;
  if (!along || !isAlone || isOutput(graph, mul.outputs[0] ?? '')) return undefined;
  return { at, weight: { tensor, scale, along }, cast, mul };
}

/** The nodes that transpose these numbers, where nothing but nodes of the same graph takes what they make. */
const turnsOf = (graph: Graph, name: string): readonly GraphNode[] =>
  (graph.consumers.get(name) ?? []).filter((node) => {
    const order = node.ints('perm') ?? [];
    const isTransposition = order.length === 0 || order.join() === '1,0';
    return node.op === 'Transpose' && node.domain === '' && isTransposition && isOwn(graph, node.outputs[0] ?? '');
  });

/** A weight that stands in the file itself, in the outermost graph, and means the same in `graph`. */
function weightOf(graph: Graph, top: Graph, name: string): TensorInfo | undefined {
  const tensor = top.initializers.get(name);
  const isHere = tensor && graph.initializer(name) === tensor && !graph.producer.has(name);
  // An initializer that is an input as well may be fed another value.
  const isFed = top.inputs.some((input) => input.name === name);
  return isHere && !isFed && rawData(top.bytes, tensor) ? tensor : undefined;
}

function alongOf(weight: readonly number[], scale: readonly number[]): Along | undefined {
  const [rows = 0, columns = 0] = weight;
  if (weight.length !== 2 || rows * columns === 0 || scale.length > 2) return undefined;
  const [down = 1, across = 1] = scale.length === 2 ? scale : [1, ...scale];
  if (down === 1 && across === 1) return 'all';
  if (down === 1 && across === columns) return 'columns';
  return down === rows && across === 1 ? 'rows' : undefined;
}

const isOutput = (graph: Graph, name: string): boolean => graph.outputs.some((output) => output.name === name);

/** True where a tensor is no output of its graph, and no graph inside it takes it. */
const isOwn = (graph: Graph, name: string): boolean =>
  !isOutput(graph, name) &&
  graph.subgraphs.every(({ graph: inner }) => [...inner.all()].every(({ consumers }) => !consumers.has(name)));

const count = ({ tensor: { dims } }: Weight): number => (dims[0] ?? 0) * (dims[1] ?? 0);

/** Takes the bytes and scales out that nothing needs any more. */
function unused(
  top: Graph,
  wanted: readonly { readonly weight: Weight }[],
  gone: ReadonlySet<GraphNode>,
): readonly Insertion[] {
  const needed = new Set(
    [...top.all()].flatMap(({ nodes, outputs }) => [
      ...nodes.filter((node) => !gone.has(node)).flatMap(({ inputs }) => inputs),
      ...outputs.map(({ name }) => name),
    ]),
  );
  const free = new Set(
    wanted
      .flatMap(({ weight: { tensor, scale } }) => [tensor, scale])
      .filter(({ name }) => !needed.has(name))
      .map(({ span }) => span.start),
  );
  const insertions: Insertion[] = [];
  for (const span of top.spans) {
    const reader = new WireReader(top.bytes, span);
    while (reader.next())
      if (reader.field === FIELD.graph.initializer && free.has(reader.start))
        insertions.push({ path: [span], bytes: EMPTY, instead: { start: reader.tag, end: reader.end } });
  }
  return insertions;
}

/** A float32 TensorProto whose data are a part of the external ones. */
function external(name: string, dims: readonly number[], { byteOffset, byteLength }: Float32Array): WireWriter {
  const entry = (key: string, value: string): WireWriter => new WireWriter().text(1, key).text(2, value);
  const tensor = new WireWriter();
  for (const dim of dims) tensor.int(FIELD.tensor.dims, dim);
  return tensor
    .int(FIELD.tensor.type, FLOAT)
    .text(FIELD.tensor.name, name)
    .message(FIELD.tensor.external, entry('location', FILE))
    .message(FIELD.tensor.external, entry('offset', String(byteOffset)))
    .message(FIELD.tensor.external, entry('length', String(byteLength)))
    .int(FIELD.tensor.location, 1);
}

/** A tensor's bytes; undefined where the file has them in another form, or elsewhere. */
function rawData(bytes: Uint8Array, { dims, type, span }: TensorInfo): Uint8Array | undefined {
  const length = dims.reduce((product, dim) => product * dim, type === FLOAT ? 4 : 1);
  const reader = new WireReader(bytes, span);
  while (reader.next())
    if (reader.field === FIELD.tensor.raw)
      return reader.end - reader.start === length ? bytes.subarray(reader.start, reader.end) : undefined;
  return undefined;
}

function multiply(bytes: Uint8Array, { tensor, scale, along }: Weight, into: Float32Array): void {
  const raw = rawData(bytes, tensor) ?? EMPTY;
  const integers = tensor.type === INT8 ? new Int8Array(raw.buffer, raw.byteOffset, raw.length) : raw;
  // A copy, as a float has to lie at a multiple of four.
  const scales = new Float32Array((rawData(bytes, scale) ?? EMPTY).slice().buffer);
  const [rows = 0, columns = 0] = tensor.dims;
  for (let row = 0; row < rows; row++) {
    if (along === 'columns') multiplyEach(integers, scales, into, row * columns, columns);
    else multiplyAll(integers, scales[along === 'rows' ? row : 0] ?? 0, into, row * columns, columns);
  }
}

// Small functions: the browser compiles them well after the first rows.
function multiplyEach(
  integers: Int8Array | Uint8Array,
  scales: Float32Array,
  into: Float32Array,
  at: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) into[at + i] = (integers[at + i] ?? 0) * (scales[i] ?? 0);
}

function multiplyAll(
  integers: Int8Array | Uint8Array,
  scale: number,
  into: Float32Array,
  at: number,
  length: number,
): void {
  for (let i = at; i < at + length; i++) into[i] = (integers[i] ?? 0) * scale;
}

/** In tiles, as columns of a large matrix lie far from each other in memory. */
function transpose(from: Float32Array, into: Float32Array, rows: number, columns: number): void {
  const tile = 32;
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile) {
      const bottom = Math.min(rows, top + tile);
      const right = Math.min(columns, left + tile);
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++) into[column * rows + row] = from[row * columns + column] ?? 0;
    }
}
