/** Words that somebody else counted, as the tokens of a text have them: gold links are between these. */
import type { Token } from '../../attention/types';
import type { Limit } from '../words/limits';
import { spellingOf, type TokenPlace } from '../words/spelling';
import type { AlignedWord } from './alignedWords';
import type { GoldLinks } from './alignment';

/** A word of a text, [start, end) in it. */
export type GoldWord = Pick<Limit, 'start' | 'end' | 'word'>;

/** Where tokens stand in the text that they were made from; undefined where they do not spell it. */
export function placesIn(tokens: readonly Token[], text: string): readonly TokenPlace[] | undefined {
  if (tokens.every(({ special, start }) => special || start >= 0)) return tokens;
  const spelled = spellingOf(tokens);
  // A tokenizer may put a space in front.
  const shift = spelled.text.indexOf(text);
  if (shift < 0) return undefined;
  return spelled.places.map(({ start, end }) => ({ start: start - shift, end: end - shift }));
}

/** The words that share characters with a place. */
export function wordsAt({ start, end }: TokenPlace, words: readonly GoldWord[]): readonly number[] {
  return words.flatMap((word, index) => (word.start < end && start < word.end ? [index] : []));
}

/**
 * A text's words with their tokens; a token of two words counts to the later one. A word of which no token is left is
 * there without tokens. Undefined where the tokens do not spell the text.
 */
export function goldWords(
  tokens: readonly Token[],
  text: string,
  words: readonly GoldWord[],
): readonly AlignedWord[] | undefined {
  const places = placesIn(tokens, text);
  if (!places) return undefined;
  const wordOf = tokens.map(({ special }, index) => {
    const place = places[index];
    return special || !place ? -1 : (wordsAt(place, words).at(-1) ?? -1);
  });
  return words.map(({ start, end, word }, index) => {
    const from = wordOf.indexOf(index);
    const kind = word ? 'word' : 'punctuation';
    const own = from < 0 ? { from: 0, to: 0 } : { from, to: wordOf.lastIndexOf(index) + 1 };
    return { ...own, text: text.slice(start, end), kind };
  });
}

/** Gold links from Pharaoh format; what is sure is possible too. */
export function readGold(sure: string, possible: string): GoldLinks {
  const links = (pharaoh: string): readonly string[] => pharaoh.split(' ').filter((link) => link !== '');
  return { sure: new Set(links(sure)), possible: new Set([...links(sure), ...links(possible)]) };
}
