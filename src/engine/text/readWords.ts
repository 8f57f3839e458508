/** The words of a text that is read, marked in its tokens. */
import type { TextKind, Token } from '../../attention/types';
import { markWords } from '../../measure/words/joins';
import { wordsOfGeneration, wordsOfText, type Word } from '../../measure/words/words';
import type { TextWindow } from '../../protocol/engine';

/** The words of what is read: by the text where its tokens have their place there, else by what they spell. */
function wordsOf(
  tokens: readonly Token[],
  text: string,
  { startOffset, endOffset }: TextWindow,
  written: TextKind,
): readonly Word[] {
  return tokens.every(({ special, start }) => special || start >= 0)
    ? wordsOfText(tokens, text, written, [startOffset, endOffset])
    : wordsOfGeneration(tokens, written);
}

/** Tokens with the words that they are of. @param written what kind of text it is: identifiers are words of code */
export function withWords(
  tokens: readonly Token[],
  text: string,
  window: TextWindow,
  written: TextKind = 'prose',
): readonly Token[] {
  return markWords(tokens, wordsOf(tokens, text, window, written));
}
