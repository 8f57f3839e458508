/** Leads a tensor through new nodes: whoever takes it for its values takes what they make of it. Nothing else of the file changes. */
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { Graph } from '../graph/graph';
import { FIELD } from '../wire/proto';
import { WireWriter } from '../wire/writer';
import type { Insertion } from './insertions';
import { graphPath } from './place';

export interface Detour {
  /** The tensor that is led away. */
  readonly tensor: string;
  /** NodeProtos that take it and make `output`. */
  readonly nodes: readonly WireWriter[];
  readonly output: string;
}

/**
 * The new nodes stand right before the first node that takes their output, so that every node still comes after what it takes.
 * @returns nothing where no node takes the tensor
 */
export function leadThrough(top: Graph, branch: GraphAnatomy['branch'], detour: Detour): readonly Insertion[] {
  const graph = branch?.subgraph.graph ?? top;
  // Who asks for the shape alone finds the same one at the old place.
  const takers = (graph.consumers.get(detour.tensor) ?? []).filter(({ op }) => op !== 'Shape');
  const [first] = [...takers].sort((a, b) => a.span.tag - b.span.tag);
  if (!first) return [];
  const body = new WireWriter();
  for (const node of detour.nodes) body.message(FIELD.graph.node, node);
  const renamed = new WireWriter().text(FIELD.node.input, detour.output).done();
  return [
    {
      path: graphPath(top, branch, first.span),
      instead: { start: first.span.tag, end: first.span.tag },
      bytes: body.done(),
    },
    ...[...new Set(takers)].flatMap((taker) =>
      taker.inputSpans(detour.tensor).map((instead) => ({
        path: [...graphPath(top, branch, taker.span), taker.span],
        instead,
        bytes: renamed,
      })),
    ),
  ];
}
