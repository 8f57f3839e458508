/** What a model with a task head answers about a text it has read. */
import { problemOf, type TaskConfig } from '../../config/taskConfig';
import { ExplainError, toExplainError, type ErrorValue } from '../../errors';
import type { Token } from '../../attention/types';
import type { TaskAnswer, TaskResult } from '../../protocol/engine';
import { say } from '../../text/say';
import type { EncoderPass } from '../../transformer/encoder';
import { answerSpans } from './answerSpans';
import { isListFor, MOST_TOLD, scoredLabels } from './labelScores';
import { numbersOf, type RunNumbers } from './runNumbers';
import type { TaskHead } from './taskHead';
import { cosineOf, textVector } from './textVector';

/** Labels that are told of each token. */
const MOST_OF_TOKEN = 5;

/** A further text, read by itself. */
export interface OtherText {
  readonly pass: Pick<EncoderPass, 'output' | 'also'>;
  readonly positions: number;
  /** How many of its tokens were left out, as the model takes no more. */
  readonly cut: number;
}

/**
 * Reads the answer out of a pass's result. What is wrong with it is said in the answer: the attention is there all the same.
 * @param pass the encoder's; its results are freed
 * @param tokens that were read
 * @param other the second of two texts that are compared
 */
export async function taskAnswer(
  head: TaskHead,
  { output, also }: Pick<EncoderPass, 'output' | 'also'>,
  tokens: readonly Token[],
  other?: OtherText,
): Promise<TaskAnswer> {
  const { task } = head;
  try {
    const main = await numbersOf(output);
    if (task === 'embedding') return await similarity(head, main, also, tokens.length, other);
    const [first, second] = await Promise.all(head.also.map((name) => numbersIn(also, name, main)));
    const [result, gaps] = answerIn(head, main, first, second, tokens);
    return { task, result, gaps: gaps.map((gap) => gap.toValue()) };
  } catch (thrown) {
    return { task, result: null, gaps: [toExplainError(thrown).toValue()] };
  }
}

type Read = readonly [TaskResult | null, readonly { toValue(): ErrorValue }[]];

/** A further output; one that is the file's own result came as that. */
const numbersIn = async (also: EncoderPass['also'], name: string, main: RunNumbers): Promise<RunNumbers> => {
  const tensor = also[name];
  return tensor ? numbersOf(tensor) : main;
};

/** How near two texts' vectors are; of one text what its vector is. */
async function similarity(
  { states, also }: TaskHead,
  main: RunNumbers,
  further: EncoderPass['also'],
  positions: number,
  other: OtherText | undefined,
): Promise<TaskAnswer> {
  const [whole] = also;
  const vectorOf = async (result: RunNumbers, more: EncoderPass['also'], length: number): Promise<Float64Array> =>
    textVector(whole === undefined ? result : await numbersIn(more, whole, result), length, states ?? 'mean');
  const own = await vectorOf(main, further, positions);
  const second = other && (await vectorOf(await numbersOf(other.pass.output), other.pass.also, other.positions));
  const gaps = [
    ...(second ? [] : [new ExplainError('PAIR_NEEDED', say('engine.task.twoToCompare'))]),
    ...(other && other.cut > 0
      ? [new ExplainError('SELECTION_TOO_LARGE', say('engine.task.secondCut', { tokens: other.cut }))]
      : []),
  ];
  return {
    task: 'embedding',
    result: {
      type: 'similarity',
      cosine: second ? cosineOf(own, second) : null,
      dimensions: own.length,
      pooling: whole === undefined ? (states ?? 'mean') : 'output',
      assumed: whole === undefined && states === undefined,
    },
    gaps: gaps.map((gap) => gap.toValue()),
  };
}

/**
 * The answer of a run's numbers; null with the reason where there is none.
 * @param first and `second` the further results that the head needs
 * @throws ExplainError ANSWER_UNREADABLE, NOT_FINITE
 */
export function answerIn(
  head: TaskHead,
  main: RunNumbers,
  first: RunNumbers | undefined,
  second: RunNumbers | undefined,
  tokens: readonly Token[],
): Read {
  switch (head.task) {
    case 'labels':
      return labels(head, main, tokens);
    case 'token-labels':
      return tokenLabels(head, main, tokens);
    case 'span':
      return span(first ?? main, second ?? main, tokens);
    case 'embedding':
      throw new ExplainError('INTERNAL', say('engine.noOutput'));
  }
}

const isPair = (tokens: readonly Token[]): boolean => tokens.some(({ second }) => second === true);

function span(start: RunNumbers, end: RunNumbers, tokens: readonly Token[]): Read {
  for (const { dims, data } of [start, end])
    if (dims.length !== 2 || dims[0] !== 1 || dims[1] !== tokens.length || data.length !== tokens.length)
      throw otherShape(dims);
  if (!isPair(tokens)) return [null, [new ExplainError('PAIR_NEEDED', say('engine.task.questionAndContext'))]];
  return [answerSpans(start.data, end.data, tokens), []];
}

function labels({ config, pooling }: TaskHead, { dims, data }: RunNumbers, tokens: readonly Token[]): Read {
  const [batch, count = 0] = dims;
  if (dims.length !== 2 || batch !== 1 || count < 1 || data.length !== count) throw otherShape(dims);
  const all = tokens.map((_, index) => index);
  const from = { first: all.slice(0, 1), last: all.slice(-1), mean: all, sought: [], unknown: [] }[pooling];
  const result: TaskResult = {
    type: 'labels',
    meaning: problemOf(config, count),
    labels: scoredLabels(data, config, MOST_TOLD),
    count,
    from,
  };
  const alone =
    config.judgesPairs && !isPair(tokens) ? [new ExplainError('PAIR_NEEDED', say('engine.task.judgesPairs'))] : [];
  return [result, [...alone, ...labelGaps(config, count)]];
}

function tokenLabels({ config }: TaskHead, { dims, data }: RunNumbers, tokens: readonly Token[]): Read {
  const [batch, positions, count = 0] = dims;
  const isRight = dims.length === 3 && batch === 1 && positions === tokens.length && count > 0;
  if (!isRight || data.length !== positions * count) throw otherShape(dims);
  // Each token has one label of all: what config.json says of whole texts does not count here.
  const single: TaskConfig = { ...config, problem: 'single' };
  const result: TaskResult = {
    type: 'token-labels',
    count,
    tokens: tokens.flatMap(({ special, start }, index) =>
      special && start < 0
        ? []
        : [{ index, top: scoredLabels(data.subarray(index * count, (index + 1) * count), single, MOST_OF_TOKEN) }],
    ),
  };
  return [result, labelGaps(config, count)];
}

function otherShape(dims: readonly number[]): ExplainError {
  return new ExplainError('ANSWER_UNREADABLE', say('engine.task.otherShape', { shape: dims.slice(0, 8).join(' × ') }));
}

/** What is to be known of the names of labels. A lone score, and a regression's numbers, need none. */
function labelGaps(config: TaskConfig, count: number): readonly ExplainError[] {
  if (isListFor(config, count) || count === 1 || problemOf(config, count) === 'regression') return [];
  const { labels: named } = config;
  if (!named) return [new ExplainError('LABELS_MISSING', say('engine.task.noLabels', { count }))];
  const known = named.filter((name) => name !== '').length;
  return [new ExplainError('LABELS_MISMATCH', say('engine.task.otherLabels', { known, count }))];
}
