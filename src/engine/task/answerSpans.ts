/**
 * Extractive question answering (Rajpurkar et al. 2016): the piece of the context whose first and last token the model finds likeliest.
 * Source of the rules: `transformers` 4, pipelines/question_answering.py (`select_starts_ends`, `decode_spans`).
 */
import type { Token, TokenRange } from '../../attention/types';
import type { SpanResult } from '../../protocol/engine';
import { notFinite } from '../../transformer/probabilities';

/** An answer has so many tokens at most. */
const LONGEST = 15;
const MOST_ANSWERS = 5;

/** Softmax over the places that count; 0 elsewhere. @throws ExplainError NOT_FINITE */
function sharesAmong(logits: Float32Array, counts: readonly boolean[]): readonly number[] {
  const most = logits.reduce(
    (largest, logit, at) => (counts[at] === true ? Math.max(largest, logit) : largest),
    -Infinity,
  );
  const powers = counts.map((one, at) => (one ? Math.exp((logits[at] as number) - most) : 0)); // one count a logit
  const total = powers.reduce((sum, power) => sum + power, 0);
  if (!(total > 0 && total < Infinity)) throw notFinite();
  return powers.map((power) => power / total);
}

/** Where an answer may begin and end: in the second text; the first token stands for none. */
const placesOf = (
  tokens: readonly Token[],
): { readonly isContext: readonly boolean[]; readonly counts: readonly boolean[] } => {
  const isContext = tokens.map(({ second, special }) => second === true && !special);
  return { isContext, counts: isContext.map((is, at) => is || at === 0) };
};

/** The log of a place's share among the places that count. @throws ExplainError NOT_FINITE */
function logShare(logits: Float32Array, counts: readonly boolean[], place: number): number {
  const among = logits.filter((_, at) => counts[at] === true);
  const most = among.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
  const share = (logits[place] ?? NaN) - most - Math.log(among.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
  if (Number.isNaN(share)) throw notFinite();
  return share;
}

/** The log probability of an answer, tokens [from, to): that it begins and ends there. @throws ExplainError NOT_FINITE */
export function spanLogProbability(
  start: Float32Array,
  end: Float32Array,
  tokens: readonly Token[],
  { from, to }: TokenRange,
): number {
  const { counts } = placesOf(tokens);
  return logShare(start, counts, from) + logShare(end, counts, to - 1);
}

/**
 * @param start logits for each token to begin the answer, and `end` to end it
 * @param tokens of question and context; those of the second text may be in an answer, and the first token stands for none
 */
export function answerSpans(start: Float32Array, end: Float32Array, tokens: readonly Token[]): SpanResult {
  const { isContext, counts } = placesOf(tokens);
  const begins = sharesAmong(start, counts);
  const ends = sharesAmong(end, counts);
  const spans: { readonly from: number; readonly to: number; readonly probability: number }[] = [];
  for (const [from, begin] of begins.entries()) {
    if (isContext[from] !== true) continue;
    for (let to = from; to < Math.min(from + LONGEST, ends.length); to++)
      if (isContext[to] === true) spans.push({ from, to: to + 1, probability: begin * (ends[to] as number) }); // to < length
    // Only the best are kept: all of a long context would be thousands.
    if (spans.length > 1000) keepBest(spans);
  }
  keepBest(spans);
  const within = (shares: readonly number[]): readonly number[] =>
    shares.map((one, at) => (isContext[at] === true ? one : 0));
  return {
    type: 'span',
    answers: spans,
    none: (begins[0] ?? 0) * (ends[0] ?? 0),
    longest: LONGEST,
    begins: within(begins),
    ends: within(ends),
  };
}

function keepBest(spans: { readonly probability: number }[]): void {
  spans.sort((one, other) => other.probability - one.probability);
  spans.length = Math.min(spans.length, MOST_ANSWERS);
}
