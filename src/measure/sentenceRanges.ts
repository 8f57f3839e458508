/** A text's sentences as ranges of its tokens. */
import type { Token, TokenRange } from '../attention/types';

let segmenter: Intl.Segmenter | undefined;

/** Sentences by `Intl.Segmenter` (UAX 29), in order. Special tokens are of none; a token that crosses a limit is of the sentence it begins in. */
export function sentenceRanges(tokens: readonly Token[]): readonly TokenRange[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  const text = tokens.map((token) => (token.special ? '' : token.text)).join('');
  const ends = Array.from(segmenter.segment(text), ({ index, segment }) => index + segment.length);
  const out: TokenRange[] = [];
  let at = 0;
  let sentence = 0;
  let open: { from: number; sentence: number } | undefined;
  const close = (to: number): void => {
    if (open) out.push({ from: open.from, to });
    open = undefined;
  };
  for (const [index, token] of tokens.entries()) {
    if (token.special) {
      close(index);
      continue;
    }
    // The space before a word is the word's.
    const begins = at + (token.text.length - token.text.trimStart().length);
    while (sentence < ends.length - 1 && begins >= (ends[sentence] ?? Infinity)) sentence++;
    if (open && open.sentence !== sentence) close(index);
    open ??= { from: index, sentence };
    at += token.text.length;
  }
  close(tokens.length);
  return out;
}
