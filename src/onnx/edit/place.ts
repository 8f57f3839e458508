/** Where a graph lies in its file, for edits. */
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { Graph } from '../graph/graph';
import type { MessageSpan } from '../wire/reader';

/** The way to a node of the top graph: the occurrence of the graph that it lies in, and itself. */
export function pathOf(graph: Graph, span: MessageSpan): MessageSpan[] {
  const outer = graph.spans.find(({ start, end }) => start <= span.tag && span.end <= end);
  if (!outer) throw new Error('a node lies in its graph');
  return [outer, span];
}

/** The way to the message of the graph that a node of it lies in. */
export function graphPath(top: Graph, branch: GraphAnatomy['branch'], node: MessageSpan): MessageSpan[] {
  if (!branch) return pathOf(top, node).slice(0, 1);
  const [span] = branch.subgraph.graph.spans;
  if (!span) throw new Error('a branch has a place in the file');
  return [...pathOf(top, branch.holder.span), branch.subgraph.attributeSpan, span];
}
