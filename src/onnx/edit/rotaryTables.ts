/** What a graph makes of positions alone: sines and cosines (rotary embeddings, Su et al. 2021), and who may see whom. */
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { OnnxModel } from '../graph/onnxFile';
import type { GraphNode } from '../graph/node';

const MAX_WALK = 4096;

function collect(graph: Graph, flow: Flow, names: Set<string>): void {
  const queue: GraphNode[] = graph.nodes.filter(({ op }) => op === 'Cos' || op === 'Sin');
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const node = queue[i] as GraphNode; // i < length
    // What is made of the text itself is large, and belongs on the graphics device.
    if (node.op === 'Constant' || node.outputs.some((output) => flow.of(output).content !== 0)) continue;
    if (node.name !== '') names.add(node.name);
    for (const input of node.inputs) {
      const maker = graph.producer.get(input);
      if (maker && !seen.has(maker)) {
        seen.add(maker);
        queue.push(maker);
      }
    }
  }
  for (const { graph: inner } of graph.subgraphs) {
    const known = flow.inner.get(inner);
    if (known) collect(inner, known, names);
  }
}

const COMPARES = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal', 'And', 'Or', 'Xor', 'Not']);

function collectMasks(graph: Graph, flow: Flow, names: Set<string>): void {
  for (const node of graph.nodes)
    if (COMPARES.has(node.op) && node.name !== '' && node.inputs.every((input) => flow.of(input).content === 0))
      names.add(node.name);
  for (const { graph: inner } of graph.subgraphs) {
    const known = flow.inner.get(inner);
    if (known) collectMasks(inner, known, names);
  }
}

/**
 * Names of the nodes that compare positions or masks with each other. The WebGPU provider of ONNX Runtime 1.30 keeps the programs that
 * it has compiled for such nodes, and takes one for another: after a model whose mask is compared in one form, those of another form
 * got a causal mask in steps of four keys. They are small, and the processor's kernels are right.
 */
export function maskNodes({ graph, flow }: OnnxModel): readonly string[] {
  const names = new Set<string>();
  collectMasks(graph, flow, names);
  return [...names];
}

/**
 * Names of the nodes that make Cos and Sin of positions, and what these are made of. WGSL asks of cos and sin no more
 * than an absolute error of 2^-11, and attention by rotary embeddings would be off by as much: 3e-3 in a weight.
 */
export function positionNodes({ graph, flow }: OnnxModel): readonly string[] {
  const names = new Set<string>();
  collect(graph, flow, names);
  return [...names];
}

/** Names of the nodes that a graphics device gets wrong, or not exactly enough: they run on the processor. */
export const processorNodes = (model: OnnxModel): readonly string[] => [...positionNodes(model), ...maskNodes(model)];
