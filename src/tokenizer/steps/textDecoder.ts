/** Ids back to text: the decoders of `@huggingface/tokenizers`, byte-level ones done here to know half characters. */
import { type Decoder, Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import type { AddedToken } from './addedTokens';
import { bytesOfPiece } from './byteLevel';
import { invalid, isObject, list, optionalString, unsupported } from '../tokenizerJson';
import { compilePattern } from './regex';

/** One token's share of a decoded text. */
export interface TokenShare {
  readonly text: string;
  /** True where a character is divided between this token and a neighbour: it is in the text of the last of them. */
  readonly partial: boolean;
}

export interface PieceDecoder {
  /** The text of some tokens. `pieces` and `added` are parallel; an added token's piece is its content. */
  decode(pieces: readonly string[], added: readonly boolean[]): string;
  /** Each token's share, so that joined they are the text. */
  shares(pieces: readonly string[], added: readonly boolean[]): readonly TokenShare[];
  /** One piece as it reads inside a text: with its leading space, without a continuation's mark. */
  inside(piece: string): string;
}

/** Any piece, to decode another one after it. */
const BEFORE = 'a';

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function createDecoder(value: unknown, addedTokens: readonly AddedToken[]): PieceDecoder {
  if (isByteLevel(value)) return byteLevelDecoder;
  check(value, 0);
  let decoder: Decoder | null;
  try {
    // The library makes decoders through its tokenizer only; the model stays empty, as it is not used.
    const model = { type: 'WordPiece', vocab: {}, unk_token: '', continuing_subword_prefix: '##' };
    const rest = { normalizer: null, pre_tokenizer: null, post_processor: null, added_tokens: [] };
    decoder = new LibraryTokenizer({ ...rest, model, decoder: value ?? null }, {}).decoder;
  } catch (error) {
    throw unsupported(`a decoder that is not known (${error instanceof Error ? error.message.slice(0, 80) : ''})`);
  }
  return libraryDecoder(decoder, addedTokens);
}

function isByteLevel(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value['type'] === 'ByteLevel') return true;
  const steps = value['type'] === 'Sequence' ? value['decoders'] : null;
  return Array.isArray(steps) && steps.length === 1 && isByteLevel(steps[0]);
}

/** A decoder's patterns are as untrusted as the others, and what it puts in must not make texts grow without measure. */
function check(value: unknown, depth: number): void {
  if (!isObject(value)) return;
  if (depth > 16) throw unsupported('decoders nested too deeply');
  if (value['decoders'] !== undefined)
    for (const step of list(value['decoders'], 'decoder.decoders')) check(step, depth + 1);
  for (const name of ['content', 'suffix', 'prefix', 'replacement']) {
    const text = optionalString(value[name], `decoder.${name}`);
    if (text !== null && text.length > 64) throw unsupported('a decoder that puts in a long text');
  }
  const pattern = value['pattern'];
  if (isObject(pattern) && typeof pattern['Regex'] === 'string') compilePattern(pattern['Regex']);
}

const byteLevelDecoder: PieceDecoder = {
  inside: (piece) => byteLevelDecoder.decode([piece], [false]),
  decode: (pieces, added) =>
    byteLevelDecoder
      .shares(pieces, added)
      .map((share) => share.text)
      .join(''),
  shares: (pieces, added) => {
    const shares: TokenShare[] = [];
    let decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let missing = 0;
    pieces.forEach((piece, index) => {
      const isAdded = added[index] === true;
      const last = index + 1 === pieces.length || added[index + 1] === true;
      const bytes = isAdded ? [] : bytesOfPiece(piece);
      const begins = missing > 0;
      const text = isAdded ? piece : decoder.decode(Uint8Array.from(bytes), { stream: !last });
      if (isAdded || last) decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      missing = missingAfter(bytes, missing);
      shares.push({ text, partial: begins || missing > 0 });
      if (isAdded || last) missing = 0;
    });
    return shares;
  },
};

/** How many bytes the last character still misses after `bytes`, when `missing` were missing before them. */
function missingAfter(bytes: readonly number[], missing: number): number {
  let left = missing;
  for (const byte of bytes) {
    if (byte >= 0x80 && byte < 0xc0) left = Math.max(0, left - 1);
    else left = byte < 0xc0 ? 0 : byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
  }
  return left;
}

/** Tokens of context with which a share is decoded, so that what depends on neighbours comes out right. */
const CONTEXT = 6;

function libraryDecoder(decoder: Decoder | null, addedTokens: readonly AddedToken[]): PieceDecoder {
  if (decoder !== null) decoder.added_tokens = addedTokens as unknown as Decoder['added_tokens'];
  const decode = (pieces: readonly string[]): string => {
    if (decoder === null || pieces.length === 0) return pieces.join(' ');
    try {
      return decoder.decode([...pieces]);
    } catch (error) {
      throw invalid('the decoder fails', error);
    }
  };
  decode(['a', '<0x41>']);
  return {
    decode,
    // Without a decoder texts are pieces joined by spaces, which are no piece's own.
    inside: (piece) => (decoder === null ? piece : decode([BEFORE, piece]).slice(decode([BEFORE]).length)),
    shares: (pieces) => {
      const shares: TokenShare[] = [];
      // As streaming servers do: a token's share is what it adds to the text of the tokens just before it.
      let done = 0;
      let from = 0;
      for (let to = 1; to <= pieces.length; to++) {
        const before = decode(pieces.slice(from, done));
        const text = decode(pieces.slice(from, to));
        const isCut = text.endsWith('\ufffd') && to < pieces.length && to - done < 4;
        if (isCut) {
          shares.push({ text: '', partial: true });
          continue;
        }
        shares.push({
          text: text.startsWith(before) ? text.slice(before.length) : text,
          partial: to - done > 1 || text.endsWith('\ufffd'),
        });
        done = to;
        from = Math.max(0, done - CONTEXT);
      }
      return shares;
    },
  };
}
