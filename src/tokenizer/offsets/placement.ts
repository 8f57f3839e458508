/** From tokens with ranges of the original text to checked offsets. */
import { invalidTokenizer } from '../tokenizerJson';
import { type Aligned, endOf, startOf } from './aligned';

/** Tokens while a text is encoded: parallel columns. */
export class RawTokens {
  readonly ids: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  push(id: number, start: number, end: number): void {
    this.ids.push(id);
    this.starts.push(start);
    this.ends.push(end);
  }

  /** A token for the units [from, to) of an aligned text. */
  pushUnits(id: number, aligned: Aligned, from: number, to: number): void {
    this.push(id, startOf(aligned, from), to > from ? endOf(aligned, to - 1) : startOf(aligned, from));
  }
}

export interface Placement {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** 1 where a token shares a character with a neighbour. */
  readonly partial: Uint8Array;
}

/**
 * Checks that the tokens run through the text in order, inside it, and never cut a surrogate pair: a text is refused
 * rather than the wrong word coloured. A token that covers nothing of the text (a space put before it by the
 * tokenizer) has no place.
 * @throws ExplainError TOKENIZER_INVALID
 */
export function placeTokens(raw: RawTokens, text: string): Placement {
  const count = raw.ids.length;
  const starts = raw.starts.slice();
  const ends = raw.ends.slice();
  const partial = new Uint8Array(count);
  let last = -1;
  for (let i = 0; i < count; i++) {
    const start = starts[i] ?? -1;
    const end = ends[i] ?? -1;
    if (start === end) {
      starts[i] = ends[i] = -1;
      continue;
    }
    const lastStart = last < 0 ? 0 : (starts[last] ?? 0);
    const lastEnd = last < 0 ? 0 : (ends[last] ?? 0);
    const inOrder = start >= lastStart && end >= lastEnd && start < end && end <= text.length;
    if (!inOrder || cutsPair(text, start) || cutsPair(text, end))
      throw invalidTokenizer(`token ${i} has no place in the text`);
    if (start < lastEnd) {
      partial[i] = 1;
      partial[last] = 1;
    }
    last = i;
  }
  return { starts, ends, partial };
}

function cutsPair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xdc00 || unit > 0xdfff || at === 0) return false;
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
