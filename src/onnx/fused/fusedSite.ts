/** What is known about a fused attention operator, and how its probabilities are brought out. */
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import type { OnnxModel } from '../graph/onnxFile';
import type { WireWriter } from '../wire/writer';

interface FusedTraits {
  /** Tensors that the queries and the keys come from, for classification. */
  readonly query: string;
  readonly key: string;
  /** 0 where the node does not say. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly mayLoseMass: boolean;
  /** What the self-test multiplies the weights by, and what it compares the product with. */
  readonly check: FusedCheck;
}

/** Names of the tensors by which a fused operator's weights are proved: weights · values must be what the operator itself gave. */
export interface FusedCheck {
  /** The values of the tokens of this pass (without a past): [batch, tokens, heads · size] or [batch, heads, tokens, size]; '' where `build` makes them. */
  readonly values: string;
  /** Key/value heads, by which values of three dimensions are divided; 0 where the node does not say. */
  readonly valueHeads: number;
  /** The operator's own result, laid out like the values. */
  readonly result: string;
}

/** Fused attention that a side graph recomputes from the same tensors. */
export interface SideGraphSite extends FusedTraits {
  readonly how: 'side-graph';
  /**
   * Writes the nodes that compute `output`, float32 [batch, heads, queries, keys], and, where `check.values` is '', `values`,
   * [batch, heads, tokens, size]; names inside begin with `prefix`.
   */
  build(prefix: string, output: string, values: string): readonly WireWriter[];
  /** Integer attributes of the node that are written anew, because the side graph reads what the operator keeps only then. */
  readonly rewrites?: Readonly<Record<string, number>>;
  /** A cache of the length of a window, which the rewritten node lets grow: its inputs, and how long it has to be as the file came. */
  readonly windowCache?: { readonly inputs: readonly string[]; readonly capacity: number };
}

/** Fused attention that gives its probabilities itself when asked. */
export interface OwnOutputSite extends FusedTraits {
  readonly how: 'own-output';
  /** The output that carries the probabilities already, or ''. */
  readonly own: string;
  /** Bytes to append to the NodeProto so that `output` comes out, and the new value of an attribute that it has already. */
  ask(output: string): {
    readonly node: Uint8Array;
    readonly attribute?: { readonly name: string; readonly value: number };
  };
}

export type FusedSite = SideGraphSite | OwnOutputSite;

/** What a fused operator's reader gets to see. */
export interface FusedNode {
  readonly model: OnnxModel;
  readonly graph: Graph;
  readonly node: GraphNode;
  readonly flow: Flow;
}

/** A variant that cannot be recomputed; the reason ends up in the refusal. */
export class Unsupported extends Error {}
