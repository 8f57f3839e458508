/** The printable alphabet that byte-level BPE writes bytes in (GPT-2, Radford et al. 2019, `bytes_to_unicode`). */
import { type Aligned, AlignedBuilder } from './aligned';

const characterOfByte: readonly string[] = (() => {
  const table: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    table.push(String.fromCharCode(printable ? byte : next++));
  }
  return table;
})();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(characterOfByte.map((character, byte) => [character, byte]));
const encoder = new TextEncoder();

function letters(text: string): string {
  let result = '';
  for (const byte of encoder.encode(text)) result += characterOfByte[byte] ?? '';
  return result;
}

/** Writes the text's UTF-8 bytes as letters; each byte of a character stands for the whole character. */
export function toByteLetters(aligned: Aligned): Aligned {
  const { text } = aligned;
  if (/^[\0-\x7f]*$/.test(text)) return { ...aligned, text: letters(text) };
  const builder = new AlignedBuilder(aligned);
  for (let i = 0; i < text.length; ) {
    const width = (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
    builder.put(letters(text.slice(i, i + width)), i, i + width);
    i += width;
  }
  return builder.finish();
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
