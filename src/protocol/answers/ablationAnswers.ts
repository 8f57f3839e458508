/** What an output would be without some heads, or without pieces of the input. */
import type { Content } from '../../attention/content';
import type { AttentionKind, HeadRef, Knockout, SequenceName, Token, TokenRange } from '../../attention/types';
import type { LeaveOutRequest } from '../requests/engineRequests';
import type { ScoredFor, ScoredLabel } from './taskAnswers';
import type { Alternative } from './textAnswers';

/** A token of the output, and what becomes of it without something: heads, or a part of the input. */
export interface ChangedToken {
  readonly index: number;
  /** Natural logarithms of the model's probability, everything before it as it stands (teacher forcing). */
  readonly before: number;
  readonly after: number;
  /** What is likeliest there without it. */
  readonly likeliest: Alternative;
}

/** What an output becomes without something. */
export interface OutputChange {
  readonly of: Content;
  /** The sequence of the output; the source of models that do not write. */
  readonly sequence: SequenceName;
  readonly tokens: readonly ChangedToken[];
  /** The labels that it gives the text then, of a model that labels texts; its `tokens` are none. */
  readonly labels?: readonly ScoredLabel[];
  /** What the model writes then, as many tokens at most as there are; none of models that do not write. */
  readonly written: readonly Token[];
}

export interface HeadsOffReport extends OutputChange {
  readonly off: readonly HeadRef[];
  readonly cut: readonly Knockout[];
  readonly milliseconds: number;
}

export interface HeadCosts {
  readonly of: Content;
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  /** The label that was measured in place of tokens, where it is one. */
  readonly label?: ScoredFor;
  /** Mean log probability of the output's tokens with all heads on, in nats; of a regression the number itself. */
  readonly plain: number;
  /** [layers][heads]: by how much that falls without the head, in nats a token; NaN where it was not measured. */
  readonly costs: Float32Array;
  /** [layers]: the same without all heads of a layer; measured first. NaN where one of them stays on. */
  readonly layerCosts: Float32Array;
  /** How many heads were measured, in order. */
  readonly done: number;
  /** Why heads could not be, as clauses. */
  readonly gaps: readonly string[];
}

export interface InputWithoutReport extends OutputChange {
  /** In order, and none touches another. */
  readonly ranges: readonly TokenRange[];
  readonly manner: LeaveOutRequest['manner'];
}

export interface LeftOutCosts {
  readonly of: Content;
  /** The sequence of the pieces. */
  readonly sequence: SequenceName;
  readonly ranges: readonly TokenRange[];
  readonly manner: LeaveOutRequest['manner'];
  readonly outputSequence: SequenceName;
  /** The tokens of the output that were measured. */
  readonly outputs: readonly number[];
  /** The label that was measured in place of tokens, where it is one. */
  readonly label?: ScoredFor;
  /** Their mean log probability with the whole input, in nats; of a regression the number itself. */
  readonly plain: number;
  /** By how much that falls without each piece, in nats a token; of a fit by how much its log-odds fall, a token. NaN where it was not measured. */
  readonly costs: Float32Array;
  /** How many pieces were measured, in order; of a fit how many masks. */
  readonly done: number;
  /** What the costs are the weights of, where they are of a fit. */
  readonly fit?: MaskFit;
  /** Why pieces could not be, as clauses. */
  readonly gaps: readonly string[];
  /** How far each head's attention orders the pieces as their costs do; null until all are measured. */
  readonly agreement: HeadAgreement | null;
}

/** A sparse linear fit of an output's log-odds over random masks of the input's pieces (ContextCite). */
export interface MaskFit {
  /** How many masks there are, each with about half of the pieces. */
  readonly masks: number;
  /** So many of those that were measured are not in the fit. */
  readonly heldOut: number;
  /** How far the fit orders those as they are: Spearman's correlation, -1 to 1; NaN where there are too few. */
  readonly correlation: number;
}

export interface HeadAgreement {
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  /** [layers][heads]: Spearman's correlation, -1 to 1; NaN where there is none. */
  readonly correlations: Float32Array;
}
