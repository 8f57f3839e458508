/** What can be said about a fused attention operator, and how its probabilities are had. */
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { Model } from '../graph/onnxFile';
import type { WireWriter } from '../wire/writer';

interface FusedTraits {
  /** Tensors that the queries and the keys come from, for classification. */
  readonly query: string;
  readonly key: string;
  /** 0 where the node does not say. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly mayLoseMass: boolean;
}

/** Fused attention that a side graph recomputes from the same tensors. */
export interface SideGraphSite extends FusedTraits {
  readonly how: 'side-graph';
  /** Writes the nodes that compute `output`, float32 [batch, heads, queries, keys]; names inside begin with `prefix`. */
  build(prefix: string, output: string): readonly WireWriter[];
}

/** Fused attention that gives its probabilities itself when asked. */
export interface OwnOutputSite extends FusedTraits {
  readonly how: 'own-output';
  /** The output that carries the probabilities already, or ''. */
  readonly own: string;
  /** Bytes to append to the NodeProto so that `output` comes out; `attribute` to an attribute that it has already. */
  ask(output: string): {
    readonly node: Uint8Array;
    readonly attribute?: { readonly name: string; readonly bytes: Uint8Array };
  };
}

export type FusedSite = SideGraphSite | OwnOutputSite;

/** What a fused operator's reader gets to see. */
export interface FusedNode {
  readonly model: Model;
  readonly graph: Graph;
  readonly node: GraphNode;
  readonly flow: Flow;
}

/** A variant that cannot be recomputed; the reason ends up in the refusal. */
export class Unsupported extends Error {}
