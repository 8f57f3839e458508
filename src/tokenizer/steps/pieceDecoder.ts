/** How the pieces of a vocabulary read in a text: the decoders of tokenizer.json, as the Rust crate `tokenizers` has them. */
import { byteOf } from '../models/segmenter';
import { literalPattern, type Pattern } from '../patterns/pattern';
import { type Fields, flag, isObject, list, object, optionalString, string, unsupported } from '../tokenizerJson';
import { checkLength, spend } from '../work';
import { bytesOfPiece } from './byteLevel';
import { patternOf } from './normalizers';
import { say } from '../../text/say';

export interface PieceDecoder {
  /** One piece as it reads inside a text: with its leading space, without a continuation's mark. */
  inside(piece: string): string;
  /** The bytes of UTF-8 that a piece stands for; null where it stands for whole characters. */
  bytes(piece: string): readonly number[] | null;
}

/** Pieces in, pieces out; a step may make them fewer. */
type Step = (pieces: readonly string[]) => readonly string[];

const DEEPEST = 16;
const MOST_CUT = 1024;

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function createDecoder(value: unknown): PieceDecoder {
  if (isByteLevel(value)) return byteLevelDecoder;
  if (value === null || value === undefined) return { inside: (piece) => piece, bytes: () => null };
  const step = stepOf(value, 0);
  const fallback = hasByteFallback(value);
  const decode = (pieces: readonly string[]): string => step(pieces).join('');
  return {
    inside: (piece) => {
      // What a step does at the beginning of a text is not done to a piece inside: so it stands behind another one.
      const before = piece === 'a' ? 'b' : 'a';
      return decode([before, piece]).slice(decode([before]).length);
    },
    bytes: (piece) => (fallback && byteOf(piece) >= 0 ? [byteOf(piece)] : null),
  };
}

function isByteLevel(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value['type'] === 'ByteLevel') return true;
  const steps = value['type'] === 'Sequence' ? value['decoders'] : null;
  return Array.isArray(steps) && steps.length === 1 && isByteLevel(steps[0]);
}

function hasByteFallback(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value['type'] === 'ByteFallback') return true;
  return Array.isArray(value['decoders']) && value['decoders'].some(hasByteFallback);
}

const textOf = (bytes: readonly number[]): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));

const byteLevelDecoder: PieceDecoder = { inside: (piece) => textOf(bytesOfPiece(piece)), bytes: bytesOfPiece };

function stepOf(value: unknown, depth: number): Step {
  const config = object(value, 'decoder');
  const type = string(config['type'], 'decoder.type');
  switch (type) {
    case 'Sequence': {
      if (depth > DEEPEST) throw unsupported(say('tokenizer.uses.deepDecoders'));
      const steps = list(config['decoders'], 'decoder.decoders').map((step) => stepOf(step, depth + 1));
      return (pieces) =>
        steps.reduce((made, step) => {
          // Every step goes through all that is there, and some lengthen it a little each time.
          const length = made.reduce((sum, piece) => sum + piece.length, 0);
          checkLength(length);
          spend(1 + made.length + length);
          return step(made);
        }, pieces);
    }
    case 'ByteLevel':
      return (pieces) => [textOf(pieces.flatMap(bytesOfPiece))];
    case 'Replace': {
      const pattern = patternOf(config['pattern'], 'decoder.pattern');
      const content = string(config['content'], 'decoder.content');
      return (pieces) => pieces.map((piece) => replaceAll(piece, pattern, content));
    }
    case 'Metaspace': {
      const mark = literalPattern(string(config['replacement'] ?? '▁', 'decoder.replacement'));
      const dropsFirst =
        config['prepend_scheme'] === undefined
          ? flag(config['add_prefix_space'], true)
          : config['prepend_scheme'] !== 'never';
      return (pieces) =>
        pieces.map((piece, index) => {
          const spaced = replaceAll(piece, mark, ' ');
          return index === 0 && dropsFirst && spaced.startsWith(' ') ? spaced.slice(1) : spaced;
        });
    }
    case 'WordPiece':
      return wordPiece(config);
    case 'BPEDecoder': {
      const suffix = optionalString(config['suffix'], 'decoder.suffix') ?? '</w>';
      if (suffix === '') return (pieces) => pieces;
      const pattern = literalPattern(suffix);
      return (pieces) =>
        pieces.map((piece, index) => replaceAll(piece, pattern, index === pieces.length - 1 ? '' : ' '));
    }
    case 'CTC':
      return ctc(config);
    case 'Fuse':
      return (pieces) => [pieces.join('')];
    case 'Strip':
      return strip(config);
    case 'ByteFallback':
      return joinByteTokens;
    default:
      throw unsupported(say('tokenizer.uses.decoder', { type: type.slice(0, 80) }));
  }
}

function replaceAll(text: string, pattern: Pattern, content: string): string {
  const parts: string[] = [];
  let end = 0;
  let length = text.length;
  pattern.each(text, (from, to) => {
    length += content.length;
    checkLength(length);
    parts.push(text.slice(end, from), content);
    end = to;
  });
  spend(1 + length / 8);
  return parts.length === 0 ? text : parts.join('') + text.slice(end);
}

function wordPiece(config: Fields): Step {
  const prefix = optionalString(config['prefix'], 'decoder.prefix') ?? '##';
  const cleans = flag(config['cleanup'], true);
  return (pieces) =>
    pieces.map((piece, index) => {
      const whole = index === 0 || (prefix !== '' && piece.startsWith(prefix));
      const space = index > 0 ? ' ' : '';
      const spaced = index > 0 && whole ? piece.slice(prefix.length) : `${space}${piece}`;
      return cleans ? cleanUp(spaced) : spaced;
    });
}

const CLEANED = [' .', ' ?', ' !', ' ,', " ' ", " n't", " 'm", " 's", " 've", " 're"] as const;

/** The spaces that English does not have before punctuation and short forms. */
function cleanUp(text: string): string {
  return CLEANED.reduce((made, found) => made.replaceAll(found, found.trim()), text);
}

function ctc(config: Fields): Step {
  const pad = optionalString(config['pad_token'], 'decoder.pad_token') ?? '<pad>';
  const delimiter = optionalString(config['word_delimiter_token'], 'decoder.word_delimiter_token') ?? '|';
  const cleans = flag(config['cleanup'], true);
  return (pieces) =>
    pieces
      .filter((piece, index) => piece !== pieces[index - 1])
      .map((piece) => {
        const shown = piece === pad ? '' : piece;
        return cleans && delimiter !== '' ? cleanUp(shown).replaceAll(delimiter, ' ') : shown;
      });
}

function strip(config: Fields): Step {
  const content = string(config['content'], 'decoder.content');
  const count = (name: 'start' | 'stop'): number => {
    const value = config[name];
    return typeof value === 'number' ? Math.min(Math.max(0, Math.floor(value)), MOST_CUT) : 0;
  };
  const [start, stop] = [count('start'), count('stop')];
  return (pieces) =>
    pieces.map((piece) => {
      let from = 0;
      let to = piece.length;
      while (from < start && piece[from] === content) from++;
      while (piece.length - to < stop && to > from && piece[to - 1] === content) to--;
      spend(1);
      return piece.slice(from, to);
    });
}

/** Neighbouring byte tokens become the characters that they are together. */
function joinByteTokens(pieces: readonly string[]): readonly string[] {
  const made: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) made.push(textOf(bytes));
    bytes = [];
  };
  for (const piece of pieces) {
    const byte = byteOf(piece);
    if (byte >= 0) {
      bytes.push(byte);
      continue;
    }
    flush();
    made.push(piece);
  }
  flush();
  return made;
}
