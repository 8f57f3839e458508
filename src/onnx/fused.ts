/** Fused attention operators: what can be recomputed beside them, and what cannot. */
import type { Rejection } from './find';
import type { Flow } from './flow';
import type { Graph, GraphNode } from './graph';
import type { Model } from './model';
import type { WireWriter } from './writer';

/** Fused attention that a side graph can recompute. */
export interface FusedSite {
  /** Tensors that the queries and the keys come from, for classification. */
  readonly query: string;
  readonly key: string;
  readonly heads: number;
  readonly kvHeads: number;
  readonly mayLoseMass: boolean;
  /** Writes the nodes (each a NodeProto) that compute `output`, float32 [batch, heads, queries, keys]; `prefix` is unique. */
  build(prefix: string, output: string): readonly WireWriter[];
}

export function fusedAttention(_model: Model, _graph: Graph, _node: GraphNode, _flow: Flow): FusedSite | Rejection | undefined {
  return undefined;
}
