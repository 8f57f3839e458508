/** From which tokens' states a result over a whole text is computed: told from the nodes that make it. */
import { numberOf } from '../inputs/constants';
import { followContent, type Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { OnnxModel } from '../graph/onnxFile';
import { MAX_WALK } from './graphView';

/** The first token, the last one, all of them together, one that the graph looks for (as the last that is no padding), or not known. */
export type PooledTokens = 'first' | 'last' | 'mean' | 'sought' | 'unknown';

/**
 * Goes back from an output to the nodes that take one of several positions.
 * @param output a result of the shape [batch, features]
 * @returns unknown where the ways back do not meet in one kind of node
 */
export function pooledTokensOf({ graph, flow }: Pick<OnnxModel, 'graph' | 'flow'>, output: string): PooledTokens {
  const found = new Set<PooledTokens>();
  const queue = [output];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length; i++) {
    const node = graph.producer.get(queue[i] ?? '');
    if (!node || i > MAX_WALK || node.op === 'Softmax') return 'unknown';
    const taken = takenBy(node, graph, flow);
    if (taken === undefined) followContent(node, flow, seen, queue);
    else found.add(taken);
  }
  const [only = 'unknown'] = found;
  return found.size === 1 ? only : 'unknown';
}

/** Which positions a node takes of [batch, positions, features]; undefined where it takes all, each for itself. */
function takenBy(node: GraphNode, graph: Graph, flow: Flow): PooledTokens | undefined {
  const [data = '', second = '', third = '', fourth = ''] = node.inputs;
  const { rank, content } = flow.of(data);
  // Exporters flatten batch and positions and then look one row up by an index that they compute from the ids.
  const isLookup = node.op === 'Gather' || node.op === 'GatherND' || node.op === 'GatherElements';
  if (isLookup && content !== 0 && !flow.of(second).constant) return 'sought';
  // Ranks that are not known may be 3: the axis tells.
  if (rank >= 0 && rank !== 3) return undefined;
  const isPositions = (axis: number | undefined): boolean => axis === 1 || axis === -2;
  switch (node.op) {
    case 'Gather':
      return isPositions(node.int('axis')) ? placeOf(numberOf(graph, second)) : undefined;
    case 'Slice': {
      const axes = graph.smallInts(fourth);
      if (axes?.length !== 1 || !isPositions(axes[0])) return undefined;
      const start = graph.smallInts(second)?.[0];
      const end = graph.smallInts(third)?.[0];
      if (start === 0 && end === 1) return 'first';
      return start === -1 ? 'last' : undefined;
    }
    case 'ReduceMean':
    case 'ReduceSum': {
      const axes = node.ints('axes') ?? graph.smallInts(second);
      return axes?.length === 1 && isPositions(axes[0]) ? 'mean' : undefined;
    }
    default:
      return undefined;
  }
}

function placeOf(index: number | undefined): PooledTokens {
  if (index === 0) return 'first';
  return index === -1 ? 'last' : 'unknown';
}
