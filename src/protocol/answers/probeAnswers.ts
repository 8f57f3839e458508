/** What else the graph gives over a text, brought out by probes. */
import type { AttentionKind } from '../../attention/types';

export interface ProbedTensor {
  /** A stage's name, `projectedValueNorm` (‖v·W_O‖), `valueNorm` (‖v‖, where W_O is not found), `lens` or `logits`. */
  readonly measure: string;
  readonly kind: AttentionKind;
  /** Layer or block; -1 for what comes before the first or belongs to all. */
  readonly layer: number;
  /** How `dims` is meant: see `Layout` (`src/onnx/anatomy/stage.ts`); `norms` [1, heads, keys], `logits` [1, rows, vocabulary]. */
  readonly layout: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface TextProbeAnswer {
  readonly tensors: readonly ProbedTensor[];
  /** What was asked for and is not there, with the reason as a clause. */
  readonly gaps: readonly {
    readonly measure: string;
    readonly kind: AttentionKind;
    readonly layer: number;
    readonly reason: string;
  }[];
  /** The model's result at `rows`, with the gates as given. Null for an encoder without a head. */
  readonly logits: ProbedTensor | null;
  readonly milliseconds: number;
}
