/** What a model with a task head answers about a text, beside its attention. */
import * as v from 'valibot';
import { errorValue, many, measured, record } from './answerParts';
import { count } from '../requests/wholeNumbers';

/** Labels of the whole text, a label for each token, a piece of a text that answers a question, or a vector to compare texts by. */
export const taskName = v.picklist(['labels', 'token-labels', 'span', 'embedding']);

/** What the numbers of labels are: see `config/taskConfig.ts`. */
const LABEL_MEANINGS = ['single', 'multi', 'regression', 'score'] as const;
const labelMeaning = v.picklist(LABEL_MEANINGS);

const labelEntries = {
  /** As the model's config numbers it. */
  id: count,
  /** The config's name, or `LABEL_2` as `transformers` calls it where there is none. */
  label: v.string(),
};

const scoredLabel = record({
  ...labelEntries,
  logit: measured,
  /** Softmax over the labels, or the logit's own sigmoid, 0 to 1; null of a regression, whose logit is the answer. */
  probability: v.nullable(measured),
});

const labelsResult = record({
  type: v.literal('labels'),
  meaning: labelMeaning,
  /** The likeliest first. */
  labels: many(scoredLabel),
  /** How many labels there are; the likeliest of very many are told. */
  count,
  /** The tokens of the source whose last states the labels are computed from; none where the graph does not show it. */
  from: many(count),
});

/** What something is measured by in place of an output's tokens: a label, the text of an answer, or how alike two texts are. */
export const scoredFor = record({ ...labelEntries, meaning: v.picklist([...LABEL_MEANINGS, 'cosine']) });

const tokenLabels = record({
  index: count,
  /** The likeliest first. */
  top: many(scoredLabel),
});

const tokenLabelsResult = record({
  type: v.literal('token-labels'),
  count,
  /** One for each token of the text; none for those that the tokenizer put round it. */
  tokens: many(tokenLabels),
});

/** A piece of the context, tokens [from, to), and how likely the model finds both its ends together. */
const answerSpan = record({ from: count, to: count, probability: measured });

const spanResult = record({
  type: v.literal('span'),
  /** The likeliest first. */
  answers: many(answerSpan),
  /** How likely the model finds the place that stands for no answer. */
  none: measured,
  /** Most tokens of an answer. */
  longest: count,
  /** For each token of the source, how likely an answer begins and ends there; 0 outside the context. */
  begins: many(measured),
  ends: many(measured),
});

const similarityResult = record({
  type: v.literal('similarity'),
  /** The cosine of the two texts' vectors, -1 to 1; null where there is one text only. */
  cosine: v.nullable(measured),
  dimensions: count,
  /** What the vectors are: the file's own result for a whole text, or its tokens' last states. */
  pooling: v.picklist(['output', 'mean', 'first', 'last']),
  /** True where no file of the model says so, and the mean is taken as most models do. */
  assumed: v.boolean(),
});

export const taskResult = v.variant('type', [labelsResult, tokenLabelsResult, spanResult, similarityResult]);

/** What a model answers, and what is to be known about that, each with its code. */
export const answerOfTask = record({
  task: taskName,
  /** Null where there is none: `gaps` says why. */
  result: v.nullable(taskResult),
  gaps: many(errorValue),
});

export type TaskName = v.InferOutput<typeof taskName>;
export type LabelMeaning = v.InferOutput<typeof labelMeaning>;
export type ScoredLabel = v.InferOutput<typeof scoredLabel>;
export type LabelsResult = v.InferOutput<typeof labelsResult>;
export type ScoredFor = v.InferOutput<typeof scoredFor>;
export type TokenLabels = v.InferOutput<typeof tokenLabels>;
export type TokenLabelsResult = v.InferOutput<typeof tokenLabelsResult>;
export type AnswerSpan = v.InferOutput<typeof answerSpan>;
export type SpanResult = v.InferOutput<typeof spanResult>;
export type SimilarityResult = v.InferOutput<typeof similarityResult>;
export type TaskAnswer = v.InferOutput<typeof answerOfTask>;
export type TaskResult = NonNullable<TaskAnswer['result']>;
