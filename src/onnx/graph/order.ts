/** Nodes in an order in which what is taken comes before who takes it. */
import type { GraphNode } from './node';
import { invalidOnnx } from '../wire/reader';
import { say } from '../../text/say';

/** What of a graph its order depends on. */
interface Ordered {
  readonly nodes: GraphNode[];
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly { readonly name: string }[];
  readonly initializers: ReadonlyMap<string, unknown>;
  readonly producer: ReadonlyMap<string, GraphNode>;
  readonly consumers: ReadonlyMap<string, unknown>;
  readonly subgraphs: readonly { readonly node: GraphNode; readonly graph: Ordered }[];
}

/** Names that a subgraph takes from the graphs around it: ONNX lets it, without listing them among its node's inputs. */
function captured(graph: Ordered, out: Set<string>): Set<string> {
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const own = (name: string): boolean => graph.producer.has(name) || graph.initializers.has(name) || inputs.has(name);
  const take = (name: string): void => {
    if (name !== '' && !own(name)) out.add(name);
  };
  for (const name of graph.consumers.keys()) take(name);
  for (const output of graph.outputs) take(output.name);
  for (const { graph: inner } of graph.subgraphs) for (const name of captured(inner, new Set())) take(name);
  return out;
}

/**
 * Puts a graph's nodes in order, in place. ONNX asks for an order in which inputs come first, and layers are counted by it;
 * converters break it all the same (onnxconverter's float16 appends its casts at the end), and the runtime does not mind.
 * What is in order already stays as it is.
 * @throws ExplainError ONNX_INVALID where nodes wait for each other in a circle
 */
export function putInOrder(graph: Ordered): void {
  const { nodes, producer, subgraphs } = graph;
  const extra = new Map<GraphNode, Set<string>>();
  for (const { node, graph: inner } of subgraphs) extra.set(node, captured(inner, extra.get(node) ?? new Set()));
  const place = new Map(nodes.map((node, index) => [node, index]));
  const makers = (node: GraphNode): GraphNode[] => {
    const names = [...node.inputs, ...(extra.get(node) ?? [])];
    return names.map((name) => producer.get(name)).filter((maker) => maker !== undefined);
  };
  // Every node and every maker is one of the graph's.
  const at = (node: GraphNode): number => place.get(node) as number;
  if (nodes.every((node, index) => makers(node).every((maker) => at(maker) < index))) return;

  const NEW = 0;
  const OPEN = 1;
  const DONE = 2;
  const state = new Uint8Array(nodes.length);
  const order: GraphNode[] = [];
  // Depth first, with a stack of our own: a deep graph must not use up the program's.
  for (const root of nodes) {
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const index = at(node);
      if (state[index] === NEW) {
        state[index] = OPEN;
        for (const maker of makers(node)) {
          if (state[at(maker)] === OPEN) throw invalidOnnx(say('onnx.reason.circle'));
          if (state[at(maker)] === NEW) stack.push(maker);
        }
      } else {
        stack.pop();
        if (state[index] === OPEN) order.push(node);
        state[index] = DONE;
      }
    }
  }
  nodes.splice(0, nodes.length, ...order);
}
