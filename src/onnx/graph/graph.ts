/** A view of one graph (or subgraph) of a model: nodes, names, scopes. Weights are names and sizes only. */
import { readNode, type GraphNode } from './node';
import { putInOrder } from './order';
import {
  FIELD,
  readAttribute,
  readSmallInts,
  readTensor,
  readValueInfo,
  type TensorInfo,
  type ValueInfo,
} from '../wire/proto';
import { invalidOnnx, tooLarge, WireReader, type MessageSpan, type ByteSpan } from '../wire/reader';
import { say } from '../../text/say';

/** Far above any real model (a 100-layer decoder has some 30,000 nodes), far below what could hang. */
const LIMITS = {
  nodes: 250_000,
  references: 2_000_000,
  initializers: 250_000,
  values: 500_000,
  depth: 8,
  subgraphs: 4096,
} as const;

/** Operators whose attributes hold graphs. */
const CONTROL_FLOW = new Set([
  'If',
  'Loop',
  'Scan',
  'SequenceMap',
  'BeamSearch',
  'GreedySearch',
  'Sampling',
  'WhisperBeamSearch',
]);

/** A graph held by a node's attribute. */
export interface Subgraph {
  readonly node: GraphNode;
  readonly attribute: string;
  readonly graph: Graph;
  /** The AttributeProto around it, for edits. */
  readonly attributeSpan: MessageSpan;
}

/** What a walk over a whole model may still read; shared by its graphs. */
interface Budget {
  nodes: number;
  references: number;
  initializers: number;
  values: number;
  subgraphs: number;
}

/** One graph of a file: the top one, or a subgraph in a node's attribute. */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly initializers = new Map<string, TensorInfo>();
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly values = new Map<string, ValueInfo>();
  readonly subgraphs: Subgraph[] = [];
  /** Which node makes a tensor, and which take it (in this graph, not in its subgraphs). */
  readonly producer = new Map<string, GraphNode>();
  readonly consumers = new Map<string, GraphNode[]>();
  /** External data files named by this graph's tensors. */
  readonly external = new Set<string>();

  private constructor(
    readonly bytes: Uint8Array,
    readonly parent: Graph | null,
    /** For reports: 'graph', or the attribute's name ('then_branch'). */
    readonly title: string,
    /** The GraphProto's occurrences; protobuf merges them, lists one after another. */
    readonly spans: readonly MessageSpan[],
  ) {}

  /** @throws ExplainError ONNX_INVALID, TOO_LARGE */
  static read(bytes: Uint8Array, spans: readonly MessageSpan[]): Graph {
    const budget = {
      nodes: LIMITS.nodes,
      references: LIMITS.references,
      initializers: LIMITS.initializers,
      values: LIMITS.values,
      subgraphs: LIMITS.subgraphs,
    };
    return Graph.#read(bytes, spans, null, 'graph', 0, budget);
  }

  static #read(
    bytes: Uint8Array,
    spans: readonly MessageSpan[],
    parent: Graph | null,
    title: string,
    depth: number,
    budget: Budget,
  ): Graph {
    if (depth > LIMITS.depth) throw tooLarge(say('onnx.reason.deepGraphs', { most: LIMITS.depth }));
    const graph = new Graph(bytes, parent, title, spans);
    for (const span of spans) graph.#readFields(span, budget);
    graph.#index(depth, budget);
    return graph;
  }

  #readFields(span: ByteSpan, budget: Budget): void {
    const reader = new WireReader(this.bytes, span);
    while (reader.next()) {
      switch (reader.field) {
        case FIELD.graph.node:
          if (--budget.nodes < 0) throw tooLarge(say('onnx.reason.manyNodes', { most: LIMITS.nodes }));
          this.nodes.push(readNode(this.bytes, { ...reader.bytesField(), tag: reader.tag }, budget));
          break;
        case FIELD.graph.initializer: {
          if (--budget.initializers < 0) throw tooLarge(say('onnx.reason.manyWeights', { most: LIMITS.initializers }));
          const tensor = readTensor(this.bytes, reader.bytesField());
          this.initializers.set(tensor.name, tensor);
          if (tensor.external !== undefined) this.external.add(tensor.external);
          break;
        }
        case FIELD.graph.input:
        case FIELD.graph.output:
        case FIELD.graph.valueInfo: {
          if (--budget.values < 0) throw tooLarge(say('onnx.reason.manyValues', { most: LIMITS.values }));
          const value = readValueInfo(this.bytes, reader.bytesField());
          if (reader.field === FIELD.graph.input) this.inputs.push(value);
          else if (reader.field === FIELD.graph.output) this.outputs.push(value);
          this.values.set(value.name, value);
          break;
        }
      }
    }
  }

  /** Who makes and who takes each tensor; reads subgraphs. */
  #index(depth: number, budget: Budget): void {
    for (const node of this.nodes) {
      for (const output of node.outputs) {
        if (output === '') continue;
        if (this.producer.has(output) || this.initializers.has(output))
          throw invalidOnnx(say('onnx.reason.madeTwice', { tensor: output }));
        this.producer.set(output, node);
      }
      for (const input of node.inputs) {
        if (input === '') continue;
        const list = this.consumers.get(input);
        if (list) list.push(node);
        else this.consumers.set(input, [node]);
      }
    }
    for (const node of this.nodes) if (CONTROL_FLOW.has(node.op)) this.#readSubgraphs(node, depth, budget);
    putInOrder(this);
  }

  #readSubgraphs(node: GraphNode, depth: number, budget: Budget): void {
    const reader = new WireReader(this.bytes, node.span);
    while (reader.next()) {
      if (reader.field !== FIELD.node.attribute) continue;
      const attributeSpan = { ...reader.bytesField(), tag: reader.tag };
      const attribute = readAttribute(this.bytes, attributeSpan);
      for (const span of attribute.graphs) {
        if (--budget.subgraphs < 0) throw tooLarge(say('onnx.reason.manySubgraphs', { most: LIMITS.subgraphs }));
        const graph = Graph.#read(this.bytes, [span], this, attribute.name, depth + 1, budget);
        this.subgraphs.push({ node, attribute: attribute.name, graph, attributeSpan });
        for (const file of graph.external) this.external.add(file);
      }
    }
  }

  /** The initializer of that name in this graph or around it. */
  initializer(name: string): TensorInfo | undefined {
    return this.initializers.get(name) ?? this.parent?.initializer(name);
  }

  /** True where the name means something in this graph or around it. */
  hasName(name: string): boolean {
    return (
      this.producer.has(name) ||
      this.initializers.has(name) ||
      this.values.has(name) ||
      (this.parent?.hasName(name) ?? false)
    );
  }

  /** The whole graph tree, this one first. */
  *all(): Generator<Graph> {
    yield this;
    for (const { graph } of this.subgraphs) yield* graph.all();
  }

  /** Elements of a small integer constant: an initializer, or a Constant node's value. */
  smallInts(name: string): number[] | undefined {
    const node = this.producer.get(name);
    if (node) {
      if (node.op !== 'Constant') return undefined;
      const tensor = node.attribute('value')?.tensor;
      if (tensor) return readSmallInts(this.bytes, readTensor(this.bytes, tensor));
      const ints = node.ints('value_ints');
      if (ints && ints.length > 0) return [...ints];
      const int = node.int('value_int');
      return int === undefined ? undefined : [int];
    }
    const tensor = this.initializers.get(name);
    if (tensor) return readSmallInts(this.bytes, tensor);
    return this.parent?.smallInts(name);
  }
}
