/** Words as marks on tokens: each token says whether it goes on with the word before it. */
import type { Token, TextKind } from '../../attention/types';
import type { TokenSpan } from './group';
import { wordsOfGeneration, type Word } from './words';

/** As many tokens before a new one are read again with it; no word is longer. */
const MOST_IN_WORD = 256;

const withJoin = ({ joins: _, ...token }: Token, isJoined: boolean): Token =>
  isJoined ? { ...token, joins: true } : token;

/** Tokens that say which word they are in; those that say it already are the same objects. @param words of all tokens */
export function markWords(tokens: readonly Token[], words: readonly Word[]): readonly Token[] {
  const begins = new Set(words.map(({ from }) => from));
  return tokens.map((token, index) => {
    const isJoined = !begins.has(index);
    return (token.joins === true) === isJoined ? token : withJoin(token, isJoined);
  });
}

/**
 * Marks the end of a text that is being written. A new token can complete a word (`didn`, `’`, `t`), so the tokens of the
 * last word are read again with it.
 * @param from the first token that is new; as many as there are, where some were taken away
 * @returns all tokens; those that read as before are the same objects
 */
export function markWritten(tokens: readonly Token[], from: number, written: TextKind = 'prose'): readonly Token[] {
  let first = Math.min(from, tokens.length - 1);
  const least = Math.max(0, from - MOST_IN_WORD);
  while (first > least && !beginsAnew(tokens[first - 1], tokens[first])) first--;
  const tail = tokens.slice(Math.max(0, first));
  const marked = markWords(tail, wordsOfGeneration(tail, written));
  return [...tokens.slice(0, Math.max(0, first)), ...marked];
}

/** True where no word can go on from one token to the other. */
function beginsAnew(before: Token | undefined, token: Token | undefined): boolean {
  return before?.special !== false || token?.special !== false || /^\s+\S/u.test(token.text);
}

const spans = new WeakMap<readonly Pick<Token, 'joins'>[], readonly TokenSpan[]>();

/** The words of tokens that say where they are. The same object for the same tokens. */
export function spansOf(tokens: readonly Pick<Token, 'joins'>[]): readonly TokenSpan[] {
  const known = spans.get(tokens);
  if (known) return known;
  const found: TokenSpan[] = [];
  let from = 0;
  tokens.forEach((_, index) => {
    if (tokens[index + 1]?.joins === true) return;
    found.push({ from, to: index + 1 });
    from = index + 1;
  });
  spans.set(tokens, found);
  return found;
}
