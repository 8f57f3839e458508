/**
 * SentencePiece's precompiled character map (`precompiled_charsmap`): a Darts-clone double array from UTF-8
 * keys to offsets into a table of NUL-terminated replacements. Follows the Rust crate `spm_precompiled`,
 * with its rule that a grapheme of fewer than six bytes is looked up whole first and the shortest key wins.
 */
import { type Aligned, AlignedBuilder } from '../offsets/aligned';
import { invalidTokenizer } from '../tokenizerJson';

const encoder = new TextEncoder();
const STRETCH = 1024;
/** A unit that joins nothing after it, and a character that joins nothing before it: between them graphemes end. */
const BOUNDARY =
  /^[^\r\u200d\u0600-\u0605\u06dd\u070f\u1100-\u115f\ua960-\ua97c\ud800-\udfff][^\n\p{M}\u200c\u200d\uff9e\uff9f\u1160-\u11ff\ud7b0-\udfff\p{Emoji_Modifier}\p{Regional_Indicator}]/u;
/** The longest replacement that is taken, in bytes; the longest in NFKC has 33. */
const LONGEST_REPLACEMENT = 1024;
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

export class CharacterMap {
  private readonly trie: Uint32Array;
  private readonly table: Uint8Array;
  private readonly seen = new Map<string, string | null>();

  /** @throws ExplainError TOKENIZER_INVALID */
  constructor(base64: string) {
    let bytes: Uint8Array;
    try {
      bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    } catch (error) {
      throw invalidTokenizer('precompiled_charsmap is not base64', error);
    }
    const view = new DataView(bytes.buffer);
    const size = bytes.length < 4 ? -1 : view.getUint32(0, true);
    if (size <= 0 || size % 4 !== 0 || 4 + size > bytes.length) throw invalidTokenizer('precompiled_charsmap is cut');
    this.trie = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.table = bytes.subarray(4 + size);
  }

  normalise(aligned: Aligned): Aligned {
    const builder = new AlignedBuilder(aligned);
    for (const [segment, index] of graphemesOf(aligned.text)) {
      const end = index + segment.length;
      const whole = utf8Length(segment) < 6 ? this.look(segment) : null;
      if (whole !== null) {
        builder.put(whole, index, end);
        continue;
      }
      for (let i = index; i < end;) {
        const width = (aligned.text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
        const replacement = this.look(aligned.text.slice(i, i + width));
        if (replacement === null) builder.keep(i, i + width);
        else builder.put(replacement, i, i + width);
        i += width;
      }
    }
    return builder.finish();
  }

  /** The replacement of the shortest key that `text` begins with, or null. */
  private look(text: string): string | null {
    const known = this.seen.get(text);
    if (known !== undefined) return known;
    const replacement = this.search(encoder.encode(text));
    if (this.seen.size < 65_536) this.seen.set(text, replacement);
    return replacement;
  }

  private search(key: Uint8Array): string | null {
    let position = offset(this.trie[0] ?? 0);
    for (const byte of key) {
      if (byte === 0) return null;
      position ^= byte;
      const unit = this.trie[position];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
      position ^= offset(unit);
      if (((unit >>> 8) & 1) === 1) {
        const from = (this.trie[position] ?? 0) & 0x7fffffff;
        const end = this.table.subarray(0, from + LONGEST_REPLACEMENT + 1).indexOf(0, from);
        if (end < 0) throw invalidTokenizer('precompiled_charsmap has a very long replacement');
        return new TextDecoder().decode(this.table.subarray(from, end));
      }
    }
    return null;
  }
}

/** The graphemes of a text with their places. The segmenter's time grows with the square of a text's length, so it gets a stretch at a time. */
function* graphemesOf(text: string): Generator<readonly [string, number]> {
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = Math.min(text.length, from + STRETCH);
    while (to < text.length && !BOUNDARY.test(text.slice(to - 1, to + 2))) to++;
    for (const { segment, index } of graphemes.segment(text.slice(from, to))) yield [segment, from + index];
  }
}

function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function utf8Length(text: string): number {
  return text.length >= 6 ? text.length : encoder.encode(text).length;
}
