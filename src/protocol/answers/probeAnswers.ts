/** What else the graph gives over a text, brought out by probes. */
import * as v from 'valibot';
import { floats, many, measured, record } from './answerParts';
import { kind } from '../requests/requestParts';
import { count, indexOrNone } from '../requests/wholeNumbers';

const probedTensor = record({
  /** A stage's name, `projectedValueNorm` (‖v·W_O‖), `valueNorm` (‖v‖, where W_O is not found), `lens` or `logits`. */
  measure: v.string(),
  kind,
  /** Layer or block; -1 for what comes before the first or belongs to all. */
  layer: indexOrNone,
  /** How `dims` is meant: see `Layout` (`src/onnx/anatomy/stage.ts`); `norms` [1, heads, keys], `logits` [1, rows, vocabulary]. */
  layout: v.string(),
  dims: many(count),
  data: floats,
});

export const textProbeAnswer = record({
  tensors: many(probedTensor),
  /** What was asked for and is not there, with the reason as a clause. */
  gaps: many(record({ measure: v.string(), kind, layer: indexOrNone, reason: v.string() })),
  /** The model's result at `rows`, with the gates as given. Null for an encoder without a head. */
  logits: v.nullable(probedTensor),
  milliseconds: measured,
});

export type ProbedTensor = v.InferOutput<typeof probedTensor>;
export type TextProbeAnswer = v.InferOutput<typeof textProbeAnswer>;
