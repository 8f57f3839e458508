/** What the tap finds and plans. Types only; shared with `transformer`. */
import type { AttentionKind } from '../attention/types';
import type { Insertion } from './edit/insertions';

/** Which file of a model a graph is. */
export type GraphRole = 'encoder' | 'decoder' | 'decoder-merged' | 'decoder-with-past' | 'model';

/** ONNX element types by ONNX Runtime's JavaScript names. */
export type ElementType =
  | 'float32'
  | 'float16'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool'
  | 'string'
  | 'int4'
  | 'uint4';

/** A declared input or output. Symbolic dimensions are strings ('' where unnamed); `null` where the graph says nothing. */
export interface TensorSignature {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[] | null;
}

export interface ModelSignature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}

/** What is known of a graph input beyond its name and type. */
export interface InputMeaning {
  /** Positions: the number of the first token's. */
  readonly first?: number;
  /** Positions: how many rows the table has that they are looked up in; 0 for none. */
  readonly rows?: number;
  /** Masks: the number of what is seen. */
  readonly seen?: 0 | 1;
  /** Caches: how many positions an empty one has room for; they hold none yet. */
  readonly capacity?: number;
  /** Where it is not known what the input means: the sentence that refuses it. */
  readonly open?: string;
}

/** By the input's name; inputs of which nothing more is known are not in it. */
export type InputMeanings = ReadonlyMap<string, InputMeaning>;

/** One tapped attention: a graph output that carries a layer's probabilities. */
export interface TapOutput {
  /** The output's name in the edited model. */
  readonly name: string;
  /** `encoder_attentions.{layer}`, `decoder_attentions.{layer}` or `cross_attentions.{layer}`, as Optimum names them. */
  readonly label: string;
  readonly kind: AttentionKind;
  /** Counted among the layers of its kind that have attention. */
  readonly layer: number;
  /** Of a hybrid model, where some layers have no attention: the layer's place among all, from 0, and how many those are. */
  readonly among?: { readonly place: number; readonly all: number };
  /** Query heads where the graph or the config tells; 0 where only a run can tell. */
  readonly heads: number;
  readonly kvHeads: number;
  /** `bhqk`: [batch, heads, queries, keys]; `flat`: [batch·heads, queries, keys]. */
  readonly layout: 'bhqk' | 'flat';
  /** Where the weights come from: a tensor of the graph, or a side graph that computes them from fused attention's inputs. */
  readonly source: 'tensor' | 'side-graph';
  /** The node (Softmax or fused operator) it belongs to, for reports. */
  readonly node: string;
  /** True where rows may sum to less than 1 (attention sinks as extra logits, fully masked rows). */
  readonly mayLoseMass: boolean;
  /** Half the step by which the model rounds its probabilities, where they are bytes. */
  readonly rounding?: number;
  /** The output that carries the queries as they are multiplied by the keys, [1, heads, queries, size]; decoder-only models alone. */
  readonly query?: string;
  /** Fused attention only: the outputs by which the weights are proved, as weights · values must be the operator's own result. */
  readonly proof?: TapProof;
}

/** Names of graph outputs: [1, tokens, heads · size] or [1, heads, tokens, size], of the tokens of one pass. */
export interface TapProof {
  readonly values: string;
  /** What the fused operator gave. */
  readonly result: string;
  /** Key/value heads by which values of three dimensions are divided; 0 where the graph does not say. */
  readonly valueHeads: number;
}

/** A Softmax (or fused operator) that was looked at and not taken. */
export interface RejectedNode {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}

/** Edits of a file beside the tap's own. */
export interface FurtherEdits {
  readonly insertions: readonly Insertion[];
  /** Appended to the end of the file. */
  readonly suffix: Uint8Array;
}

/** How to load a model file so that its attention comes out. */
export interface TapPlan {
  readonly role: GraphRole;
  /** The edited model's pieces in order: views of the original bytes and what is new. Nothing is copied. */
  readonly parts: readonly Uint8Array[];
  /** Length of the edited model: the sum of its parts. */
  readonly byteLength: number;
  /** Copies the parts into one new array, for the runtime. The one copy that the tap costs; the plan keeps no reference to it. */
  assemble(): Uint8Array;
  /** As `assemble`, with further edits of the file as it came. */
  assembleWith(edits: FurtherEdits): Uint8Array;
  /** What `assemble()` gives; copied anew each time it is read. */
  readonly bytes: Uint8Array;
  /** How many bytes were added. */
  readonly addedBytes: number;
  readonly outputs: readonly TapOutput[];
  readonly rejected: readonly RejectedNode[];
  /** Optimisers to switch off (`optimization.disable_specified_optimizers`), as they would delete a side graph's inputs. */
  readonly disabledOptimizers: readonly string[];
  /** Caches that the file as it came keeps at the length of a window, and the tapped graph lets grow: by the input's name. */
  readonly windows: InputMeanings;
  /** External data files the graph names, relative to its folder. */
  readonly externalData: readonly string[];
}
