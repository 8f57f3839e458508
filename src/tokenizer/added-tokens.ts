/**
 * Added tokens (`</s>`, `[MASK]`, …) are found before anything else: leftmost, then longest, as the Rust crate
 * `tokenizers` does. Those with `normalized: false` are looked for in the text as it is, the others in the
 * normalised text.
 */
import { unchanged } from './aligned';
import { flag, list, object, string, tokenId } from './json';
import type { Normalizer } from './normalizers';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly normalized: boolean;
  readonly singleWord: boolean;
  readonly stripLeft: boolean;
  readonly stripRight: boolean;
}

export interface Found {
  readonly token: AddedToken;
  readonly from: number;
  readonly to: number;
}

/** @throws ExplainError TOKENIZER_INVALID */
export function readAddedTokens(value: unknown): readonly AddedToken[] {
  if (value === undefined || value === null) return [];
  return list(value, 'added_tokens').map((entry, index) => {
    const place = `added_tokens[${index}]`;
    const config = object(entry, place);
    const special = flag(config['special'], false);
    return {
      id: tokenId(config['id'], `${place}.id`),
      content: string(config['content'], `${place}.content`),
      special,
      normalized: flag(config['normalized'], !special),
      singleWord: flag(config['single_word'], false),
      stripLeft: flag(config['lstrip'], false),
      stripRight: flag(config['rstrip'], false),
    };
  });
}

/** Finds the tokens of a list in a text, in order, without overlap. */
export class AddedTokenFinder {
  /** By first unit, longest first. */
  private readonly byFirst = new Map<number, { readonly content: string; readonly token: AddedToken }[]>();

  /** @param normalizer applied to the tokens' contents first, where they are looked for in normalised text */
  constructor(tokens: readonly AddedToken[], normalizer: Normalizer | null) {
    for (const token of tokens) {
      const content = normalizer === null ? token.content : normalizer(unchanged(token.content)).text;
      if (content === '') continue;
      const first = content.charCodeAt(0);
      const candidates = this.byFirst.get(first) ?? [];
      candidates.push({ content, token });
      this.byFirst.set(first, candidates);
    }
    for (const candidates of this.byFirst.values()) candidates.sort((a, b) => b.content.length - a.content.length);
  }

  find(text: string): readonly Found[] {
    const found: Found[] = [];
    if (this.byFirst.size === 0) return found;
    let free = 0;
    for (let at = 0; at < text.length; at++) {
      const match = this.byFirst.get(text.charCodeAt(at))?.find(({ content }) => text.startsWith(content, at));
      if (match === undefined) continue;
      const { token } = match;
      let from = at;
      let to = at + match.content.length;
      at = to - 1;
      if (token.singleWord && (isWordEnd(text.slice(0, from)) || isWordStart(text.slice(to)))) continue;
      if (token.stripLeft) while (from > free && isSpace(text, from - 1)) from--;
      if (token.stripRight) while (to < text.length && isSpace(text, to)) to++;
      if (from < free) continue;
      found.push({ token, from, to });
      free = to;
      at = Math.max(at, to - 1);
    }
    return found;
  }
}

function isSpace(text: string, at: number): boolean {
  return /\p{White_Space}/u.test(text.charAt(at));
}

function isWordEnd(text: string): boolean {
  return /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u.test(text.slice(-2));
}

function isWordStart(text: string): boolean {
  return /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u.test(text.slice(0, 2));
}
