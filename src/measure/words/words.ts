/** Tokens put together to words. */
import type { Token, TextKind } from '../../attention/types';
import { wordLimits, type Limit } from './limits';
import { spellingOf, type TokenPlace } from './spelling';

export type WordKind = 'word' | 'punctuation' | 'special';

/** One unit of an axis: consecutive tokens [from, to). */
export interface Word {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly kind: WordKind;
  /** UTF-16 offsets in the text it was cut from. -1 and -1 for special tokens. */
  readonly start: number;
  readonly end: number;
}

/**
 * The words of tokens that have their place in a text. A token with parts of two words joins them; special tokens and
 * tokens without a place stand alone; white space goes with what follows it.
 *
 * @param text what the tokens' offsets count in
 * @param part the part of it that the tokens are in; all of it where it is left out
 */
export function wordsOfText(
  tokens: readonly Token[],
  text: string,
  written: TextKind = 'prose',
  [from, to]: readonly [from: number, to: number] = [0, text.length],
): readonly Word[] {
  const limits = wordLimits(text.slice(from, to), written).map((limit) => ({
    ...limit,
    start: limit.start + from,
    end: limit.end + from,
  }));
  return gather(tokens, tokens, text, limits);
}

/** The words of tokens that were generated: limits are found in what they spell together. */
export function wordsOfGeneration(tokens: readonly Token[], written: TextKind = 'prose'): readonly Word[] {
  const { text, places } = spellingOf(tokens);
  return gather(tokens, places, text, wordLimits(text, written));
}

function gather(
  tokens: readonly Token[],
  places: readonly TokenPlace[],
  text: string,
  limits: readonly Limit[],
): readonly Word[] {
  const words: Word[] = [];
  /** The limit that the word so far ends in, or -1: no token can go on with it. */
  let inside = -1;
  /** The limit at or after which the next token is looked for. */
  let next = 0;
  /** First of the tokens that are only white space and wait for a word. */
  let waiting = -1;
  let reached = 0;

  const alone = (index: number, token: Token, { start, end }: TokenPlace): void => {
    const kind = token.special || start < 0 ? 'special' : 'punctuation';
    words.push({ from: index, to: index + 1, text: token.text, kind, start, end });
    inside = -1;
  };
  const flush = (until: number): void => {
    for (; waiting >= 0 && waiting < until; waiting++)
      alone(waiting, tokens[waiting] as Token, places[waiting] as TokenPlace); // waiting < until <= length
    waiting = -1;
  };

  for (const [index, token] of tokens.entries()) {
    const place = places[index] as TokenPlace; // as many as tokens
    if (token.special || place.start < 0 || place.start < reached) {
      // A token that goes back in the text is a part of the same character as the one before, or not to be trusted.
      const last = words[words.length - 1];
      if (token.partial && last && last.to === index && place.start >= last.start && place.end <= last.end) {
        words[words.length - 1] = { ...last, to: index + 1 };
        continue;
      }
      flush(index);
      alone(index, token, place);
      continue;
    }
    reached = place.start;
    while (next < limits.length && (limits[next] as Limit).end <= place.start) next++; // next < length
    const first = limits[next];
    if (!first || first.start >= place.end) {
      // Nothing but white space, or nothing at all.
      if (text.slice(place.start, place.end).includes('\n')) {
        flush(index);
        alone(index, token, place);
      } else if (waiting < 0) waiting = index;
      continue;
    }
    let last = next;
    while (last + 1 < limits.length && (limits[last + 1] as Limit).start < place.end) last++; // last + 1 < length
    const end = (limits[last] as Limit).end; // last < length
    const before = words[words.length - 1];
    if (inside === next && before && waiting < 0) {
      words[words.length - 1] = joined(before, index + 1, end, text, limits, last);
    } else {
      const from = waiting >= 0 ? waiting : index;
      waiting = -1;
      const kind = hasWord(limits, next, last) ? 'word' : 'punctuation';
      words.push({ from, to: index + 1, text: text.slice(first.start, end), kind, start: first.start, end });
    }
    inside = last;
  }
  flush(tokens.length);
  return words;
}

function joined(word: Word, to: number, end: number, text: string, limits: readonly Limit[], last: number): Word {
  if (end === word.end) return { ...word, to };
  const kind = word.kind === 'word' || hasWord(limits, last, last) ? 'word' : 'punctuation';
  return { ...word, to, end, text: text.slice(word.start, end), kind };
}

function hasWord(limits: readonly Limit[], first: number, last: number): boolean {
  return limits.slice(first, last + 1).some(({ word }) => word);
}
