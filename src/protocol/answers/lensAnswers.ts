/** What each block would write if it were the last one: the logit lens. */
import * as v from 'valibot';
import { content, gaps, many, measured, record } from './answerParts';
import { sequence } from '../requests/requestParts';
import { count, indexOrNone } from '../requests/wholeNumbers';
import { alternative, namedToken } from './textAnswers';

/** What one block makes of one place. */
const lensCell = record({
  /** The likeliest tokens, likeliest first. */
  top: many(alternative),
  /** Of the token that came there: its probability (0 to 1) and its rank, 1 for the likeliest; null where none has come. */
  came: v.nullable(record({ probability: measured, rank: count })),
});

/** One place of a text, with a cell for each block. */
const lensRow = record({
  /** The token that was read. */
  index: count,
  /** The token that came, which these blocks predict: the next one, or what stands at the place itself in an encoder. */
  came: v.nullable(namedToken),
  cells: many(lensCell),
});

export const lensReport = record({
  of: content,
  sequence,
  /** Places that there are in all. */
  length: count,
  /** The blocks that could be read: -1 before the first; the last one's cells are the model's own output. None where `gaps` says why. */
  layers: many(indexOrNone),
  rows: many(lensRow),
  /** Why blocks could not be read, as clauses. */
  gaps,
  milliseconds: measured,
});

export type LensCell = v.InferOutput<typeof lensCell>;
export type LensRow = v.InferOutput<typeof lensRow>;
export type LensReport = v.InferOutput<typeof lensReport>;
