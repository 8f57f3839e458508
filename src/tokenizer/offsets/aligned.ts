/**
 * A text on its way through normalisers and pre-tokenizers that remembers, for each of its UTF-16 units,
 * which range of the original text it comes from: [base + starts[i], base + ends[i]). `starts` and `ends` are
 * null while the text is unchanged: unit i is then the original's unit `base + i`.
 */
import type { Pattern } from '../patterns/pattern';
import { checkLength, spend } from '../work';

export interface Aligned {
  readonly text: string;
  readonly base: number;
  readonly starts: Int32Array | null;
  readonly ends: Int32Array | null;
}

/** A text as it stands in the original, from the unit `base` on. */
export function unchanged(text: string, base = 0): Aligned {
  return { text, base, starts: null, ends: null };
}

/** Where in the original, in UTF-16 units, what unit `index` stands for begins. */
export function startOf(aligned: Aligned, index: number): number {
  return aligned.starts === null ? aligned.base + index : aligned.base + (aligned.starts[index] ?? 0);
}

/** Where in the original, in UTF-16 units, what unit `index` stands for ends. */
export function endOf(aligned: Aligned, index: number): number {
  return aligned.ends === null ? aligned.base + index + 1 : aligned.base + (aligned.ends[index] ?? 0);
}

/** The units [from, to), still pointing into the same original. */
export function slice(aligned: Aligned, from: number, to: number): Aligned {
  if (from === 0 && to === aligned.text.length) return aligned;
  return {
    text: aligned.text.slice(from, to),
    base: aligned.starts === null ? aligned.base + from : aligned.base,
    starts: aligned.starts?.subarray(from, to) ?? null,
    ends: aligned.ends?.subarray(from, to) ?? null,
  };
}

/** What each part of a changed text costs beside its length: it is a text of its own until all are joined. */
const PART_WORK = 8;

/** Builds a changed text out of kept ranges of a source and of new characters that stand for a range of it. */
export class AlignedBuilder {
  private readonly parts: string[] = [];
  private starts: Int32Array;
  private ends: Int32Array;
  private length = 0;

  constructor(private readonly source: Aligned) {
    const room = source.text.length + 16;
    this.starts = new Int32Array(room);
    this.ends = new Int32Array(room);
    spend(room / 4);
  }

  /** Keeps the source's units [from, to). */
  keep(from: number, to: number): void {
    if (from >= to) return;
    this.reserve(to - from);
    this.parts.push(this.source.text.slice(from, to));
    const { starts, ends } = this.source;
    for (let i = from; i < to; i++) {
      this.starts[this.length] = starts === null ? i : (starts[i] ?? 0);
      this.ends[this.length] = ends === null ? i + 1 : (ends[i] ?? 0);
      this.length++;
    }
  }

  /** Puts `text` in the place of the source's units [from, to); an empty range inserts without covering anything. */
  put(text: string, from: number, to: number): void {
    if (text === '') return;
    this.reserve(text.length);
    const { source } = this;
    const { length } = source.text;
    let start = source.base;
    if (from < length) start = startOf(source, from);
    else if (length > 0) start = endOf(source, length - 1);
    start -= source.base;
    const end = from < to ? endOf(source, to - 1) - source.base : start;
    this.parts.push(text);
    this.starts.fill(start, this.length, this.length + text.length);
    this.ends.fill(end, this.length, this.length + text.length);
    this.length += text.length;
  }

  finish(): Aligned {
    return {
      text: this.parts.join(''),
      base: this.source.base,
      starts: this.starts.subarray(0, this.length),
      ends: this.ends.subarray(0, this.length),
    };
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    checkLength(needed);
    spend(PART_WORK + more);
    if (needed <= this.starts.length) return;
    const room = Math.max(needed, this.starts.length * 2);
    const starts = new Int32Array(room);
    const ends = new Int32Array(room);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}

/**
 * Maps each character (code point). `map` returns its replacement (may be empty), or null to keep it.
 * The same object comes back when nothing changed.
 */
export function mapCharacters(aligned: Aligned, map: (character: string, code: number) => string | null): Aligned {
  const { text } = aligned;
  let builder: AlignedBuilder | null = null;
  let kept = 0;
  spend(text.length);
  for (let i = 0; i < text.length;) {
    const code = text.codePointAt(i) ?? 0;
    const width = code > 0xffff ? 2 : 1;
    const character = text.slice(i, i + width);
    const replacement = map(character, code);
    if (replacement !== null && replacement !== character) {
      builder ??= new AlignedBuilder(aligned);
      builder.keep(kept, i);
      builder.put(replacement, i, i + width);
      kept = i + width;
    }
    i += width;
  }
  if (builder === null) return aligned;
  builder.keep(kept, text.length);
  return builder.finish();
}

/** Replaces each match by `content`, which stands for the whole match. */
export function replaceMatches(aligned: Aligned, pattern: Pattern, content: string): Aligned {
  const { text } = aligned;
  const building: { builder: AlignedBuilder | null; kept: number } = { builder: null, kept: 0 };
  pattern.each(text, (from, to) => {
    if (text.slice(from, to) === content) return;
    const builder = (building.builder ??= new AlignedBuilder(aligned));
    builder.keep(building.kept, from);
    builder.put(content, from, to);
    building.kept = to;
  });
  const { builder, kept } = building;
  if (builder === null) return aligned;
  builder.keep(kept, text.length);
  return builder.finish();
}

/** `prefix` before the text, covering nothing of the original. */
export function prepend(aligned: Aligned, prefix: string): Aligned {
  if (prefix === '') return aligned;
  const builder = new AlignedBuilder(aligned);
  builder.put(prefix, 0, 0);
  builder.keep(0, aligned.text.length);
  return builder.finish();
}
