/** Where a token's logit comes from, or the difference of two tokens' logits: signed attribution. */
import * as v from 'valibot';
import { content, floats, many, measured, record, schemaOf } from './answerParts';
import { kind, sequence } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import type { AttributedKind, AttributedRest } from '../../attention/types';
import { namedToken } from './textAnswers';

const attributedKind = schemaOf<AttributedKind>()(
  record({ kind, layers: count, heads: count, keys: count, values: floats }),
);
const attributedRest = schemaOf<AttributedRest>()(
  record({ embeddings: measured, feedForward: floats, constants: measured, rounding: measured }),
);

export const attributionReport = record({
  of: content,
  sequence,
  index: count,
  /** The position whose logits these are. */
  row: count,
  token: namedToken,
  other: v.nullable(namedToken),
  /** The model's own logit of the token, or its difference from the other one's: what all parts sum to. */
  logit: measured,
  kinds: many(attributedKind),
  rest: attributedRest,
  milliseconds: measured,
});
export type AttributionReport = v.InferOutput<typeof attributionReport>;
