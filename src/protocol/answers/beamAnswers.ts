/** The texts that a beam search keeps, as a tree. */
import type { Alternative } from './textAnswers';

/** A token of the tree. */
export interface BeamToken extends Pick<Alternative, 'id' | 'text' | 'parts'> {
  /** The token before it, by its place in the tree; -1 for the first one of a text. */
  readonly parent: number;
  /** After the rules, in nats: what the search adds up. */
  readonly logProbability: number;
  /** The sum of those from the first token to this one. */
  readonly sum: number;
}

export interface BeamReport {
  /** How many steps the text had where the search began: the tree's tokens follow it. */
  readonly begins: number;
  /** Each after its parent. */
  readonly tokens: readonly BeamToken[];
  /** The last tokens of the texts that go on, best first. */
  readonly running: readonly number[];
  /** The texts that have ended, best first: their last tokens, and their scores after the length penalty. */
  readonly ended: readonly { readonly token: number; readonly score: number }[];
  /** The last token of the text on show; -1 while none of the tree is. */
  readonly opened: number;
  /** How many tokens the longest texts have, and can have. */
  readonly depth: number;
  readonly room: number;
  /** False where it was stopped on the way: it can go on. */
  readonly isDone: boolean;
  readonly numBeams: number;
  readonly lengthPenalty: number;
}
