/** Tokens that a model writes one by one. Several may hold the bytes of one character, which is shown once all of them are there. */
import type { Token } from '../../attention/types';
import { MOST_SHARING, type TextTokenizer } from '../../tokenizer/index';

/**
 * The token that comes after `target`, and those just before it that read otherwise now, as it completes their
 * character. They take the place of the last ones of `target`.
 */
export function writeToken(
  target: readonly Token[],
  id: number,
  tokenizer: TextTokenizer,
): { readonly token: Token; readonly completed: readonly Token[] } {
  const near = target.slice(-2 * MOST_SHARING);
  const written = tokenizer.written([...near.map((token) => token.id), id]);
  const token = written.at(-1) ?? tokenizer.token(id);
  const now = written.slice(0, -1).slice(-MOST_SHARING);
  const before = near.slice(-MOST_SHARING);
  const isOpen = (one: Token | undefined): boolean => one?.partial === true && one.text.includes('\ufffd');
  const first = before.findIndex((one, index) => isOpen(one) && now[index]?.text !== one.text);
  if (first < 0) return { token, completed: [] };
  return { token, completed: before.map((one, index) => (isOpen(one) ? (now[index] ?? one) : one)).slice(first) };
}

/** The tokens of a text that a model wrote, each as it reads once the text is whole. */
export function readWritten(ids: readonly number[], tokenizer: TextTokenizer): readonly Token[] {
  const out: Token[] = [];
  for (const id of ids) {
    const { token, completed } = writeToken(out, id, tokenizer);
    out.splice(out.length - completed.length, completed.length, ...completed, token);
  }
  return out;
}
