/** The pre-tokenizers of tokenizer.json, as the Rust crate `tokenizers` defines them, with alignment. */
import { type Aligned, prepend, replaceMatches, startOf } from '../offsets/aligned';
import { byteLetters } from './byteLevel';
import { type Fields, flag, list, object, string, unsupported } from '../tokenizerJson';
import { patternOf } from './normalizers';
import { literalPattern, ownPattern, type Pattern } from '../patterns/pattern';
import { type Behavior, behaviorOf, splitAt } from './split';
import { say } from '../../text/say';

/** Cuts pieces into words. */
export type PreTokenizer = (pieces: readonly Aligned[]) => readonly Aligned[];

const DEEPEST = 16;

/** `\s` and `\w` as Oniguruma and Rust have them. */
const SPACE = '\\p{White_Space}';
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';
const PUNCTUATION = ownPattern(/[\p{P}!-/:-@[-`{-~]/gu);
const NUMBERS = ownPattern(/\p{N}/gu);
const SPACES = ownPattern(/ /gu);
const GPT2 = ownPattern(
  new RegExp(
    `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
    'gu',
  ),
);
const WHITESPACE = ownPattern(new RegExp(`${SPACE}+`, 'gu'));
const WORDS = ownPattern(new RegExp(`[${WORD}]+|[^${WORD}${SPACE}]+`, 'gu'));

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function createPreTokenizer(value: unknown, depth = 0): PreTokenizer | null {
  if (value === null || value === undefined) return null;
  const config = object(value, 'pre_tokenizer');
  const type = string(config['type'], 'pre_tokenizer.type');
  switch (type) {
    case 'Sequence': {
      if (depth > DEEPEST) throw unsupported(say('tokenizer.uses.deepPreTokenizers'));
      const steps = list(config['pretokenizers'], 'pre_tokenizer.pretokenizers')
        .map((step) => createPreTokenizer(step, depth + 1))
        .filter((step) => step !== null);
      return (pieces) => steps.reduce((parts, step) => step(parts), pieces);
    }
    case 'ByteLevel':
      return byteLevel(config);
    case 'Metaspace':
      return metaspace(config);
    case 'BertPreTokenizer':
      return (pieces) => split(split(pieces, WHITESPACE, 'Removed'), PUNCTUATION, 'Isolated');
    case 'Whitespace':
      return (pieces) => split(pieces, WORDS, 'Removed', true);
    case 'WhitespaceSplit':
      return (pieces) => split(pieces, WHITESPACE, 'Removed');
    case 'Punctuation': {
      const behavior = behaviorOf(config['behavior'] ?? 'Isolated');
      return (pieces) => split(pieces, PUNCTUATION, behavior);
    }
    case 'Digits': {
      const behavior = flag(config['individual_digits'], false) ? 'Isolated' : 'Contiguous';
      return (pieces) => split(pieces, NUMBERS, behavior);
    }
    case 'CharDelimiterSplit': {
      const delimiter = literalPattern(string(config['delimiter'], 'pre_tokenizer.delimiter'));
      return (pieces) => split(pieces, delimiter, 'Removed');
    }
    case 'Split': {
      const pattern = patternOf(config['pattern'], 'pre_tokenizer.pattern');
      const behavior = behaviorOf(config['behavior']);
      const invert = flag(config['invert'], false);
      return (pieces) => split(pieces, pattern, behavior, invert);
    }
    case 'FixedLength': {
      const length = config['length'];
      if (typeof length !== 'number' || !Number.isInteger(length) || length < 1 || length > 1000)
        throw unsupported(say('tokenizer.uses.oddLength'));
      const pattern = ownPattern(new RegExp(`[^]{1,${length}}`, 'gu'));
      return (pieces) => split(pieces, pattern, 'Isolated');
    }
    default:
      throw unsupported(say('tokenizer.uses.preTokenizer', { type: type.slice(0, 80) }));
  }
}

function split(pieces: readonly Aligned[], pattern: Pattern, behavior: Behavior, invert = false): readonly Aligned[] {
  const parts: Aligned[] = [];
  for (const piece of pieces) splitAt(piece, pattern, behavior, invert, parts);
  return parts;
}

function byteLevel(config: Fields): PreTokenizer {
  const spaceFirst = flag(config['add_prefix_space'], true);
  const useRegex = flag(config['use_regex'], true);
  const letters = byteLetters();
  return (pieces) => {
    const spaced = pieces.map((piece) => (spaceFirst && !piece.text.startsWith(' ') ? prepend(piece, ' ') : piece));
    return (useRegex ? split(spaced, GPT2, 'Isolated') : spaced).map(letters);
  };
}

function metaspace(config: Fields): PreTokenizer {
  const mark = string(config['replacement'] ?? '▁', 'pre_tokenizer.replacement');
  // Files written before `prepend_scheme` existed say `add_prefix_space`.
  const scheme = string(
    config['prepend_scheme'] ?? (flag(config['add_prefix_space'], true) ? 'always' : 'never'),
    'pre_tokenizer.prepend_scheme',
  );
  const cut = flag(config['split'], true);
  const marks = literalPattern(mark);
  return (pieces) => {
    const marked = pieces.map((piece) => {
      const replaced = replaceMatches(piece, SPACES, mark);
      const wanted = scheme === 'always' || (scheme === 'first' && startOf(piece, 0) === 0);
      return wanted && !replaced.text.startsWith(mark) ? prepend(replaced, mark) : replaced;
    });
    return cut ? split(marked, marks, 'MergedWithNext') : marked;
  };
}
