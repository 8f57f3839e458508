/** A measure that was made of a text, in place of its weights. */
import * as v from 'valibot';
import { content, many, measured, record } from './answerParts';
import { kind, probedMeasure } from '../requests/requestParts';
import { measureFit } from './mapAnswers';

/** A measure that is there: from now on it can be asked for in place of the weights, for as long as the text begins with `of`. */
export const measureReport = record({
  measure: probedMeasure,
  of: content,
  /** Of each kind of attention what it is, or why the model cannot give it, as a clause; its weights are given instead then. */
  kinds: many(record({ kind, fit: v.nullable(measureFit), reason: v.string() })),
  milliseconds: measured,
});
export type MeasureReport = v.InferOutput<typeof measureReport>;
