/** Where the explained text's characters stand in the document, and whether they are still there. Lines and characters from 0. */
import type { ExplainedText, TextRange } from './subject';

/** A place in a document. It stays the same when the document's line ends change, which an offset does not. */
export interface LinePlace {
  readonly line: number;
  readonly character: number;
}

export interface LineSpan {
  readonly start: LinePlace;
  readonly end: LinePlace;
}

/** A change of a document: `length` UTF-16 units at `offset` gave way to `added` others. */
export interface DocumentEdit {
  readonly offset: number;
  readonly length: number;
  readonly added: number;
}

const LINE_END = /\r\n|\r|\n/g;

/** Offsets in a text at which its lines begin; looked up for every token. */
const lineStarts = new WeakMap<ExplainedText, readonly number[]>();

function startsOf(explained: ExplainedText): readonly number[] {
  const known = lineStarts.get(explained);
  if (known) return known;
  const starts = [0, ...[...explained.text.matchAll(LINE_END)].map(({ 0: end, index }) => index + end.length)];
  lineStarts.set(explained, starts);
  return starts;
}

/** The last line start at or before an offset, by its index. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

const lengthOf = ({ start, end }: TextRange): number => end - start;

/** Where an offset of a piece is in the document; `offset` lies within the piece or at its end. */
function placeIn(explained: ExplainedText, range: TextRange, offset: number): LinePlace {
  const starts = startsOf(explained);
  const first = lineOf(starts, range.at);
  const line = lineOf(starts, offset);
  if (line === first) return { line: range.line, character: range.character + offset - range.at };
  return { line: range.line + line - first, character: offset - (starts[line] ?? 0) };
}

/** Where a piece of the text stands. */
export function spanOfRange(explained: ExplainedText, range: TextRange): LineSpan {
  return {
    start: placeIn(explained, range, range.at),
    end: placeIn(explained, range, range.at + lengthOf(range)),
  };
}

/** Where [start, end) of the text stands; what goes over a join is cut there. Undefined where it is no part of the document. */
export function spanOf(explained: ExplainedText, start: number, end: number): LineSpan | undefined {
  for (const range of explained.ranges) {
    const from = Math.max(start, range.at);
    const to = Math.min(end, range.at + lengthOf(range));
    if (from < to || (from === to && start === end))
      return { start: placeIn(explained, range, from), end: placeIn(explained, range, to) };
  }
  return undefined;
}

/** The offset in the text of a place in the document; undefined where that is not explained. */
export function offsetAt(explained: ExplainedText, { line, character }: LinePlace): number | undefined {
  const starts = startsOf(explained);
  for (const range of explained.ranges) {
    const first = lineOf(starts, range.at);
    const lineStart = starts[first + line - range.line];
    if (line < range.line || lineStart === undefined) continue;
    const offset = line === range.line ? range.at + character - range.character : lineStart + character;
    if (offset >= range.at && offset < range.at + lengthOf(range)) return offset;
  }
  return undefined;
}

/** True where both are the same but for their line ends. */
export function isSameButLineEnds(one: string, other: string): boolean {
  return one === other || one.replace(LINE_END, '\n') === other.replace(LINE_END, '\n');
}

/** The piece's own text. */
export function textOf({ text }: ExplainedText, range: TextRange): string {
  return text.slice(range.at, range.at + lengthOf(range));
}

/**
 * Where ranges of a document are after some edits (all in offsets of before, as VS Code tells them): moved with what is
 * put in or taken out before them, longer or shorter by what happens inside them.
 */
export function movedRanges(
  ranges: readonly { readonly start: number; readonly end: number }[],
  edits: readonly DocumentEdit[],
): readonly { readonly start: number; readonly end: number }[] {
  // From the end of the document, so that no edit moves those that are still to come.
  const ordered = [...edits].sort((one, other) => other.offset - one.offset);
  return ranges.map((range) => ordered.reduce(moved, range));
}

function moved(
  { start, end }: { readonly start: number; readonly end: number },
  { offset, length, added }: DocumentEdit,
): { readonly start: number; readonly end: number } {
  const until = offset + length;
  const by = added - length;
  if (offset >= end) return { start, end };
  if (until <= start) return { start: start + by, end: end + by };
  // An edit that reaches over an end of the range: what was put in counts to the range, what was outside does not.
  return { start: Math.min(start, offset), end: until >= end ? offset + added : end + by };
}
