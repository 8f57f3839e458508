/** Two selections as a pair of texts, in the order in which a model reads them. */
import type { ModelReport, TextPair, TextSpan } from '../../protocol/engine';
import type { ExplainedText, PairOrder } from './subject';

const QUESTION = /[?？؟]\s*$/u;

/** True where there is a choice: two selections, and a model that reads pairs. */
export const hasPair = (
  { ranges }: Pick<ExplainedText, 'ranges'>,
  report: Pick<ModelReport, 'pairs'> | null,
): boolean => ranges.length === 2 && report?.pairs === true;

/** Undefined where the text is read as it stands. */
export function textPairOf(
  { ranges, text }: Pick<ExplainedText, 'ranges' | 'text'>,
  order: PairOrder,
  report: Pick<ModelReport, 'pairs' | 'task'>,
): TextPair | undefined {
  if (order === 'one' || !hasPair({ ranges }, report)) return undefined;
  const [one, other] = ranges.map(({ at, start, end }): TextSpan => ({ start: at, end: at + end - start }));
  if (!one || !other) return undefined;
  const isAsked = ({ start, end }: TextSpan): boolean => QUESTION.test(text.slice(start, end));
  // A question is the first of the two wherever it stands.
  const isQuestionLast = report.task === 'span' && isAsked(other) && !isAsked(one);
  return isQuestionLast === (order === 'swapped') ? { first: one, second: other } : { first: other, second: one };
}
