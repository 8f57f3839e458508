/**
 * Text to tokens with their exact place in the text, and back.
 *
 * `@huggingface/tokenizers` gives ids and no offsets, and departs from the Rust crate in places (pre-tokenizers
 * for ASCII only, an approximated `Precompiled` map). Both ways are therefore done here, each step from text to ids
 * keeping its alignment with the original; the library translates regular expressions.
 */
import type { Token } from '../attention/types';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { AddedTokenFinder, readAddedTokens } from './steps/addedTokens';
import { chatSpecialsOf, chatTemplateOf } from './chat/chatConfig';
import { type Aligned, endOf, slice, startOf, unchanged } from './offsets/aligned';
import { createModel } from './models/createModel';
import { MOST_SHARING, joinBytes, nameParts } from './offsets/dividedCharacters';
import { createDecoder } from './steps/pieceDecoder';
import { type Fields, invalidTokenizer, isObject, LONGEST_PIECE, parseObject } from './tokenizerJson';
import { createNormalizer } from './steps/normalizers';
import { placeTokens, RawTokens } from './offsets/placement';
import { readFrame } from './steps/postProcessor';
import { readPairFrame, type TypedToken } from './steps/pairFrame';
import { createPreTokenizer } from './steps/preTokenizers';
import { WordSegmenter } from './models/wordSegmenter';
import { withWork, workFor, workToRead } from './work';

export interface Encoding {
  readonly ids: readonly number[];
  /** One for each id. Offsets are UTF-16 units of the text. */
  readonly tokens: readonly Token[];
  /** The tokens [bodyStart, bodyEnd) are the text's; those outside were added by the post-processor. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** Tokens that have a name in tokenizer_config.json. */
export type NamedToken = 'bos' | 'eos' | 'pad' | 'unk' | 'mask' | 'cls' | 'sep';

export interface TextTokenizer {
  /** Largest id + 1, added tokens included. */
  readonly vocabularySize: number;
  readonly maskToken: { readonly id: number; readonly text: string } | null;
  readonly unknownId: number | null;
  readonly specialIds: ReadonlySet<number>;
  /** The template of chat_template.jinja, or else of tokenizer_config.json, for `encodeChat`. */
  readonly chatTemplate: string | null;
  /** What the template may call by name: `bos_token`, `eos_token`, … as tokenizer_config.json has them. */
  readonly chatSpecials: Readonly<Record<string, string>>;
  named(name: NamedToken): number | null;
  /** The whole text with the post-processor's special tokens. Linear in the length of the text. */
  encode(text: string): Encoding;
  /**
   * The text's own tokens only. Special tokens that are typed in it become those tokens, as in transformers, but for
   * those in `asText`, UTF-16 units [from, to): there they are the text that they are (`split_special_tokens`).
   */
  encodeBody(text: string, asText?: readonly [number, number]): Encoding;
  /** A window of the text's own tokens, with the post-processor's special tokens round it. */
  wrap(body: readonly Token[]): Token[];
  /** Two texts' own tokens with the post-processor's special tokens round and between them, typed; null where it knows no pairs. */
  wrapPair(first: readonly Token[], second: readonly Token[]): Token[] | null;
  /** True where it knows pairs. */
  readonly pairs: boolean;
  /** How many special tokens `wrap` adds. */
  readonly frameLength: number;
  /** A single token, readable; a lone byte of a character shows as `�`. */
  tokenText(id: number): string;
  /** A generated token: without a place in the text; `partial` where it is some bytes of a character. */
  token(id: number): Token;
  /** Generated tokens as they read together: characters that several of them share are whole, once they are complete. */
  written(ids: readonly number[]): readonly Token[];
  /** How a token would read after others: a character that it completes is whole, other bytes go by their names. */
  after(ids: readonly number[], id: number): Pick<Token, 'text' | 'parts'>;
}

/** The bytes of tokenizer.json and, where they are there, of tokenizer_config.json and chat_template.jinja. */
export interface TokenizerFiles {
  readonly tokenizer: Uint8Array | null;
  readonly config?: Uint8Array | null;
  readonly chatTemplate?: Uint8Array | null;
}

/** @throws ExplainError TOKENIZER_MISSING, TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function createTokenizer(files: TokenizerFiles): TextTokenizer {
  if (files.tokenizer === null || files.tokenizer.length === 0) {
    throw new ExplainError('TOKENIZER_MISSING', say('tokenizer.missing'));
  }
  const json = parseObject(files.tokenizer, 'tokenizer.json');
  const config =
    files.config === undefined || files.config === null ? {} : parseObject(files.config, 'tokenizer_config.json');
  try {
    const template = files.chatTemplate ? new TextDecoder().decode(files.chatTemplate) : chatTemplateOf(config);
    return withWork(workToRead(files.tokenizer.length), files.tokenizer.length, () => build(json, config, template));
  } catch (error) {
    if (error instanceof ExplainError) throw error;
    throw invalidTokenizer(error instanceof Error ? error.message : 'unreadable', error);
  }
}

/** Work that decoding one token may take (units of `work.ts`): many are decoded for one answer, which should come at once. */
const WORK_A_TOKEN = 100_000;
const LONGEST_TEXT = 4 * LONGEST_PIECE;

/** What named tokens are called where tokenizer_config.json does not say. */
const USUAL_NAMES: Readonly<Record<NamedToken, readonly string[]>> = {
  mask: ['[MASK]', '<mask>'],
  pad: ['<pad>', '[PAD]'],
  unk: ['<unk>', '[UNK]'],
  bos: ['<s>'],
  eos: ['</s>'],
  cls: ['[CLS]'],
  sep: ['[SEP]'],
};

function build(json: Fields, config: Fields, chatTemplate: string | null): TextTokenizer {
  const model = createModel(json['model']);
  const normalizer = createNormalizer(json['normalizer']);
  const preTokenizer = createPreTokenizer(json['pre_tokenizer']);
  const frame = readFrame(json['post_processor']);
  const pairFrame = readPairFrame(json['post_processor']);
  const pairIds = pairFrame ? [...pairFrame.before, ...pairFrame.between, ...pairFrame.after].map(({ id }) => id) : [];
  const added = readAddedTokens(json['added_tokens']);
  const decoder = createDecoder(json['decoder']);
  // Tried once, so that a decoder that makes texts grow without end is refused when it is loaded.
  withWork(WORK_A_TOKEN, 1, () => decoder.inside('a'));
  const rawFinder = new AddedTokenFinder(
    added.filter((token) => !token.normalized),
    null,
  );
  const normalFinder = new AddedTokenFinder(
    added.filter((token) => token.normalized),
    normalizer,
  );
  const segmenter = new WordSegmenter(model);

  const pieces: (string | undefined)[] = [];
  for (const [piece, id] of model.vocabulary) pieces[id] = piece;
  for (const token of added) pieces[token.id] = token.content;
  const addedIds = new Set(added.map((token) => token.id));
  const specialIds = new Set([
    ...added.filter((token) => token.special).map((token) => token.id),
    ...frame.before,
    ...frame.after,
    ...pairIds,
  ]);
  for (const id of [...frame.before, ...frame.after, ...pairIds])
    if (pieces[id] === undefined) throw invalidTokenizer(`special token ${id} is not in the vocabulary`);

  const idOf = (piece: string): number | null =>
    added.find((token) => token.content === piece)?.id ?? model.vocabulary.get(piece) ?? null;
  const named = (name: NamedToken): number | null => {
    const value = config[`${name}_token`];
    const piece = isObject(value) ? value['content'] : value;
    if (typeof piece === 'string') return idOf(piece);
    return (
      added.find((token) => USUAL_NAMES[name].includes(token.content))?.id ?? (name === 'unk' ? model.unknownId : null)
    );
  };

  const texts: (string | undefined)[] = [];
  const tokenText = (id: number): string => (texts[id] ??= readable(id));
  function readable(id: number): string {
    const piece = pieces[id];
    if (piece === undefined) return '\ufffd';
    if (addedIds.has(id) || specialIds.has(id)) return piece;
    const text = withWork(WORK_A_TOKEN, piece.length, () => decoder.inside(piece));
    if (text.length > LONGEST_TEXT) throw invalidTokenizer(`token ${id} becomes a very long text`);
    return text;
  }
  const bytesOf = (id: number): readonly number[] | null => {
    const piece = pieces[id];
    return piece === undefined || addedIds.has(id) || specialIds.has(id) ? null : decoder.bytes(piece);
  };
  const written = (ids: readonly number[]): readonly Token[] =>
    joinBytes(ids.map((id) => ({ text: tokenText(id), bytes: bytesOf(id) }))).map(({ text, parts, partial }, index) => {
      const token = makeToken(ids[index] ?? 0, -1, -1, partial);
      return { ...token, text, ...(parts.length > 0 && { parts }) };
    });
  const after = (ids: readonly number[], id: number): Pick<Token, 'text' | 'parts'> => {
    const token = written([...ids.slice(-MOST_SHARING), id]).at(-1);
    const bytes = token?.partial === true && !token.parts ? bytesOf(id) : null;
    const names = bytes?.map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    return names ? { text: names.join('') } : { text: token?.text ?? '', ...(token?.parts && { parts: token.parts }) };
  };
  const makeToken = (id: number, start: number, end: number, partial: boolean): Token => ({
    id,
    text: tokenText(id),
    special: specialIds.has(id),
    start,
    end,
    partial,
  });
  const framed = (ids: readonly number[]): Token[] => ids.map((id) => makeToken(id, -1, -1, false));

  function encodeBody(text: string, asText?: readonly [number, number]): Encoding {
    try {
      return withWork(workFor(text.length), text.length, () => encodeText(text, asText));
    } catch (error) {
      // Such as an expression that the JavaScript engine gives up on.
      throw error instanceof ExplainError ? error : invalidTokenizer('encoding fails', error);
    }
  }

  function encodeText(text: string, asText: readonly [number, number] = [0, 0]): Encoding {
    // A lone surrogate has no UTF-8: every tokenizer sees U+FFFD, which is as long.
    const wellFormed = text.toWellFormed();
    const raw = new RawTokens();
    let end = 0;
    for (const { token, from, to } of rawFinder.find(wellFormed, asText)) {
      encodeSection(unchanged(wellFormed.slice(end, from), end), raw, asText);
      raw.push(token.id, from, to);
      end = to;
    }
    encodeSection(unchanged(wellFormed.slice(end), end), raw, asText);
    const placed = placeTokens(raw, wellFormed);
    const tokens = raw.ids.map((id, i) =>
      makeToken(id, placed.starts[i] ?? -1, placed.ends[i] ?? -1, placed.partial[i] === 1),
    );
    return { ids: raw.ids, tokens: nameParts(tokens, wellFormed), bodyStart: 0, bodyEnd: tokens.length };
  }

  function encodeSection(section: Aligned, raw: RawTokens, asText: readonly [number, number]): void {
    if (section.text === '') return;
    const normal = normalizer === null ? section : normalizer(section);
    const overlaps = section.base < asText[1] && section.base + section.text.length > asText[0];
    let end = 0;
    for (const { token, from, to } of normalFinder.find(normal.text, overlaps ? unitsOf(normal, asText) : undefined)) {
      encodePiece(slice(normal, end, from), raw, asText);
      raw.pushUnits(token.id, normal, from, to);
      end = to;
    }
    encodePiece(slice(normal, end, normal.text.length), raw, asText);
  }

  /** Which units of a normalised text come from [from, to) of the original. */
  function unitsOf(normal: Aligned, [from, to]: readonly [number, number]): readonly [number, number] {
    let [first, last] = [0, normal.text.length];
    while (first < last && endOf(normal, first) <= from) first++;
    while (last > first && startOf(normal, last - 1) >= to) last--;
    return [first, last];
  }

  function encodePiece(piece: Aligned, raw: RawTokens, asText: readonly [number, number]): void {
    if (piece.text === '') return;
    for (const word of preTokenizer === null ? [piece] : preTokenizer([piece])) {
      const isText = startOf(word, 0) < asText[1] && endOf(word, word.text.length - 1) > asText[0];
      segmenter.segment(word, raw, isText ? specialIds : undefined);
    }
  }

  function wrap(body: readonly Token[]): Token[] {
    return [...framed(frame.before), ...body, ...framed(frame.after)];
  }

  function wrapPair(first: readonly Token[], second: readonly Token[]): Token[] | null {
    if (!pairFrame) return null;
    const typed = (token: Token, type: number): Token => (type === 0 ? token : { ...token, type });
    const specials = (list: readonly TypedToken[]): Token[] =>
      list.map(({ id, type }) => typed(makeToken(id, -1, -1, false), type));
    return [
      ...specials(pairFrame.before),
      ...first.map((token) => typed(token, pairFrame.first)),
      ...specials(pairFrame.between),
      ...second.map((token): Token => ({ ...typed(token, pairFrame.second), second: true })),
      ...specials(pairFrame.after),
    ];
  }

  const maskId = named('mask');

  return {
    vocabularySize: pieces.length,
    maskToken: maskId === null ? null : { id: maskId, text: pieces[maskId] ?? '' },
    unknownId: model.unknownId ?? named('unk'),
    specialIds,
    chatTemplate,
    chatSpecials: chatSpecialsOf(config),
    frameLength: frame.before.length + frame.after.length,
    named,
    encodeBody,
    encode: (text) => {
      const body = encodeBody(text);
      const ids = [...frame.before, ...body.ids, ...frame.after];
      return {
        ids,
        tokens: wrap(body.tokens),
        bodyStart: frame.before.length,
        bodyEnd: frame.before.length + body.ids.length,
      };
    },
    wrap,
    wrapPair,
    pairs: pairFrame !== null,
    tokenText,
    token: (id) => written([id])[0] ?? makeToken(id, -1, -1, false),
    written,
    after,
  };
}
