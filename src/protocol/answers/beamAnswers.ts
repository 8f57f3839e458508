/** The texts that a beam search keeps, as a tree. */
import * as v from 'valibot';
import { many, measured, record } from './answerParts';
import { count, indexOrNone } from '../requests/wholeNumbers';
import { namedTokenEntries } from './textAnswers';

/** A token of the tree. */
const beamToken = record({
  ...namedTokenEntries,
  /** The token before it, by its place in the tree; -1 for the first one of a text. */
  parent: indexOrNone,
  /** After the rules, in nats: what the search adds up. */
  logProbability: measured,
  /** The sum of those from the first token to this one. */
  sum: measured,
});

export const beamReport = record({
  /** How many steps the text had where the search began: the tree's tokens follow it. */
  begins: count,
  /** Each after its parent. */
  tokens: many(beamToken),
  /** The last tokens of the texts that go on, best first. */
  running: many(count),
  /** The texts that have ended, best first: their last tokens, and their scores after the length penalty. */
  ended: many(record({ token: count, score: measured })),
  /** The last token of the text on show; -1 while none of the tree is. */
  opened: indexOrNone,
  /** How many tokens the longest texts have, and can have. */
  depth: count,
  room: count,
  /** False where it was stopped on the way: it can go on. */
  isDone: v.boolean(),
  numBeams: count,
  lengthPenalty: measured,
});

export type BeamToken = v.InferOutput<typeof beamToken>;
export type BeamReport = v.InferOutput<typeof beamReport>;
