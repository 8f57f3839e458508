/** What the lesson gets of a text: one token and one head at one station, never a whole tensor. */
import type { AttentionKind, SequenceName } from '../attention/types';
import type { LessonStage } from './lessonPlace';

/** One vector or a few rows, of the token and the head that are followed. */
export interface LessonTensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Which token its first row is of, where rows are tokens; 0 else. */
  readonly first: number;
  /** [rows, columns], the model's own numbers. */
  readonly data: Float32Array;
}

/** A step computed again from the one before it. */
export interface Recomputed {
  /** What was computed: the name of a tensor of the answer. */
  readonly name: string;
  /** Largest absolute difference to the model's own numbers; null where it could not be computed. */
  readonly difference: number | null;
  /** The largest of the model's own numbers, at least 1: a number of 100 is only kept to a few millionths of 100. */
  readonly largest: number;
  /** Why it could not be, as a clause; '' where it could. */
  readonly reason: string;
}

export interface LessonAnswer {
  readonly tensors: readonly LessonTensor[];
  readonly checks: readonly Recomputed[];
  /** Numbers by which the step is computed: `scale`, `epsilon`, `mean`, `deviation`, `bias`. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Of logits: the tokens with the largest, by their place in `logits`. */
  readonly top: readonly { readonly id: number; readonly text: string }[];
  /** Of an embedding: the tokens whose rows of the model's own table point most the same way, by cosine (-1 to 1). */
  readonly near: readonly { readonly id: number; readonly text: string; readonly cosine: number }[];
  /** Where something was changed: the same tensors as the model has them untouched. */
  readonly before: readonly LessonTensor[];
  /** The token that was put in place of another one; null where none was. */
  readonly swapped: { readonly sequence: SequenceName; readonly index: number; readonly text: string } | null;
  /** Stations of which the graph gives nothing, with the reason as a clause. */
  readonly absent: readonly { readonly kind: AttentionKind; readonly stage: LessonStage; readonly reason: string }[];
  /** The activation that the feed-forward network was found to have; '' where none is known. */
  readonly activation: string;
  /** What the graph does not give, with the reason as a clause. */
  readonly gaps: readonly { readonly measure: string; readonly kind: AttentionKind; readonly reason: string }[];
  readonly milliseconds: number;
}
