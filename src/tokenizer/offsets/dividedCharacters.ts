/** Characters whose bytes are divided among several tokens: found by offsets in a text that is read, by bytes in one that is written. */
import type { Token, TokenPart } from '../../attention/types';

/** A character has at most four bytes, so that at most three tokens before a token can share its character. */
export const MOST_SHARING = 3;

/** What is known of a token: the bytes that it stands for, or its text where it stands for whole characters. */
export interface Written {
  readonly text: string;
  readonly bytes: readonly number[] | null;
}

/** A token as it reads among its neighbours. */
export interface TokenAsRead {
  readonly text: string;
  readonly parts: readonly TokenPart[];
  /** True where the token has only some bytes of a character. */
  readonly partial: boolean;
}

/** The UTF-8 bytes of U+FFFD, joined by commas as `String` joins a list. */
const REPLACEMENT = '239,191,189';

/**
 * Puts the bytes of a sequence together. Each token that has some bytes of a character shows the whole character and
 * which part of it that token is; `�` as long as bytes are missing, or where they make no character.
 */
export function joinBytes(tokens: readonly Written[]): readonly TokenAsRead[] {
  const shown = tokens.map(() => ({ text: '', parts: [] as TokenPart[], partial: false }));
  let pending: number[] = [];
  let [first, last] = [0, 0];
  /** The pending bytes are a character, or never become one: they are shown with all tokens that have them. */
  const close = (): void => {
    if (pending.length === 0) return;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(pending));
    // U+FFFD itself is a character like others.
    const whole = !text.includes('\ufffd') || String(pending) === REPLACEMENT;
    const of = last - first + 1;
    for (let i = first; i <= last; i++) {
      const token = shown[i];
      if (!token) continue;
      token.text += whole ? text : '\ufffd';
      if (!whole) token.partial = true;
      else if (of > 1) {
        token.partial = true;
        token.parts.push({ index: i - first + 1, of });
      }
    }
    pending = [];
  };
  tokens.forEach(({ text, bytes }, index) => {
    const token = shown[index];
    if (!token) return;
    if (bytes === null) {
      close();
      token.text = text;
      return;
    }
    for (const byte of bytes) {
      if (byte < 0x80 || byte >= 0xc0) close();
      if (pending.length === 0) first = index;
      pending.push(byte);
      last = index;
      if (pending.length === lengthOf(pending[0] ?? 0)) close();
    }
  });
  close();
  return shown;
}

/** How many bytes a character has that begins with this one; 1 where none does. */
function lengthOf(byte: number): number {
  if (byte >= 0xf0 && byte < 0xf8) return 4;
  if (byte >= 0xe0) return byte < 0xf0 ? 3 : 1;
  return byte >= 0xc0 ? 2 : 1;
}

/**
 * Tokens of a text that have some bytes of a character only, and would show `�`, show the text's own characters there.
 * Two neighbours that overlap share the character where they do.
 */
export function nameParts(tokens: readonly Token[], text: string): readonly Token[] {
  const parts = new Map<number, TokenPart[]>();
  for (let i = 1; i < tokens.length; i++) {
    const from = tokens[i]?.start ?? -1;
    const to = tokens[i - 1]?.end ?? -1;
    if (from < 0 || from >= to) continue;
    let last = i;
    while (tokens[last + 1]?.start === from && tokens[last]?.end === to) last++;
    const of = last - i + 2;
    for (let token = i - 1; token <= last; token++) {
      const own = parts.get(token) ?? [];
      own.push({ index: token - i + 2, of });
      parts.set(token, own);
    }
    i = last;
  }
  return tokens.map((token, index) => {
    const own = parts.get(index);
    return own && token.text.includes('\ufffd')
      ? { ...token, text: text.slice(token.start, token.end), parts: own }
      : token;
  });
}
