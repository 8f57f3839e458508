/** The words of a text as an alignment takes them: what may be linked with what depends on their kind. */
import type { Token } from '../../attention/types';
import { unitsOf } from '../units';
import type { Word } from '../words/words';

/** What of a word alignment needs; [from, to) are its tokens. */
export type AlignedWord = Pick<Word, 'from' | 'to' | 'kind' | 'text'>;

const HAS_WORD = /[\p{L}\p{N}\p{M}]/u;

const known = new WeakMap<readonly Token[], readonly AlignedWord[]>();

/** A text's words, marks and separators. The same object for the same tokens. */
export function alignedWords(tokens: readonly Token[]): readonly AlignedWord[] {
  const before = known.get(tokens);
  if (before) return before;
  const words = unitsOf(tokens, 'words').map(({ from, to, text, special }): AlignedWord => {
    const mark = HAS_WORD.test(text) ? 'word' : 'punctuation';
    // White space alone (a line end) is nothing that could be made of something.
    return { from, to, text, kind: special || text.trim() === '' ? 'special' : mark };
  });
  known.set(tokens, words);
  return words;
}
