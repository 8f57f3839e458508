/** How well a model with a task head gives its answer about a text: the label, the piece of a context, how alike two texts are. */
import type { Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { LabelsResult, SimilarityResult, SpanResult } from '../../protocol/engine';
import { say } from '../../text/say';
import { logProbabilityOf } from '../../transformer/probabilities';
import { spanLogProbability } from '../task/answerSpans';
import type { RunNumbers } from '../task/runNumbers';
import type { TaskHead } from '../task/taskHead';
import { cosineOf, textVector } from '../task/textVector';
import type { ComputedExplanation } from '../text/computedExplanation';
import type { RunResult } from './gatedRuns';
import type { LeftOut, OutputScores } from './scoredOutput';
import { keptIndices, rowWithout } from './shortenedInput';

const noOutput = (): ExplainError => new ExplainError('INVALID_REQUEST', say('engine.noOutput'));
const otherResult = (): ExplainError => new ExplainError('MODEL_UNSUPPORTED', say('engine.noOutput'));

/** log(1 / (1 + exp(−logit))), for logits of any size. */
const logSigmoid = (logit: number): number => Math.min(0, logit) - Math.log1p(Math.exp(-Math.abs(logit)));

/** @throws ExplainError INVALID_REQUEST where there is no such label */
export function scoresOfLabel({ labels, meaning, count, from }: LabelsResult, id: number | undefined): OutputScores {
  const label = labels.find((one) => id === undefined || one.id === id);
  if (!label) throw noOutput();
  return {
    sequence: 'source',
    outputs: [],
    rows: from,
    label: { id: label.id, label: label.label, meaning },
    also: [],
    of({ data, dims }) {
      const logit = data[label.id];
      if (dims.length !== 2 || data.length !== count || logit === undefined) throw otherResult();
      const score = {
        single: () => logProbabilityOf(data, label.id),
        multi: () => logSigmoid(logit),
        score: () => logSigmoid(logit),
        regression: () => logit,
      }[meaning]();
      return new Map([[0, score]]);
    },
  };
}

type Read = Pick<ComputedExplanation, 'tokens' | 'other'>;

/**
 * The log probability of the answer as it stands: of both its ends together. It is missing where a token of it is left out.
 * @throws ExplainError INVALID_REQUEST where there is no answer
 */
export function scoresOfSpan({ tokens }: Read, { also }: TaskHead, { answers }: SpanResult): OutputScores {
  const [answer] = answers;
  const [start, end] = also;
  if (!answer || start === undefined || end === undefined) throw noOutput();
  const { from, to } = answer;
  const own = tokens.source.slice(from, to);
  return {
    sequence: 'source',
    outputs: [],
    rows: [...new Set([from, to - 1])],
    label: { id: 0, label: textOf(own), meaning: 'single' },
    also,
    of(result, without) {
      const left = tokensWithout(tokens.source, without);
      const numbers = [start, end].map((name) => result.also[name]?.data);
      const [begins, ends] = numbers;
      if (begins?.length !== left.length || ends?.length !== left.length) throw otherResult();
      const places = own.map((_, at) => placeWithout(from + at, without));
      const [first, last] = [places[0] ?? null, places.at(-1) ?? null];
      if (first === null || last === null || places.includes(null)) return new Map();
      return new Map([[0, spanLogProbability(begins, ends, left, { from: first, to: last + 1 })]]);
    },
  };
}

/** A piece's text; tokenizers that keep no blanks in their tokens have them between. */
function textOf(tokens: readonly Token[]): string {
  const isApart = (at: number): boolean => (tokens[at]?.start ?? -1) > (tokens[at - 1]?.end ?? Infinity);
  return tokens
    .map(({ text }, at) => (isApart(at) ? ` ${text}` : text))
    .join('')
    .trim();
}

const placeWithout = (index: number, without: LeftOut | undefined): number | null =>
  without ? rowWithout({ index, id: 0, row: index }, without.ranges, without.filler) : index;

/** The tokens that are read; what is replaced has the place, and the text, of what stood there. */
function tokensWithout(tokens: readonly Token[], without: LeftOut | undefined): readonly Token[] {
  if (without?.filler !== null) return tokens;
  return keptIndices(tokens.length, without.ranges).flatMap((at) => tokens[at] ?? []);
}

/**
 * The cosine of two texts' vectors, of which the first is the one that is explained.
 * @throws ExplainError INVALID_REQUEST where there is one text only
 */
export function scoresOfSimilarity(
  { other, tokens }: Read,
  { also, states }: TaskHead,
  { cosine, pooling }: SimilarityResult,
): OutputScores {
  if (cosine === null || !other) throw noOutput();
  const [whole] = also;
  const all = tokens.source.map((_, at) => at);
  const vectorOf = (result: RunResult): Float64Array => {
    const numbers: RunNumbers | undefined = whole === undefined ? result : result.also[whole];
    if (!numbers) throw otherResult();
    return textVector(numbers, numbers.dims[1] ?? 0, states ?? 'mean');
  };
  return {
    sequence: 'source',
    outputs: [],
    rows: { output: [], mean: all, first: all.slice(0, 1), last: all.slice(-1) }[pooling],
    label: { id: 0, label: '', meaning: 'cosine' },
    also,
    other: { source: other, target: [] },
    of(result, _without, second) {
      if (!second) throw otherResult();
      return new Map([[0, cosineOf(vectorOf(result), vectorOf(second))]]);
    },
  };
}
