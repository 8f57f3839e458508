/** The normalisers of tokenizer.json, as the Rust crate `tokenizers` defines them, with alignment. */
import { type Aligned, AlignedBuilder, mapCharacters, prepend, replaceMatches } from '../offsets/aligned';
import { byteLetters } from './byteLevel';
import { type Fields, flag, list, object, string, unsupported } from '../tokenizerJson';
import { CharacterMap } from './precompiled';
import { compilePattern, literalPattern, ownPattern, type Pattern } from '../patterns/pattern';
import { toForm } from './unicodeForms';
import { say } from '../../text/say';

export type Normalizer = (aligned: Aligned) => Aligned;

/** Deep nesting is a sign of a hostile file. */
const DEEPEST = 16;

const MARKS = ownPattern(/\p{M}+/gu);
const ACCENTS = ownPattern(/\p{Mn}+/gu);
const NMT_REMOVED = ownPattern(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]+/gu);
const NMT_SPACES = ownPattern(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu);

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function createNormalizer(value: unknown, depth = 0): Normalizer | null {
  if (value === null || value === undefined) return null;
  const config = object(value, 'normalizer');
  const type = string(config['type'], 'normalizer.type');
  switch (type) {
    case 'Sequence': {
      if (depth > DEEPEST) throw unsupported(say('tokenizer.uses.deepNormalizers'));
      const steps = together(list(config['normalizers'], 'normalizer.normalizers'))
        .map((step) => (step instanceof Map ? characters(step) : createNormalizer(step, depth + 1)))
        .filter((step) => step !== null);
      return (aligned) => steps.reduce((text, step) => step(text), aligned);
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (aligned) => toForm(aligned, type);
    case 'Lowercase':
      return lowercase;
    case 'Strip':
      return strip(flag(config['strip_left'], true), flag(config['strip_right'], true));
    case 'StripAccents':
      return (aligned) => replaceMatches(aligned, MARKS, '');
    case 'Replace': {
      const pattern = patternOf(config['pattern'], 'normalizer.pattern');
      const content = string(config['content'], 'normalizer.content');
      return (aligned) => replaceMatches(aligned, pattern, content);
    }
    case 'Prepend': {
      const text = string(config['prepend'], 'normalizer.prepend');
      return (aligned) => (aligned.text === '' ? aligned : prepend(aligned, text));
    }
    case 'Precompiled': {
      const map = new CharacterMap(string(config['precompiled_charsmap'], 'normalizer.precompiled_charsmap'));
      return (aligned) => map.normalise(aligned);
    }
    case 'BertNormalizer':
      return bert(config);
    case 'Nmt':
      return nmt;
    case 'ByteLevel':
      return byteLetters();
    default:
      throw unsupported(say('tokenizer.uses.normalizer', { type: type.slice(0, 80) }));
  }
}

/**
 * Steps in a row that each replace one character, as one table: a hundred of them (full-width forms, ligatures) would
 * else be a hundred regular expressions for each load and a hundred passes over each text. A step whose character
 * an earlier one of the table writes begins another table, for it has to see what that one wrote.
 */
function together(steps: readonly unknown[]): readonly unknown[] {
  const result: unknown[] = [];
  let table: Map<string, string> | null = null;
  for (const step of steps) {
    const config = object(step, 'normalizer');
    const pattern = config['type'] === 'Replace' ? object(config['pattern'], 'normalizer.pattern')['String'] : null;
    if (typeof pattern !== 'string' || Array.from(pattern).length !== 1) {
      table = null;
      result.push(step);
      continue;
    }
    if (table === null || Array.from(table.values()).some((written) => written.includes(pattern))) {
      table = new Map();
      result.push(table);
    }
    if (!table.has(pattern)) table.set(pattern, string(config['content'], 'normalizer.content'));
  }
  return result;
}

function characters(table: ReadonlyMap<string, string>): Normalizer {
  return (aligned) => mapCharacters(aligned, (character) => table.get(character) ?? null);
}

/** `{String}` or `{Regex}`, as normalisers and pre-tokenizers give patterns. */
export function patternOf(value: unknown, place: string): Pattern {
  const pattern = object(value, place);
  return 'String' in pattern
    ? literalPattern(string(pattern['String'], place))
    : compilePattern(string(pattern['Regex'], place));
}

/** Character by character, as Rust does: no final sigma. */
function lowercase(aligned: Aligned): Aligned {
  return mapCharacters(aligned, (character) => character.toLowerCase());
}

function strip(left: boolean, right: boolean): Normalizer {
  return (aligned) => {
    const { text } = aligned;
    const from = left ? (/^\p{White_Space}*/u.exec(text)?.[0].length ?? 0) : 0;
    let to = text.length;
    if (right) while (to > from && /\p{White_Space}/u.test(text.charAt(to - 1))) to--;
    if (from === 0 && to === text.length) return aligned;
    const builder = new AlignedBuilder(aligned);
    builder.keep(from, to);
    return builder.finish();
  };
}

function bert(config: Fields): Normalizer {
  const clean = flag(config['clean_text'], true);
  const cjk = flag(config['handle_chinese_chars'], true);
  const lower = flag(config['lowercase'], true);
  const accents = flag(config['strip_accents'], lower);
  return (aligned) => {
    let result = aligned;
    if (clean) result = mapCharacters(result, cleanCharacter);
    if (cjk) result = mapCharacters(result, (character, code) => (isIdeograph(code) ? ` ${character} ` : null));
    if (accents) result = replaceMatches(toForm(result, 'NFD'), ACCENTS, '');
    return lower ? lowercase(result) : result;
  };
}

function cleanCharacter(character: string, code: number): string | null {
  if (code > 0x20 && code < 0x7f) return null;
  if (/[\t\n\r\p{White_Space}]/u.test(character) && !/[\x0b\x0c\x85]/u.test(character)) return ' ';
  return code === 0 || code === 0xfffd || /[\p{Cc}\p{Cf}\p{Co}]/u.test(character) ? '' : null;
}

/** The blocks that BERT puts spaces round (with the reference's own gap before U+2B920). */
function isIdeograph(code: number): boolean {
  if (code < 0x3400) return false;
  return (
    (code >= 0x4e00 && code <= 0x9fff) ||
    code <= 0x4dbf ||
    (code >= 0x20000 && code <= 0x2a6df) ||
    (code >= 0x2a700 && code <= 0x2b73f) ||
    (code >= 0x2b740 && code <= 0x2b81f) ||
    (code >= 0x2b920 && code <= 0x2ceaf) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0x2f800 && code <= 0x2fa1f)
  );
}

/** SentencePiece's `nmt` rules: control characters go, separators become spaces. */
function nmt(aligned: Aligned): Aligned {
  return replaceMatches(replaceMatches(aligned, NMT_REMOVED, ''), NMT_SPACES, ' ');
}
