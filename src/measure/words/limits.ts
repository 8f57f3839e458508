/** Where words begin and end in a text. */
import type { TextKind } from '../../attention/types';

/** A word, a punctuation mark or a symbol: UTF-16 offsets [start, end). White space belongs to none. */
export interface Limit {
  readonly start: number;
  readonly end: number;
  /** True where it has a letter or a digit. */
  readonly word: boolean;
}

const HAS_WORD = /[\p{L}\p{N}\p{M}]/u;
const BLANK = /^\s+$/u;
/** A run that is an identifier in most languages, an English contraction (comments have them), or a number. */
const CODE = /[\p{L}\p{M}_$][\p{L}\p{M}\p{N}_$]*(?:['’](?:s|t|re|ve|ll|d|m)(?![\p{L}\p{N}]))?|\p{N}+|\s+|[^]/giu;
/** Scripts written without spaces: only the segmenter's dictionary knows their words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** French words that lose their vowel before another: `l'arbre` is two words, `l'` and `arbre`. */
const ELISION = /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\p{L})/iu;

let segmenter: Intl.Segmenter | undefined;

/**
 * Words, marks and symbols of a text, in order. Limits are those of Unicode (UAX 29 by `Intl.Segmenter`, whose dictionary
 * finds the words of Chinese, Japanese and Thai), with French elisions apart.
 */
export function wordLimits(text: string, written: TextKind = 'prose'): readonly Limit[] {
  const limits: Limit[] = [];
  if (written === 'prose') {
    segment(text, 0, limits);
    return limits;
  }
  for (const { 0: run, index } of text.matchAll(CODE)) {
    if (BLANK.test(run)) continue;
    if (UNSPACED.test(run)) segment(run, index, limits);
    else limits.push({ start: index, end: index + run.length, word: HAS_WORD.test(run) });
  }
  return limits;
}

function segment(text: string, offset: number, limits: Limit[]): void {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  for (const { segment: part, index } of segmenter.segment(text)) {
    if (BLANK.test(part)) continue;
    const start = offset + index;
    const end = start + part.length;
    const elided = ELISION.exec(part)?.[0].length ?? 0;
    if (elided > 0) limits.push({ start, end: start + elided, word: true });
    limits.push({ start: start + elided, end, word: HAS_WORD.test(part) });
  }
}
