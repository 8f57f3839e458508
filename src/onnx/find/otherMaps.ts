/**
 * Maps of queries to keys that no softmax makes: products with values whose left operand comes from a product of two activations
 * by other operators (a sigmoid, powers divided by their sum, nothing at all). They are not shown, and a report says that they were seen.
 */
import { followContent, type Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { activationProduct, BACKWARD } from '../graph/operators';
import { listOf } from '../../text/listInSentence';
import { say } from '../../text/say';
import type { Rejection, WalkBudget } from './cores';

/** What may make weights of scores beside what only carries them on. */
const MAKES = new Set([
  'Exp',
  'Pow',
  'Sigmoid',
  'HardSigmoid',
  'Relu',
  'Elu',
  'Softplus',
  'Sqrt',
  'Abs',
  'Log',
  'Reciprocal',
  'Hardmax',
  'LpNormalization',
  'ReduceSum',
  'ReduceL1',
  'ReduceMean',
  'ReduceMax',
  'CumSum',
]);
const MAX_WALK = 256;
const MOST_NAMED = 4;

/** @param taken nodes that are products of attention which was found, or looked at */
export function otherMaps(graph: Graph, flow: Flow, taken: ReadonlySet<GraphNode>, budget: WalkBudget): Rejection[] {
  return graph.nodes.flatMap((node): Rejection[] => {
    const product = taken.has(node) ? undefined : activationProduct(node, flow);
    const makers = product && makersOf(graph, product.left, flow, budget);
    if (!makers) return [];
    const reason =
      makers.length > 0
        ? say('onnx.reason.otherMap', { operators: listOf(makers.slice(0, MOST_NAMED)) })
        : say('onnx.reason.bareMap');
    return [{ node: node.title, operator: node.op, reason, why: 'other' }];
  });
}

/** The operators between a product of two activations and `from`; undefined where no such product is behind it. */
function makersOf(graph: Graph, from: string, flow: Flow, budget: WalkBudget): readonly string[] | undefined {
  const queue = [from];
  const seen = new Set(queue);
  const makers = new Set<string>();
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const node = graph.producer.get(queue[i] ?? '');
    if (!node) continue;
    if (--budget.steps < 0) return undefined;
    if (activationProduct(node, flow)) return [...makers];
    if (MAKES.has(node.op)) makers.add(node.op);
    else if (!BACKWARD.has(node.op)) continue;
    followContent(node, flow, seen, queue);
  }
  return undefined;
}
