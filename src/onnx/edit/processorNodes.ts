/**
 * Nodes that a graphics device gets wrong, or not exactly enough, and that the processor therefore runs. All are small: what a graph
 * makes of positions alone (sines and cosines of rotary embeddings, Su et al. 2021), and who may see whom.
 */
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { OnnxModel } from '../graph/onnxFile';
import { FIELD } from '../wire/proto';
import type { MessageSpan } from '../wire/reader';
import { WireWriter } from '../wire/writer';
import type { Insertion } from './insertions';

const MAX_WALK = 4096;

/** A node and the way to it in the file. */
interface PlacedNode {
  readonly node: GraphNode;
  readonly path: readonly MessageSpan[];
}

/** Takes those nodes of one graph that the search is for. */
type Search = (graph: Graph, flow: Flow) => Iterable<GraphNode>;

function* waves(graph: Graph, flow: Flow): Iterable<GraphNode> {
  const queue: GraphNode[] = graph.nodes.filter(({ op }) => op === 'Cos' || op === 'Sin');
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const node = queue[i] as GraphNode; // i < length
    // What is made of the text itself is large, and belongs on the graphics device.
    if (node.op === 'Constant' || node.outputs.some((output) => flow.of(output).content !== 0)) continue;
    yield node;
    for (const input of node.inputs) {
      const maker = graph.producer.get(input);
      if (maker && !seen.has(maker)) {
        seen.add(maker);
        queue.push(maker);
      }
    }
  }
}

const COMPARES = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal', 'And', 'Or', 'Xor', 'Not']);

function* comparisons(graph: Graph, flow: Flow): Iterable<GraphNode> {
  for (const node of graph.nodes)
    if (COMPARES.has(node.op) && node.inputs.every((input) => flow.of(input).content === 0)) yield node;
}

/** What a search finds in a graph and in the graphs inside it. */
function* found(graph: Graph, flow: Flow, search: Search, outer: readonly MessageSpan[]): Iterable<PlacedNode> {
  const pathTo = ({ span }: GraphNode): readonly MessageSpan[] => {
    const around = graph.spans.find(({ start, end }) => start <= span.tag && span.end <= end);
    return around ? [...outer, around, span] : [];
  };
  for (const node of search(graph, flow)) yield { node, path: pathTo(node) };
  for (const { node, attributeSpan, graph: inner } of graph.subgraphs) {
    const known = flow.inner.get(inner);
    if (known) yield* found(inner, known, search, [...pathTo(node), attributeSpan]);
  }
}

/** The node's own name; one by its place in the file where it has none, which `namings` gives it. */
const nameOf = ({ name, span }: GraphNode): string => (name === '' ? `explain.node.${span.tag}` : name);

const namesOf = ({ graph, flow }: OnnxModel, search: Search): readonly string[] => [
  ...new Set([...found(graph, flow, search, [])].map(({ node }) => nameOf(node))),
];

/**
 * Names of the nodes that compare positions or masks with each other. The WebGPU provider of ONNX Runtime 1.30 keeps the programs that
 * it has compiled for such nodes, and takes one for another: after a model whose mask is compared in one form, those of another form
 * got a causal mask in steps of four keys. They are small, and the processor's kernels are right.
 */
export const maskNodes = (model: OnnxModel): readonly string[] => namesOf(model, comparisons);

/**
 * Names of the nodes that make Cos and Sin of positions, and what these are made of. WGSL asks of cos and sin no more
 * than an absolute error of 2^-11, and attention by rotary embeddings would be off by as much: 3e-3 in a weight.
 */
export const positionNodes = (model: OnnxModel): readonly string[] => namesOf(model, waves);

/** Names of all nodes that are to run on the processor. The runtime is told by name, so `namings` is to be in the edited file. */
export const processorNodes = (model: OnnxModel): readonly string[] => [...positionNodes(model), ...maskNodes(model)];

/** What gives those of these nodes a name that have none. */
export function namings({ graph, flow }: OnnxModel): readonly Insertion[] {
  const nameless = new Map<GraphNode, PlacedNode>();
  for (const search of [waves, comparisons])
    for (const one of found(graph, flow, search, []))
      if (one.node.name === '' && one.path.length > 0) nameless.set(one.node, one);
  return [...nameless.values()].map(({ node, path }) => ({
    path,
    bytes: new WireWriter().text(FIELD.node.name, nameOf(node)).done(),
  }));
}
