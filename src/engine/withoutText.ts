/** The user's text never reaches the log, whatever a model's files do to get it there. */
import { ExplainError } from '../errors';
import { say } from '../text/say';

/** A detail that shares so many characters with the text quotes it; a shorter text must stand in it as a whole. */
const PIECE_OF_DETAIL = 12;
/** The same for a sentence. All of it but its gaps is this extension's own, so that it may share common words with a text by chance. */
const PIECE_OF_SENTENCE = 40;
/** Texts of fewer characters are not looked for: they tell nothing, and stand in any sentence. */
const NOTHING = 3;

/** True where `words` hold a piece of `text` of `longest` characters, or all of a shorter one. Linear in both. */
function quotes(words: string, text: string, longest: number): boolean {
  const piece = Math.min(longest, text.length);
  if (piece < NOTHING || words.length < piece) return false;
  const pieces = new Set<string>();
  for (let at = 0; at + piece <= words.length; at++) pieces.add(words.slice(at, at + piece));
  for (let at = 0; at + piece <= text.length; at++) if (pieces.has(text.slice(at, at + piece))) return true;
  return false;
}

/**
 * An error without what it says of the user's text: the detail goes where it quotes a piece of it, and the sentence
 * gives way to one of this extension's own.
 */
export function withoutText(error: ExplainError, text: string): ExplainError {
  const own = text.trim();
  const detail = error.detail !== undefined && quotes(error.detail, own, PIECE_OF_DETAIL) ? undefined : error.detail;
  const quoted = own.length > PIECE_OF_DETAIL && quotes(error.message, own, PIECE_OF_SENTENCE);
  const message = quoted ? say('engine.failedOnText') : error.message;
  if (detail === error.detail && message === error.message) return error;
  return new ExplainError(error.code, message, detail === undefined ? {} : { detail });
}
