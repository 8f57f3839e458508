/** What an output would be without some heads, or without pieces of the input. */
import * as v from 'valibot';
import { content, floats, gaps, many, measured, record, token } from './answerParts';
import { cutLinkList, headList, kind, manner, ranges, sequence } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import { scoredFor, taskResult } from './taskAnswers';
import { alternative } from './textAnswers';

/** A token of the output, and what becomes of it without something: heads, or a part of the input. */
const changedToken = record({
  index: count,
  /** Natural logarithms of the model's probability, everything before it as it stands (teacher forcing). */
  before: measured,
  after: measured,
  /** What is likeliest there without it. */
  likeliest: alternative,
});

/** What an output becomes without something. */
const outputChangeEntries = {
  of: content,
  /** The sequence of the output; the source of models that do not write. */
  sequence,
  tokens: many(changedToken),
  /** What a model with a task head answers then, tokens counted in the whole text; its `tokens` are none. */
  answer: v.exactOptional(taskResult),
  /** What the model writes then, as many tokens at most as there are; none of models that do not write. */
  written: many(token),
};

export const headsOffReport = record({
  ...outputChangeEntries,
  off: headList,
  cut: cutLinkList,
  milliseconds: measured,
});

export const costsOfHeads = record({
  of: content,
  kind,
  layers: count,
  heads: count,
  /** The label that was measured in place of tokens, where it is one. */
  label: v.exactOptional(scoredFor),
  /** Mean log probability of the output's tokens with all heads on, in nats; of a regression the number itself. */
  plain: measured,
  /** [layers][heads]: by how much that falls without the head, in nats a token; NaN where it was not measured. */
  costs: floats,
  /** [layers]: the same without all heads of a layer; measured first. NaN where one of them stays on. */
  layerCosts: floats,
  /** How many heads were measured, in order. */
  done: count,
  /** Why heads could not be, as clauses. */
  gaps,
});

export const inputWithoutReport = record({
  ...outputChangeEntries,
  /** In order, and none touches another. */
  ranges,
  manner,
});

/** A sparse linear fit of an output's log-odds over random masks of the input's pieces (ContextCite). */
const maskFit = record({
  /** How many masks there are, each with about half of the pieces. */
  masks: count,
  /** So many of those that were measured are not in the fit. */
  heldOut: count,
  /** How far the fit orders those as they are: Spearman's correlation, -1 to 1; null where there are too few. */
  correlation: v.nullable(measured),
});

const headAgreement = record({
  kind,
  layers: count,
  heads: count,
  /** [layers][heads]: Spearman's correlation, -1 to 1; NaN where there is none. */
  correlations: floats,
});

export const leftOutCosts = record({
  of: content,
  /** The sequence of the pieces. */
  sequence,
  ranges,
  manner,
  outputSequence: sequence,
  /** The tokens of the output that were measured. */
  outputs: many(count),
  /** The label that was measured in place of tokens, where it is one. */
  label: v.exactOptional(scoredFor),
  /** Their mean log probability with the whole input, in nats; of a regression the number itself. */
  plain: measured,
  /** By how much that falls without each piece, in nats a token; of a fit by how much its log-odds fall, a token. NaN where it was not measured. */
  costs: floats,
  /** How many pieces were measured, in order; of a fit how many masks. */
  done: count,
  /** What the costs are the weights of, where they are of a fit. */
  fit: v.exactOptional(maskFit),
  /** Why pieces could not be, as clauses. */
  gaps,
  /** How far each head's attention orders the pieces as their costs do; null until all are measured. */
  agreement: v.nullable(headAgreement),
});

export type ChangedToken = v.InferOutput<typeof changedToken>;
export type OutputChange = v.InferOutput<ReturnType<typeof record<typeof outputChangeEntries>>>;
export type HeadsOffReport = v.InferOutput<typeof headsOffReport>;
export type HeadCosts = v.InferOutput<typeof costsOfHeads>;
export type InputWithoutReport = v.InferOutput<typeof inputWithoutReport>;
export type MaskFit = v.InferOutput<typeof maskFit>;
export type HeadAgreement = v.InferOutput<typeof headAgreement>;
export type LeftOutCosts = v.InferOutput<typeof leftOutCosts>;
