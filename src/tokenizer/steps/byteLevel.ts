/** The printable alphabet that byte-level BPE writes bytes in (GPT-2, Radford et al. 2019, `bytes_to_unicode`). */
import { type Aligned, AlignedBuilder } from '../offsets/aligned';

const characterOfByte: readonly string[] = (() => {
  const table: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    table.push(String.fromCharCode(printable ? byte : next++));
  }
  return table;
})();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  characterOfByte.map((character, byte) => [character, byte]),
);
const encoder = new TextEncoder();

/** Words remembered: their letters depend on nothing else, and a text repeats most of its words. */
const LONGEST_KEPT = 64;
const MOST_KEPT = 50_000;

/** Makes a step that writes a text's UTF-8 bytes as letters; each byte of a character stands for the whole character. */
export function byteLetters(): (aligned: Aligned) => Aligned {
  const seen = new Map<string, Aligned>();
  return (aligned) => {
    if (aligned.starts !== null) return write(aligned);
    let letters = seen.get(aligned.text);
    if (letters === undefined) {
      letters = write({ ...aligned, base: 0 });
      if (seen.size >= MOST_KEPT) seen.clear();
      if (aligned.text.length <= LONGEST_KEPT) seen.set(aligned.text, letters);
    }
    return { text: letters.text, base: aligned.base, starts: letters.starts, ends: letters.ends };
  };
}

function write(aligned: Aligned): Aligned {
  const { text } = aligned;
  if (isAscii(text)) return { ...aligned, text: lettersOf(text, 0, text.length) };
  const builder = new AlignedBuilder(aligned);
  for (let i = 0; i < text.length;) {
    const width = (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
    builder.put(lettersOf(text, i, i + width), i, i + width);
    i += width;
  }
  return builder.finish();
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

/** By hand, as a call of TextEncoder costs more than the few bytes of a character. */
function lettersOf(text: string, from: number, to: number): string {
  let letters = '';
  for (let i = from; i < to; i++) {
    const code = text.codePointAt(i) ?? 0;
    if (code < 0x80) letters += letter(code);
    else if (code < 0x800) letters += letter(0xc0 | (code >> 6)) + letter(0x80 | (code & 63));
    else if (code < 0x10000)
      letters += letter(0xe0 | (code >> 12)) + letter(0x80 | ((code >> 6) & 63)) + letter(0x80 | (code & 63));
    else {
      letters +=
        letter(0xf0 | (code >> 18)) +
        letter(0x80 | ((code >> 12) & 63)) +
        letter(0x80 | ((code >> 6) & 63)) +
        letter(0x80 | (code & 63));
      i++;
    }
  }
  return letters;
}

function letter(byte: number): string {
  return characterOfByte[byte] ?? '';
}

/** The bytes that a byte-level piece stands for; a character outside the alphabet stands for its own UTF-8 bytes. */
export function bytesOfPiece(piece: string): number[] {
  const bytes: number[] = [];
  for (const character of piece) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return Array.from(encoder.encode(piece));
    bytes.push(byte);
  }
  return bytes;
}
