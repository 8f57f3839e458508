/** What each block would write if it were the last one: the logit lens. */
import type { Content } from '../../attention/content';
import type { SequenceName } from '../../attention/types';
import type { Alternative } from './textAnswers';

/** What one block makes of one place. */
export interface LensCell {
  /** The likeliest tokens, likeliest first. */
  readonly top: readonly Alternative[];
  /** Of the token that came there: its probability (0 to 1) and its rank, 1 for the likeliest; null where none has come. */
  readonly came: { readonly probability: number; readonly rank: number } | null;
}

/** One place of a text, with a cell for each block. */
export interface LensRow {
  /** The token that was read. */
  readonly index: number;
  /** The token that came, which these blocks predict: the next one, or what stands at the place itself in an encoder. */
  readonly came: Pick<Alternative, 'id' | 'text' | 'parts'> | null;
  readonly cells: readonly LensCell[];
}

export interface LensReport {
  readonly of: Content;
  readonly sequence: SequenceName;
  /** Places that there are in all. */
  readonly length: number;
  /** The blocks that could be read: -1 before the first; the last one's cells are the model's own output. None where `gaps` says why. */
  readonly layers: readonly number[];
  readonly rows: readonly LensRow[];
  /** Why blocks could not be read, as clauses. */
  readonly gaps: readonly string[];
  readonly milliseconds: number;
}
