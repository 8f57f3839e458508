/**
 * Added tokens (`</s>`, `[MASK]`, …) are found before anything else: leftmost, then longest, as the Rust crate
 * `tokenizers` does. Those with `normalized: false` are looked for in the text as it is, the others in the
 * normalised text.
 */
import { unchanged } from '../offsets/aligned';
import { flag, list, object, pieceText, tokenId } from '../tokenizerJson';
import type { Normalizer } from './normalizers';
import { Trie } from '../models/trie';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly normalized: boolean;
  readonly singleWord: boolean;
  readonly stripLeft: boolean;
  readonly stripRight: boolean;
}

export interface FoundToken {
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
      content: pieceText(config['content'], `${place}.content`),
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
  private readonly trie: Trie;
  /** What the tokens begin with: most characters of a text begin none. */
  private readonly begins: ReadonlySet<number>;

  /** @param normalizer applied to the tokens' contents first, where they are looked for in normalised text */
  constructor(
    private readonly tokens: readonly AddedToken[],
    normalizer: Normalizer | null,
  ) {
    const contents = tokens.map(
      ({ content }, index) => [normalizer === null ? content : normalizer(unchanged(content)).text, index] as const,
    );
    this.trie = new Trie(contents, tokens.length * 4);
    this.begins = new Set(contents.map(([content]) => content.charCodeAt(0)));
  }

  /** @param asText from where to where special tokens are read as the text that they are, [from, to) */
  find(text: string, asText: readonly [number, number] = [0, 0]): readonly FoundToken[] {
    const found: FoundToken[] = [];
    if (this.tokens.length === 0) return found;
    let free = 0;
    for (let at = 0; at < text.length; at++) {
      let from = at;
      let to = -1;
      let index = -1;
      if (!this.begins.has(text.charCodeAt(at))) continue;
      this.trie.match(text, at, (end, which) => {
        to = end;
        index = which;
      });
      const token = this.tokens[index];
      if (token === undefined) continue;
      at = to - 1;
      if (token.special && from < asText[1] && to > asText[0]) continue;
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
