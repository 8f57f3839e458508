/** Where a graph input goes: through what only reshapes or shifts it, to the nodes that use it. */
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { LAYS_OUT } from '../graph/operators';
import type { TensorInfo } from '../wire/proto';
import { numberOf } from './constants';

/** A node that uses an input's numbers. */
export interface Use {
  readonly graph: Graph;
  readonly node: GraphNode;
  /** Which of the node's inputs it is. */
  readonly place: number;
  /** What the graph adds to the numbers on the way. */
  readonly added: number;
}

const SHAPES = new Set([...LAYS_OUT, 'Cast']);
const MAX_USES = 512;

/** Every use of the tensor `name`, in its graph and in the branches that take it from there. */
export function usesOf(top: Graph, name: string): readonly Use[] {
  const uses: Use[] = [];
  const queue = [{ name, added: 0 }];
  const seen = new Set([name]);
  const graphs = [...top.all()];
  for (let i = 0; i < queue.length && uses.length < MAX_USES; i++) {
    const item = queue[i];
    if (!item) break;
    for (const graph of graphs) {
      for (const node of graph.consumers.get(item.name) ?? []) {
        const place = node.inputs.indexOf(item.name);
        const shift = shiftOf(graph, node, place);
        const next = node.outputs[0] ?? '';
        if (shift === undefined || next === '') uses.push({ graph, node, place, added: item.added });
        else if (!seen.has(next)) {
          seen.add(next);
          queue.push({ name: next, added: item.added + shift });
        }
      }
    }
  }
  return uses;
}

/** What a node adds to the numbers that it carries on; undefined where it does something else with them. */
function shiftOf(graph: Graph, node: GraphNode, place: number): number | undefined {
  if (SHAPES.has(node.op)) return place === 0 ? 0 : undefined;
  if (node.op !== 'Add' && node.op !== 'Sub') return undefined;
  const other = numberOf(graph, node.inputs[1 - place] ?? '');
  if (other === undefined || (node.op === 'Sub' && place === 1)) return undefined;
  return node.op === 'Add' ? other : -other;
}

/** The table that a node looks the input's numbers up in, where it is one of the model's weights. */
export function tableOf({ graph, node, place }: Use): TensorInfo | undefined {
  let data = '';
  if ((node.op === 'Gather' || node.op === 'GatherBlockQuantized') && place === 1) data = node.inputs[0] ?? '';
  // Inputs of EmbedLayerNormalization: ids, segments, their tables (2: words, 3: positions, 4: segments), …, 8: positions.
  else if (node.op === 'EmbedLayerNormalization') data = node.inputs[{ 0: 2, 1: 4, 8: 3 }[place] ?? -1] ?? '';
  return weightOf(graph, data);
}

/** The initializer behind a tensor that is only cast, transposed or dequantised. */
function weightOf(graph: Graph, name: string): TensorInfo | undefined {
  let at = name;
  for (let i = 0; i < 16 && at !== ''; i++) {
    const weight = graph.initializer(at);
    if (weight) return weight;
    const maker = producerOf(graph, at);
    if (!maker || !['Cast', 'Identity', 'Transpose', 'DequantizeLinear'].includes(maker.op)) return undefined;
    at = maker.inputs[0] ?? '';
  }
  return undefined;
}

function producerOf(graph: Graph, name: string): GraphNode | undefined {
  for (let at: Graph | null = graph; at; at = at.parent) {
    const node = at.producer.get(name);
    if (node) return node;
  }
  return undefined;
}
