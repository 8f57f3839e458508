/** Where a token's logit comes from, or the difference of two tokens' logits: signed attribution. */
import type { Content } from '../../attention/content';
import type { AttributedKind, AttributedRest, SequenceName } from '../../attention/types';
import type { Alternative } from './textAnswers';

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
