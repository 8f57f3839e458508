/** What turns one word (pre-token) into tokens, each with the units of the word that it stands for. */

/** Flat quadruples of id, from, to (UTF-16 units of the word) and 1 where the token is the unknown token, else 0. */
export type Pieces = readonly number[];

export interface Segmenter {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknownId: number | null;
  /** Never called with an empty word. */
  segment(word: string): Pieces;
}

const encoder = new TextEncoder();

/** The ids of `<0x00>` to `<0xFF>` for a character's UTF-8 bytes, or null where one is missing. */
export function byteFallback(text: string, vocabulary: ReadonlyMap<string, number>): number[] | null {
  const ids: number[] = [];
  for (const byte of encoder.encode(text)) {
    const id = vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
}

/** The byte of one of the byte tokens `<0x00>` to `<0xFF>`; -1 of other pieces. */
export function byteOf(piece: string): number {
  return /^<0x[0-9A-F]{2}>$/iu.test(piece) ? parseInt(piece.slice(3, 5), 16) : -1;
}
