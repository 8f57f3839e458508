/** What a model's heads are like on the probe set: told to the panel, kept over windows, and checked when it comes back from storage. */
import * as v from 'valibot';
import { ROLE_NAMES, type RoleName, type RoleTable } from '../attention/types';
import { many, measured, record, schemaOf } from './answers/answerParts';
import { alignmentEntries, kind } from './requests/requestParts';
import { count } from './requests/wholeNumbers';

const column = many(v.nullable(measured));
const roleEntries = Object.fromEntries(ROLE_NAMES.map((role) => [role, column])) as Record<RoleName, typeof column>; // every role is named
export const roleTable = schemaOf<RoleTable>()(
  v.pipe(
    record({ kind, layers: count, heads: count, scores: record(roleEntries) }),
    v.check(({ layers, heads, scores }) => Object.values(scores).every(({ length }) => length === layers * heads)),
  ),
);
const alignmentScore = v.object({ ...alignmentEntries, score: v.number() });

const alignmentScores = v.object({
  /** What was known: links that people made, or only names and numbers that the model has written as they stand. */
  known: v.picklist(['links', 'names']),
  /** Hand-aligned pairs, or names and numbers. */
  count,
  /** Every head, mean and reading, best first; none where nothing was known. */
  choices: many(alignmentScore),
});

export const headScores = v.object({
  /** Sentences that were read. */
  sentences: count,
  /** One for each kind of attention; none where only alignment was measured. */
  roles: many(roleTable),
  /** How well cross-attention aligns; null for models without it. */
  alignment: v.nullable(alignmentScores),
});

export type HeadScores = Readonly<v.InferOutput<typeof headScores>>;
export type AlignmentScores = Readonly<v.InferOutput<typeof alignmentScores>>;
