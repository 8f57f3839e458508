/** What the anatomy's finders ask of one graph: who makes a tensor, who takes it, and which tensors hold the same values. */
import { dataInputs, type Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { projected } from '../graph/operators';
import { originOf, SAME_OR_CLIPPED } from '../graph/origin';
import { findNorms, type Norms } from './norms';

/** Far more than the nodes between two stages of any model. */
export const MAX_WALK = 512;

/** A graph with what is known about its tensors, and its norms. */
export class GraphView {
  readonly norms: Norms;

  constructor(
    readonly graph: Graph,
    readonly flow: Flow,
    /** Version of ONNX's own operators. */
    readonly opset: number,
  ) {
    this.norms = findNorms(graph, flow);
  }

  producer(tensor: string): GraphNode | undefined {
    return this.graph.producer.get(tensor);
  }

  /** Nodes that take the tensor for its values; those that only ask for its shape are left out. */
  takers(tensor: string): readonly GraphNode[] {
    return (this.graph.consumers.get(tensor) ?? []).filter(({ op }) => op !== 'Shape' && op !== 'Size');
  }

  hasContent(tensor: string): boolean {
    return tensor !== '' && this.flow.of(tensor).content !== 0;
  }

  /** Goes back through what only casts, reshapes or quantises: two ways to the same values meet there. */
  origin(tensor: string): string {
    return originOf(this.graph, tensor, SAME_OR_CLIPPED);
  }

  /** Operands of a node that carry content, by their places. */
  contentInputs(node: GraphNode): readonly string[] {
    const facts = node.inputs.map((input) => this.flow.of(input));
    return dataInputs(node, facts)
      .map((place) => node.inputs[place] ?? '')
      .filter((input) => this.hasContent(input));
  }

  /** Products with a weight from which a tensor is made, the nearest on each way. */
  projections(tensor: string): readonly { readonly node: GraphNode; readonly source: string }[] {
    const found: { node: GraphNode; source: string }[] = [];
    const queue = [tensor];
    const seen = new Set(queue);
    for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
      const node = this.producer(queue[i] ?? '');
      if (!node) continue;
      const source = projected(node, this.flow);
      if (source !== undefined && this.hasContent(source)) {
        found.push({ node, source });
        continue;
      }
      for (const input of this.contentInputs(node)) {
        if (seen.has(input)) continue;
        seen.add(input);
        queue.push(input);
      }
    }
    return found;
  }
}
