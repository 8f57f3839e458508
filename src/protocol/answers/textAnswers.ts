/** A text that was read: the part of it, its tokens, and what an encoder-only model fills in. */
import * as v from 'valibot';
import { id, many, measured, parts, record, token } from './answerParts';
import { interventionEntries } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import { answerOfTask } from './taskAnswers';

/** The sentences round a window: what a long text is walked by. Sentences and paragraphs are counted from 0. */
const textWalk = record({
  /** How many sentences the text has. */
  sentences: count,
  /** The window begins in sentence `current` and ends in sentence `through`. */
  current: count,
  through: count,
  /** Those near the window, of which the first is sentence `first`: a text can have hundreds of thousands. */
  first: count,
  near: many(
    record({
      /** Its first token, to choose it by. */
      start: count,
      paragraph: count,
      /** Its first characters. */
      text: v.string(),
    }),
  ),
  /** First tokens of the paragraphs before and after (the window's own where it does not begin with it); null where there is none. */
  paragraphBefore: v.nullable(count),
  paragraphAfter: v.nullable(count),
});

/** Which part of the text is explained. */
export const textWindow = record({
  /** Tokens of the whole text, specials not counted. */
  totalTokens: count,
  /** Window [start, end) in those tokens. */
  start: count,
  end: count,
  /** UTF-16 offsets of the window in the text; the whole text where nothing is cut. */
  startOffset: count,
  endOffset: count,
  /** Where the window is among the text's sentences; left out where the whole text is read. */
  walk: v.exactOptional(textWalk),
  /** True where a sentence is read at a time, as the model was trained on no longer texts, and not as many as fit. */
  bySentence: v.exactOptional(v.literal(true)),
});

export const namedTokenEntries = {
  id,
  text: v.string(),
  /** As of a token: which part of a character it is, where it is one. */
  parts,
};
/** A token of the vocabulary, as it is written. */
export const namedToken = record(namedTokenEntries);

export const alternativeEntries = {
  ...namedTokenEntries,
  /** softmax over the whole vocabulary at temperature 1, 0 to 1. */
  probability: measured,
};
export const alternative = record(alternativeEntries);

/** A masked position's fill-in (encoder-only models). */
export const maskFill = record({
  index: count,
  /** The ten most probable tokens there, most probable first. */
  top: many(alternative),
  /** The token that the mask hides: its true probability there and its 1-based rank over the vocabulary; null where the mask was typed. */
  original: v.nullable(record({ ...alternativeEntries, rank: count })),
});

/** What was left out of a text before it was read, and which heads were off; its ranges are in order, and none touches another. */
export const doneIntervention = record({
  ...interventionEntries,
  /** The text of each of its pieces. */
  pieces: many(v.string()),
});

export const encodedText = record({
  explanation: v.string(),
  window: textWindow,
  source: many(token),
  /** The decoder's sequence before the first step: the start token, or a decoder-only model's prompt. */
  target: many(token),
  fills: many(maskFill),
  /** What a model with a task head answers; left out by others. */
  answer: v.exactOptional(answerOfTask),
  /** Left out where the text was read as it stands. */
  intervention: v.exactOptional(doneIntervention),
  milliseconds: measured,
});

export type TextWalk = v.InferOutput<typeof textWalk>;
export type TextWindow = v.InferOutput<typeof textWindow>;
export type Alternative = v.InferOutput<typeof alternative>;
export type MaskFill = v.InferOutput<typeof maskFill>;
export type DoneIntervention = v.InferOutput<typeof doneIntervention>;
export type EncodedText = v.InferOutput<typeof encodedText>;
