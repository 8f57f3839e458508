/** What the lesson gets of a text: one token and one head at one station, never a whole tensor. */
import * as v from 'valibot';
import { floats, id, many, measured, record } from './answerParts';
import { kind, sequence } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import { lessonPlaceEntries } from '../lessonPlace';

/** One vector or a few rows, of the token and the head that are followed. */
const lessonTensor = record({
  name: v.string(),
  rows: count,
  columns: count,
  /** Which token its first row is of, where rows are tokens; 0 else. */
  first: count,
  /** [rows, columns], the model's own numbers. */
  data: floats,
});

/** A step computed again from the one before it. */
const recomputed = record({
  /** What was computed: the name of a tensor of the answer. */
  name: v.string(),
  /** Largest absolute difference to the model's own numbers; null where it could not be computed. */
  difference: v.nullable(measured),
  /** The largest of the model's own numbers, at least 1: a number of 100 is only kept to a few millionths of 100. */
  largest: measured,
  /** Why it could not be, as a clause; '' where it could. */
  reason: v.string(),
});

export const lessonAnswer = record({
  tensors: many(lessonTensor),
  checks: many(recomputed),
  /** Numbers by which the step is computed: `scale`, `epsilon`, `mean`, `deviation`, `bias`. */
  numbers: v.pipe(v.record(v.string(), measured), v.readonly()),
  /** Of logits: the tokens with the largest, by their place in `logits`. */
  top: many(record({ id, text: v.string() })),
  /** Of an embedding: the tokens whose rows of the model's own table point most the same way, by cosine (-1 to 1). */
  near: many(record({ id, text: v.string(), cosine: measured })),
  /** Where something was changed: the same tensors as the model has them untouched. */
  before: many(lessonTensor),
  /** The token that was put in place of another one; null where none was. */
  swapped: v.nullable(record({ sequence, index: count, text: v.string() })),
  /** Stations of which the graph gives nothing, with the reason as a clause. */
  absent: many(record({ kind, stage: lessonPlaceEntries.stage, reason: v.string() })),
  /** The activation that the feed-forward network was found to have; '' where none is known. */
  activation: v.string(),
  /** What the graph does not give, with the reason as a clause. */
  gaps: many(record({ measure: v.string(), kind, reason: v.string() })),
  milliseconds: measured,
});

export type LessonTensor = v.InferOutput<typeof lessonTensor>;
export type Recomputed = v.InferOutput<typeof recomputed>;
export type LessonAnswer = v.InferOutput<typeof lessonAnswer>;
