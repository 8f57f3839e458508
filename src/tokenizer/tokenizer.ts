/**
 * Text to tokens with their exact place in the text, and back.
 *
 * `@huggingface/tokenizers` gives ids and no offsets, and departs from the Rust crate in places (pre-tokenizers
 * for ASCII only, an approximated `Precompiled` map). The way from text to ids is therefore done here, each
 * step keeping its alignment with the original; the library translates regular expressions and decodes.
 */
import type { Token } from '../attention/types';
import { ExplainError } from '../errors';
import { AddedTokenFinder, readAddedTokens } from './steps/addedTokens';
import { chatSpecialsOf, chatTemplateOf } from './chat/chatConfig';
import { type Aligned, slice, unchanged } from './offsets/aligned';
import { createModel } from './models/createModel';
import { createDecoder, type TokenShare } from './steps/textDecoder';
import { type Fields, invalid, isObject, parseObject } from './tokenizerJson';
import { createNormalizer } from './steps/normalizers';
import { placeTokens, RawTokens } from './offsets/placement';
import { readFrame } from './steps/postProcessor';
import { createPreTokenizer } from './steps/preTokenizers';
import { WordSegmenter } from './models/wordSegmenter';

export type { TokenShare } from './steps/textDecoder';

export interface Encoding {
  readonly ids: readonly number[];
  /** One a id. Offsets are UTF-16 units of the text. */
  readonly tokens: readonly Token[];
  /** The tokens [bodyStart, bodyEnd) are the text's; those outside were added by the post-processor. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** False where the check after encoding failed: all offsets are then -1. */
  readonly exact: boolean;
}

/** Tokens that have a name in tokenizer_config.json. */
export type NamedToken = 'bos' | 'eos' | 'pad' | 'unk' | 'mask' | 'cls' | 'sep';

export interface TextTokenizer {
  /** Largest id + 1, added tokens included. */
  readonly vocabularySize: number;
  /** Whether this kind of tokenizer can have exact offsets; `Encoding.exact` says whether a text has. */
  readonly exactOffsets: boolean;
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
  /** The text's own tokens only. */
  encodeBody(text: string): Encoding;
  /** A window of the text's own tokens, with the post-processor's special tokens round it. */
  wrap(body: readonly Token[]): Token[];
  /** How many special tokens `wrap` adds. */
  readonly frameLength: number;
  /** Plain text. Special tokens are left out unless `specials` is true; ids outside the vocabulary are left out. */
  decode(ids: readonly number[], options?: { readonly specials?: boolean }): string;
  /** A single token, readable; a lone byte of a character shows as `�`. */
  tokenText(id: number): string;
  /** Each token's share of the decoded text (special tokens included), so that joined they are that text. */
  tokenTexts(ids: readonly number[]): readonly TokenShare[];
  /** A generated token: without a place in the text; `partial` where it is some bytes of a character. */
  token(id: number): Token;
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
    throw new ExplainError(
      'TOKENIZER_MISSING',
      'The model’s folder has no tokenizer.json; put the model’s tokenizer.json beside its config.json and try again.',
    );
  }
  const json = parseObject(files.tokenizer, 'tokenizer.json');
  const config =
    files.config === undefined || files.config === null ? {} : parseObject(files.config, 'tokenizer_config.json');
  try {
    return build(
      json,
      config,
      files.chatTemplate ? new TextDecoder().decode(files.chatTemplate) : chatTemplateOf(config),
    );
  } catch (error) {
    if (error instanceof ExplainError) throw error;
    throw invalid(error instanceof Error ? error.message : 'unreadable', error);
  }
}

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
  const added = readAddedTokens(json['added_tokens']);
  const decoder = createDecoder(json['decoder'], added);
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
  ]);
  for (const id of [...frame.before, ...frame.after])
    if (pieces[id] === undefined) throw invalid(`special token ${id} is not in the vocabulary`);

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
    return decoder.inside(piece);
  }
  const makeToken = (id: number, start: number, end: number, partial: boolean): Token => ({
    id,
    text: tokenText(id),
    special: specialIds.has(id),
    start,
    end,
    partial,
  });
  const framed = (ids: readonly number[]): Token[] => ids.map((id) => makeToken(id, -1, -1, false));

  function encodeBody(text: string): Encoding {
    try {
      return encodeText(text);
    } catch (error) {
      // Such as an expression that the JavaScript engine gives up on.
      throw error instanceof ExplainError ? error : invalid('encoding fails', error);
    }
  }

  function encodeText(text: string): Encoding {
    // A lone surrogate has no UTF-8: every tokenizer sees U+FFFD, which is as long.
    const wellFormed = text.toWellFormed();
    const raw = new RawTokens();
    let end = 0;
    for (const { token, from, to } of rawFinder.find(wellFormed)) {
      encodeSection(unchanged(wellFormed.slice(end, from), end), raw);
      raw.push(token.id, from, to);
      end = to;
    }
    encodeSection(unchanged(wellFormed.slice(end), end), raw);
    const placed = placeTokens(raw, wellFormed);
    const tokens = raw.ids.map((id, i) =>
      makeToken(id, placed.starts[i] ?? -1, placed.ends[i] ?? -1, placed.partial[i] === 1),
    );
    return { ids: raw.ids, tokens, bodyStart: 0, bodyEnd: tokens.length, exact: placed.exact };
  }

  function encodeSection(section: Aligned, raw: RawTokens): void {
    if (section.text === '') return;
    const normal = normalizer === null ? section : normalizer(section);
    let end = 0;
    for (const { token, from, to } of normalFinder.find(normal.text)) {
      encodePiece(slice(normal, end, from), raw);
      raw.pushUnits(token.id, normal, from, to);
      end = to;
    }
    encodePiece(slice(normal, end, normal.text.length), raw);
  }

  function encodePiece(piece: Aligned, raw: RawTokens): void {
    if (piece.text === '') return;
    for (const word of preTokenizer === null ? [piece] : preTokenizer([piece])) segmenter.segment(word, raw);
  }

  function wrap(body: readonly Token[]): Token[] {
    return [...framed(frame.before), ...body, ...framed(frame.after)];
  }

  const known = (ids: readonly number[]): readonly number[] => ids.filter((id) => pieces[id] !== undefined);
  const pieceList = (ids: readonly number[]): string[] => ids.map((id) => pieces[id] ?? '');
  const addedList = (ids: readonly number[]): boolean[] => ids.map((id) => addedIds.has(id));
  const maskId = named('mask');

  return {
    vocabularySize: pieces.length,
    exactOffsets: true,
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
        exact: body.exact,
      };
    },
    wrap,
    decode: (ids, options = {}) => {
      const wanted = known(options.specials === true ? ids : ids.filter((id) => !specialIds.has(id)));
      return decoder.decode(pieceList(wanted), addedList(wanted));
    },
    tokenText,
    tokenTexts: (ids) => decoder.shares(pieceList(ids), addedList(ids)),
    token: (id) => makeToken(id, -1, -1, !specialIds.has(id) && tokenText(id).includes('\ufffd')),
  };
}
