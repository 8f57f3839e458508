/** What a model's heads are like on the probe set: told to the panel, kept over windows, and checked when it comes back from storage. */
import * as v from 'valibot';
import { ALIGNMENT_READINGS, ALIGNMENT_SOURCES, ATTENTION_KINDS, ROLE_NAMES, type RoleName } from '../attention/types';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const column = v.pipe(v.array(v.nullable(v.number())), v.readonly());
const roleEntries = Object.fromEntries(ROLE_NAMES.map((role) => [role, column])) as Record<RoleName, typeof column>; // every role is named
const table = v.pipe(
  v.object({ kind: v.picklist(ATTENTION_KINDS), layers: count, heads: count, scores: v.object(roleEntries) }),
  v.check(({ layers, heads, scores }) => Object.values(scores).every(({ length }) => length === layers * heads)),
  v.readonly(),
);
const alignmentScore = v.object({
  source: v.picklist(ALIGNMENT_SOURCES),
  layer: count,
  head: count,
  reading: v.picklist(ALIGNMENT_READINGS),
  score: v.number(),
});

const alignmentScores = v.object({
  /** What was known: links that people made, or only names and numbers that the model has written as they stand. */
  known: v.picklist(['links', 'names']),
  /** Hand-aligned pairs, or names and numbers. */
  count,
  /** Every head, mean and reading, best first; none where nothing was known. */
  choices: v.pipe(v.array(alignmentScore), v.readonly()),
});

export const headScores = v.object({
  /** Sentences that were read. */
  sentences: count,
  /** One for each kind of attention; none where only alignment was measured. */
  roles: v.pipe(v.array(table), v.readonly()),
  /** How well cross-attention aligns; null for models without it. */
  alignment: v.nullable(alignmentScores),
});

export type HeadScores = Readonly<v.InferOutput<typeof headScores>>;
export type AlignmentScores = Readonly<v.InferOutput<typeof alignmentScores>>;
