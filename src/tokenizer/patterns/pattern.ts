/** What is looked for in a text: our own expressions, a literal text, or an expression of a tokenizer.json. */
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { invalidTokenizer, unsupported } from '../tokenizerJson';
import { spend, TooMuchWork, withWork } from '../work';
import { Machine } from './machine';
import { withoutOniguruma } from './oniguruma';
import { compileProgram } from './program';
import { parseSyntax } from './syntax';
import { say } from '../../text/say';

export interface Pattern {
  /** Calls `found` for each match [from, to) of UTF-16 units, in order and without overlap; a match may be empty. */
  each(text: string, found: (from: number, to: number) => void): void;
}

const LONGEST_PATTERN = 20_000;
const LONGEST_LITERAL = 1024;
/**
 * Each expression is tried on texts of this length, and refused where it takes more than these steps: enough for one whose time
 * grows with the square of the length, too few for one that grows with a higher power.
 */
const TRIED_LENGTH = 256;
const TRIED_WORK = 60 * TRIED_LENGTH ** 2;

/** An expression of this product's own, with the flags `g` and `u`, that takes time in proportion to the text. */
export function ownPattern(expression: RegExp): Pattern {
  return {
    each(text, found) {
      spend(text.length);
      for (const match of text.matchAll(expression)) found(match.index, match.index + match[0].length);
    },
  };
}

/** A literal text. @throws ExplainError TOKENIZER_UNSUPPORTED where it is very long */
export function literalPattern(literal: string): Pattern {
  if (literal.length > LONGEST_LITERAL) throw unsupported(say('tokenizer.uses.longLiteral', { most: LONGEST_LITERAL }));
  const pattern = ownPattern(new RegExp(literal.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'), 'gu'));
  return {
    each(text, found) {
      spend((text.length * literal.length) / 64);
      pattern.each(text, found);
    },
  };
}

/**
 * An expression as a tokenizer.json has it, written for Oniguruma: the library translates it, and it runs with its
 * steps counted. One that takes very long on short texts of its own characters is refused at once.
 * @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED
 */
export function compilePattern(source: string): Pattern {
  if (source.length > LONGEST_PATTERN) throw unsupported(say('tokenizer.uses.longPattern'));
  let translated: string | undefined;
  try {
    translated = new SplitPreTokenizer({
      type: 'Split',
      pattern: { Regex: withoutOniguruma(source) },
      behavior: 'Isolated',
      invert: false,
    }).pattern?.source;
  } catch {
    // It may be sound where it comes from: Oniguruma has more than can be translated.
    throw unsupported(say('tokenizer.uses.otherPattern', { source: source.slice(0, 80) }));
  }
  if (translated === undefined) throw invalidTokenizer('an empty pattern');
  const pattern = new Machine(compileProgram(parseSyntax(translated)));
  if (isSlow(pattern, source)) throw unsupported(say('tokenizer.uses.slowPattern'));
  return pattern;
}

/** Runs the pattern over texts of one repeated character, or of the pattern's own words, with an end that hinders a match. */
function isSlow(pattern: Pattern, source: string): boolean {
  const letters = [...new Set(source.replace(/\\./gsu, ''))].slice(0, 24);
  const words = [...new Set(source.match(/[\p{L}\p{N}]{2,8}/gu) ?? [])].slice(0, 8);
  const tried = new Set([...letters, ...words, 'a', 'A', '1', ' ', '\n', '.', 'é', '中', '\u0301', 'a ', 'a1']);
  return [...tried].some((piece) => {
    const text = piece.repeat(Math.ceil(TRIED_LENGTH / piece.length)) + '\0';
    try {
      withWork(TRIED_WORK, text.length, () => pattern.each(text, () => undefined));
      return false;
    } catch (error) {
      if (error instanceof TooMuchWork) return true;
      throw error;
    }
  });
}
