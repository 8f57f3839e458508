/** Where values come from, past whatever leaves them as they are. */
import type { Graph } from './graph';
import { SAME_VALUES } from './operators';

/** The same, and a cut to a range, which a few models make before a projection. */
export const SAME_OR_CLIPPED: ReadonlySet<string> = new Set([...SAME_VALUES, 'Clip']);
const MAX_STEPS = 64;

/**
 * Goes back through nodes that only cast, reshape or quantise, so that two ways to the same values meet.
 * @param through the operators that are passed
 * @returns the name of the first tensor on the way back that is made by another operator, or by none
 */
export function originOf(graph: Graph, tensor: string, through: ReadonlySet<string> = SAME_VALUES): string {
  let name = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = graph.producer.get(name);
    const input = node?.inputs[0];
    if (!node || input === undefined || !through.has(node.op)) break;
    name = input;
  }
  return name;
}
