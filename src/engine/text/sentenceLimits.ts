/** Sentences and paragraphs of a text, by its tokens: where a part of a long text may begin and end. */
import type { Token } from '../../attention/types';

/** UTF-16 offsets [start, end), and tokens [from, to). */
export interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  /** Which paragraph it is of, from 0: a line without text is between two. */
  readonly paragraph: number;
}

/** A line of at least this many characters was probably broken because it was full, so that its sentence goes on in the next one. */
const FULL_LINE = 40;
const GOES_ON = /^[ \t]*[\p{L}\p{N}"'“‘«(]/u;
const LIST = /^[ \t]*(?:\p{N}+[.)]|[ivxlc]+[.)])[ \t]/iu;
const EMPTY_LINE = /\n[ \t]*\r?\n/u;

let sentenceSegmenter: Intl.Segmenter | undefined;
let wordSegmenter: Intl.Segmenter | undefined;

/** Whether a sentence goes on from one line to the next. */
function goesOn(line: string, next: string): boolean {
  return line.trim().length >= FULL_LINE && !line.trimStart().startsWith('#') && GOES_ON.test(next) && !LIST.test(next);
}

/** The text with blanks for line ends inside of sentences, as long as it was: Unicode's rules end a sentence with each line. */
function unwrapped(text: string): string {
  const lines = text.split('\n');
  const ended = lines.slice(0, -1).map((line, index) => {
    if (!goesOn(line, lines[index + 1] ?? '')) return `${line}\n`;
    return line.endsWith('\r') ? `${line.slice(0, -1)}  ` : `${line} `;
  });
  return ended.join('') + (lines.at(-1) ?? '');
}

const BLANK = /\s/u;

/** Where what a token says begins: many tokenizers put the blank before a word into its token, and that blank ends the sentence before. */
function saysFrom(text: string, { start, end }: Token): number {
  let at = start;
  while (at < end && BLANK.test(text.charAt(at))) at++;
  // A token of nothing but blanks is where it begins.
  return at < end ? at : start;
}

/**
 * Sentences by `Intl.Segmenter` (UAX 29), in order; every token is of one.
 * @param tokens the text's own, in order; one without a place is of the sentence before it
 */
export function sentencesOf(text: string, tokens: readonly Token[]): readonly Sentence[] {
  sentenceSegmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  const sentences: Sentence[] = [];
  let at = 0;
  let paragraph = 0;
  for (const { segment, index } of sentenceSegmenter.segment(unwrapped(text))) {
    const end = index + segment.length;
    const from = at;
    for (let token = tokens[at]; token && saysFrom(text, token) < end; token = tokens[at]) at++;
    const before = sentences.at(-1);
    // Blank lines belong to the sentence before, whether they have tokens or not.
    if (before && segment.trim() === '') sentences[sentences.length - 1] = { ...before, end, to: at };
    else if (at > from) sentences.push({ start: index, end, from, to: at, paragraph });
    const piece = text.slice(Math.max(0, index - 1), end);
    if (EMPTY_LINE.test(piece) && sentences.length > 0) paragraph = (sentences.at(-1)?.paragraph ?? 0) + 1;
  }
  return sentences;
}

/** Index of the sentence that a token is of, by bisection. */
export function sentenceAt(sentences: readonly Sentence[], token: number): number {
  let low = 0;
  let high = sentences.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sentences[middle]?.from ?? 0) <= token) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** UTF-16 units on each side of a place in which its word is looked for: a text without spaces would be one endless word. */
const REACH = 256;

/** True where a word begins with this token, or nothing is known of its place. */
export function beginsWord(text: string, sentence: Sentence, token: Token | undefined): boolean {
  if (!token || token.start < 0) return true;
  const start = Math.max(sentence.start, token.start - REACH);
  const end = Math.min(sentence.end, token.start + REACH);
  wordSegmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  const word = wordSegmenter.segment(text.slice(start, end)).containing(token.start - start);
  // A token may begin with the blank before its word: then it is that blank's segment that it begins with.
  return word === undefined || word.index === token.start - start;
}
