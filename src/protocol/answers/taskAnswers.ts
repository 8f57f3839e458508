/** What a model with a task head answers about a text, beside its attention. */
import type { ErrorValue } from '../../errors';

/** Labels of the whole text, a label for each token, a piece of a text that answers a question, or a vector to compare texts by. */
export type TaskName = 'labels' | 'token-labels' | 'span' | 'embedding';

/** What the numbers of labels are: see `config/taskConfig.ts`. */
export type LabelMeaning = 'single' | 'multi' | 'regression' | 'score';

export interface ScoredLabel {
  /** As the model's config numbers it. */
  readonly id: number;
  /** The config's name, or `LABEL_2` as `transformers` calls it where there is none. */
  readonly label: string;
  readonly logit: number;
  /** Softmax over the labels, or the logit's own sigmoid, 0 to 1; null of a regression, whose logit is the answer. */
  readonly probability: number | null;
}

export interface LabelsResult {
  readonly type: 'labels';
  readonly meaning: LabelMeaning;
  /** The likeliest first. */
  readonly labels: readonly ScoredLabel[];
  /** How many labels there are; the likeliest of very many are told. */
  readonly count: number;
  /** The tokens of the source whose last states the labels are computed from; none where the graph does not show it. */
  readonly from: readonly number[];
}

/** What something is measured by in place of an output's tokens: a label, the text of an answer, or how alike two texts are. */
export interface ScoredFor extends Pick<ScoredLabel, 'id' | 'label'> {
  readonly meaning: LabelMeaning | 'cosine';
}

export interface TokenLabels {
  readonly index: number;
  /** The likeliest first. */
  readonly top: readonly ScoredLabel[];
}

export interface TokenLabelsResult {
  readonly type: 'token-labels';
  readonly count: number;
  /** One for each token of the text; none for those that the tokenizer put round it. */
  readonly tokens: readonly TokenLabels[];
}

/** A piece of the context, tokens [from, to), and how likely the model finds both its ends together. */
export interface AnswerSpan {
  readonly from: number;
  readonly to: number;
  readonly probability: number;
}

export interface SpanResult {
  readonly type: 'span';
  /** The likeliest first. */
  readonly answers: readonly AnswerSpan[];
  /** How likely the model finds the place that stands for no answer. */
  readonly none: number;
  /** Most tokens of an answer. */
  readonly longest: number;
  /** For each token of the source, how likely an answer begins and ends there; 0 outside the context. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

export interface SimilarityResult {
  readonly type: 'similarity';
  /** The cosine of the two texts' vectors, -1 to 1; null where there is one text only. */
  readonly cosine: number | null;
  readonly dimensions: number;
  /** What the vectors are: the file's own result for a whole text, or its tokens' last states. */
  readonly pooling: 'output' | 'mean' | 'first' | 'last';
  /** True where no file of the model says so, and the mean is taken as most models do. */
  readonly assumed: boolean;
}

export type TaskResult = LabelsResult | TokenLabelsResult | SpanResult | SimilarityResult;

/** What a model answers, and what is to be known about that, each with its code. */
export interface TaskAnswer {
  readonly task: TaskName;
  /** Null where there is none: `gaps` says why. */
  readonly result: TaskResult | null;
  readonly gaps: readonly ErrorValue[];
}
