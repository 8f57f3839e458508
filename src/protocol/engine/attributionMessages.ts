/** Where a token's logit comes from, or the difference of two tokens' logits: signed attribution. */
import type { Content } from '../../attention/content';
import type { AttributedKind, AttributedRest, SequenceName } from '../../attention/types';
import type { ModelFiles } from './modelMessages';
import type { Alternative } from './textMessages';
import type { WeightsQuery } from './weightMessages';

/** Asks what adds to the logit of a token at a place of the text that the model writes (or reads, where it is an encoder). */
export interface AttributionRequest extends WeightsQuery {
  /** The place that the token is for: of a written text where it came, or would come. */
  readonly index: number;
  readonly token: number;
  /** The token that it is held against: the answer is about the difference of the two. Null for the token's own logit. */
  readonly other: number | null;
  /** The model's files, where the sessions that it needs were not made yet. */
  readonly files?: ModelFiles;
}

export interface AttributionReport {
  readonly of: Content;
  readonly sequence: SequenceName;
  readonly index: number;
  /** The position whose logits these are. */
  readonly row: number;
  readonly token: Pick<Alternative, 'id' | 'text' | 'parts'>;
  readonly other: Pick<Alternative, 'id' | 'text' | 'parts'> | null;
  /** The model's own logit of the token, or its difference from the other one's: what all parts sum to. */
  readonly logit: number;
  readonly kinds: readonly AttributedKind[];
  readonly rest: AttributedRest;
  readonly milliseconds: number;
}
