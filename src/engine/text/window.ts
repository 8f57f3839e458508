/** Which part of a text a model takes, tokenised as it takes it. */
import type { Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import type { TextWalk, TextWindow } from '../../protocol/engine';
import { encodeChat, type TextTokenizer } from '../../tokenizer/index';
import { beginsWord, sentenceAt, sentencesOf, type Sentence } from './sentenceLimits';

export interface Windowed {
  readonly window: TextWindow;
  /** The window's tokens with what goes round them: the tokenizer's special tokens, or a chat. */
  readonly tokens: readonly Token[];
}

/** What of a model decides how a text is cut; see `LoadedModel`. */
export interface Reader {
  readonly tokenizer: TextTokenizer;
  /** Most tokens of a part of a text: after it there is room to go on. */
  readonly promptLimit: number;
  /** Most tokens of a text that is read whole, where that is more. A chat leaves room for its answer. */
  readonly wholeLimit?: number;
  readonly sentencesBeyond?: number;
}

/** A text's own tokens, and what goes round a window of them. */
interface Reading {
  readonly body: readonly Token[];
  /** How many tokens `wrap` adds. */
  readonly frameLength: number;
  readonly wrap: (body: readonly Token[]) => readonly Token[];
}

function readPlain(text: string, { tokenizer }: Reader, specialsAsText: boolean): Reading {
  return {
    body: tokenizer.encodeBody(text, specialsAsText ? [0, text.length] : undefined).tokens,
    frameLength: tokenizer.frameLength,
    wrap: (part) => tokenizer.wrap(part),
  };
}

function readChat(text: string, { tokenizer, promptLimit }: Reader, specialsAsText: boolean): Reading {
  const { before, body, after } = encodeChat(tokenizer, text, specialsAsText);
  const frameLength = before.length + after.length;
  if (frameLength >= promptLimit) throw new ExplainError('TOKENIZER_UNSUPPORTED', say('engine.longChat'));
  return { body, frameLength, wrap: (part) => [...before, ...part, ...after] };
}

/** Sentences that are listed before and after the part that is read. */
const NEAR = 50;
/** Characters of a sentence that are shown in that list. */
const LABEL = 100;

/**
 * Which tokens of a text that is not read at once are read: from the beginning of the sentence that `start` is in, or of its word,
 * to the last sentence's end within the room, or the last word's; inside a word only where that alone is longer than the room.
 * @param single no more than one sentence
 */
function partOf(
  text: string,
  body: readonly Token[],
  sentences: readonly Sentence[],
  start: number,
  room: number,
  single: boolean,
): readonly [from: number, to: number] {
  const at = sentenceAt(sentences, start);
  const own = sentences[at];
  if (!own) return [start, Math.min(body.length, start + room)];
  /** The last place from which on a word begins, in (after, most]; -1 where there is none. */
  const wordBefore = (most: number, after: number): number => {
    for (let place = most; place > after; place--) {
      const sentence = sentences[sentenceAt(sentences, place)];
      if (place >= body.length || !sentence || beginsWord(text, sentence, body[place])) return place;
    }
    return -1;
  };
  // All of a sentence that fits is read; in a longer one it is the word that counts.
  const back = own.to - own.from <= room ? own.from : wordBefore(start, Math.max(own.from, start - room));
  const from = back >= 0 ? back : start;
  const limit = Math.min(body.length, from + room);
  const last = single ? own.to : (sentences[sentenceAt(sentences, limit)]?.from ?? limit);
  const ends = limit === body.length && !single ? limit : Math.min(last, limit);
  if (ends > from && (ends === last || ends === body.length)) return [from, ends];
  const word = wordBefore(limit, from);
  return [from, word > from ? word : limit];
}

/** What the part's place among the text's sentences is, with those near it. */
function walkOf(text: string, sentences: readonly Sentence[], from: number, to: number): TextWalk {
  const current = sentenceAt(sentences, from);
  const first = Math.max(0, current - NEAR);
  const near = sentences.slice(first, current + NEAR + 1);
  const paragraph = sentences[current]?.paragraph ?? 0;
  const begins = (which: number): number | null => sentences.find((one) => one.paragraph === which)?.from ?? null;
  const within = sentences[current]?.from === from && sentences[current - 1]?.paragraph !== paragraph;
  return {
    sentences: sentences.length,
    first,
    current,
    through: sentenceAt(sentences, Math.max(from, to - 1)),
    near: near.map((one) => ({
      start: one.from,
      paragraph: one.paragraph,
      text:
        text.slice(one.start, Math.min(one.end, one.start + LABEL)).trim() + (one.end - one.start > LABEL ? '…' : ''),
    })),
    paragraphBefore: begins(within ? paragraph - 1 : paragraph),
    paragraphAfter: begins(paragraph + 1),
  };
}

/**
 * Cuts the text's tokens to what the model takes, round token `start`, and puts round them what belongs there. A text that is
 * longer than the model takes is cut at the limits of sentences, never inside a word (`partOf`).
 * @param chat as the user's message of a chat
 * @param specialsAsText special tokens that are typed in the text are read as the text that they are
 * @throws ExplainError EMPTY_SELECTION, NO_TOKENS, TOKENIZER_UNSUPPORTED
 */
export function readWindow(text: string, model: Reader, start: number, chat = false, specialsAsText = false): Windowed {
  // Many tokenizers make tokens of white space, but there is nothing to explain in it.
  if (text.trim() === '') throw new ExplainError('EMPTY_SELECTION', say('engine.onlySpace'));
  const reading = (chat ? readChat : readPlain)(text, model, specialsAsText);
  // A chat leaves room for its answer.
  return cutToWindow(text, chat ? { ...model, wholeLimit: 0 } : model, reading, start);
}

/**
 * As `readWindow`, of tokens that are there.
 * @throws ExplainError NO_TOKENS
 */
export function cutToWindow(
  text: string,
  model: Reader,
  { body, frameLength, wrap }: Reading,
  start: number,
): Windowed {
  if (body.length === 0) throw new ExplainError('NO_TOKENS', say('engine.nothingToRead'));
  const room = Math.max(1, model.promptLimit - frameLength);
  const whole = Math.max(room, (model.wholeLimit ?? 0) - frameLength);
  const single = body.length > (model.sentencesBeyond ?? Infinity);
  if (body.length <= whole && !single)
    return {
      window: { totalTokens: body.length, start: 0, end: body.length, startOffset: 0, endOffset: text.length },
      tokens: wrap(body),
    };
  const sentences = sentencesOf(text, body);
  const wanted = Math.min(Math.max(0, start), body.length - 1);
  const [from, to] = partOf(text, body, sentences, wanted, room, single);
  const first = body[from];
  const last = body[to - 1];
  return {
    window: {
      totalTokens: body.length,
      start: from,
      end: to,
      startOffset: from === 0 || !first || first.start < 0 ? 0 : first.start,
      endOffset: to === body.length || !last || last.end < 0 ? text.length : last.end,
      walk: walkOf(text, sentences, from, to),
      ...(single ? { bySentence: true } : {}),
    },
    tokens: wrap(body.slice(from, to)),
  };
}
