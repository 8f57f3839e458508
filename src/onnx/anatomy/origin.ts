/** Where values come from, past whatever leaves them as they are. */
import type { Graph } from '../graph/graph';
import { SAME_VALUES } from '../graph/operators';

const MAX_STEPS = 64;

/** Goes back through what only casts, reshapes, clips or quantises, so that two ways to the same values meet. */
export function originOf(graph: Graph, tensor: string): string {
  let name = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = graph.producer.get(name);
    const input = node?.inputs[0];
    if (!node || input === undefined || (!SAME_VALUES.has(node.op) && node.op !== 'Clip')) break;
    name = input;
  }
  return name;
}
