/** A text that was read: the part of it, its tokens, and what an encoder-only model fills in. */
import type { Token, TokenPart } from '../../attention/types';
import type { TaskAnswer } from './taskAnswers';

/** Which part of the text is explained. */
export interface TextWindow {
  /** Tokens of the whole text, specials not counted. */
  readonly totalTokens: number;
  /** Window [start, end) in those tokens. */
  readonly start: number;
  readonly end: number;
  /** UTF-16 offsets of the window in the text; the whole text where nothing is cut. */
  readonly startOffset: number;
  readonly endOffset: number;
  /** Where the window is among the text's sentences; left out where the whole text is read. */
  readonly walk?: TextWalk;
}

/** The sentences round a window: what a long text is walked by. Sentences and paragraphs are counted from 0. */
export interface TextWalk {
  /** How many sentences the text has. */
  readonly sentences: number;
  /** The window begins in sentence `current` and ends in sentence `through`. */
  readonly current: number;
  readonly through: number;
  /** Those near the window, of which the first is sentence `first`: a text can have hundreds of thousands. */
  readonly first: number;
  readonly near: readonly {
    /** Its first token, to choose it by. */
    readonly start: number;
    readonly paragraph: number;
    /** Its first characters. */
    readonly text: string;
  }[];
  /** First tokens of the paragraphs before and after (the window's own where it does not begin with it); null where there is none. */
  readonly paragraphBefore: number | null;
  readonly paragraphAfter: number | null;
}

export interface Alternative {
  readonly id: number;
  readonly text: string;
  /** As of a token: which part of a character it is, where it is one. */
  readonly parts?: readonly TokenPart[];
  /** softmax over the whole vocabulary at temperature 1, 0 to 1. */
  readonly probability: number;
}

/** A masked position's fill-in (encoder-only models). */
export interface MaskFill {
  readonly index: number;
  /** The ten most probable tokens there, most probable first. */
  readonly top: readonly Alternative[];
  /** The token that the mask hides: its true probability there and its 1-based rank over the vocabulary; null where the mask was typed. */
  readonly original: (Alternative & { readonly rank: number }) | null;
}

export interface EncodedText {
  readonly explanation: string;
  readonly window: TextWindow;
  readonly source: readonly Token[];
  /** The decoder's sequence before the first step: the start token, or a decoder-only model's prompt. */
  readonly target: readonly Token[];
  readonly fills: readonly MaskFill[];
  /** What a model with a task head answers; left out by others. */
  readonly answer?: TaskAnswer;
  readonly milliseconds: number;
}
