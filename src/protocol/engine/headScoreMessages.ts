/** What a model's heads are like on the whole, and how cross-attention aligns words. */
import type { AlignmentChoice, AlignmentScore, RoleTable } from '../../attention/types';
import type { WeightsQuery } from './weightMessages';

/** What a model's heads are like on the probe set that ships with the extension. */
export interface HeadScores {
  /** Sentences that were read. */
  readonly sentences: number;
  /** One for each kind of attention; none where only alignment was measured. */
  readonly roles: readonly RoleTable[];
  /** Of models with cross-attention. */
  readonly alignment: AlignmentScores | null;
}

export const KNOWN_LINKS = ['links', 'names'] as const;

/** How well cross-attention aligns on the probe text. */
export interface AlignmentScores {
  /** What was known: links that people made, or only names and numbers that the model has written as they stand. */
  readonly known: (typeof KNOWN_LINKS)[number];
  /** Hand-aligned pairs, or names and numbers. */
  readonly count: number;
  /** Every head, mean and reading, best first; none where nothing was known. */
  readonly choices: readonly AlignmentScore[];
}

export interface AlignmentQuery extends WeightsQuery, AlignmentChoice {}

/** Which source words each written word was made from. */
export interface TextAlignment extends AlignmentChoice {
  /** Words of each text; which they are is told from its tokens (`measure/alignment/alignedWords.ts`). */
  readonly sourceWords: number;
  readonly targetWords: number;
  /** Target words that have a row; the last one has none where it was written last and has not been fed yet. */
  readonly readWords: number;
  /** [target words][source words]: a row is a word's shares of what may be linked; zeros where nothing may. */
  readonly data: Float32Array;
}
