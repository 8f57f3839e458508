/**
 * Patterns of a tokenizer.json are written for Oniguruma and come from strangers. `@huggingface/tokenizers`
 * translates them to JavaScript; here they are refused where a backtracking engine could take exponential
 * time, which no timer inside the worker could stop:
 *  - a repeated group that contains a repetition or alternatives, (a+)+ or (a|a)*;
 *  - back-references, and repetition counts beyond 1,000;
 *  - what takes very long by measurement (cubic time or worse), on texts made of the pattern's own characters.
 */
import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { invalid, unsupported } from '../tokenizerJson';

const LONGEST_PATTERN = 20_000;
const LARGEST_COUNT = 1000;
/** Far above what a sound pattern takes on a busy machine, far below what a cubic one does. */
const PROBE_MILLISECONDS = 150;
const PROBE_LENGTH = 2000;

/** Compiles with flags `gu`. @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function compilePattern(source: string): RegExp {
  if (source.length > LONGEST_PATTERN) throw unsupported('a very long regular expression');
  let pattern: RegExp | null;
  try {
    pattern = new SplitPreTokenizer({ type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false })
      .pattern;
  } catch (error) {
    throw invalid(`regular expression ${source.slice(0, 200)}`, error);
  }
  if (pattern === null) throw invalid('an empty pattern');
  if (isRisky(pattern.source) || isSlow(pattern, source))
    throw unsupported('a regular expression that may take very long');
  return pattern;
}

/** A literal text as a pattern. */
export function literalPattern(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'), 'gu');
}

interface Group {
  /** Matches texts of several lengths, or in several ways. */
  varies: boolean;
  /** Looks ahead or behind: takes nothing, so that it varies for itself only. */
  readonly looks: boolean;
}

/** Scans a JavaScript pattern (flag u) for the forms above. */
function isRisky(source: string): boolean {
  const open: Group[] = [{ varies: false, looks: false }];
  let closed: Group | null = null;
  for (let i = 0; i < source.length; i++) {
    const character = source[i];
    const last: Group | null = closed;
    closed = null;
    // The stack never empties: a compiled pattern's brackets match.
    const current = open[open.length - 1] ?? { varies: true, looks: false };
    if (character === '\\') {
      if (/[1-9k]/u.test(source[i + 1] ?? '')) return true;
      i++;
    } else if (character === '[') {
      for (i++; i < source.length && source[i] !== ']'; i++) if (source[i] === '\\') i++;
    } else if (character === '(') {
      open.push({ varies: false, looks: /^\((?:\?[=!]|\?<[=!])/u.test(source.slice(i, i + 4)) });
    } else if (character === ')') {
      closed = open.pop() ?? null;
      const parent = open[open.length - 1];
      if (parent !== undefined && closed?.varies === true && !closed.looks) parent.varies = true;
    } else if (character === '|' || (character === '?' && source[i - 1] !== '(')) {
      current.varies = true;
    } else if (character === '*' || character === '+' || character === '{') {
      const count = character === '{' ? /^\{(\d+)(,?)(\d*)\}/u.exec(source.slice(i)) : null;
      if (character === '{' && count === null) continue;
      const most =
        count === null || (count[2] === ',' && count[3] === '')
          ? Infinity
          : Number(count[3] === '' ? count[1] : count[3]);
      if (count !== null && Math.max(Number(count[1]), Number(count[3])) > LARGEST_COUNT) return true;
      if (most > 1 && last?.varies === true) return true;
      if (count === null || count[2] === ',') current.varies = true;
      if (count !== null) i += count[0].length - 1;
    }
  }
  return false;
}

/** Runs the pattern over growing texts of one repeated character and an ending that hinders a match. */
function isSlow(pattern: RegExp, source: string): boolean {
  const own = [...new Set(source.replace(/\\./gsu, ''))].slice(0, 24);
  const probes = [...new Set([...own, 'a', 'A', '1', ' ', '\n', '.', 'é', '中', '\u0301'])];
  for (const probe of probes) {
    for (let length = 16; length <= PROBE_LENGTH; length = Math.ceil(length * 1.25)) {
      if (takesLong(pattern, probe.repeat(length) + '\u0000')) return true;
    }
  }
  return false;
}

/** The best of several runs, as the machine may be busy with other things. */
function takesLong(pattern: RegExp, text: string): boolean {
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    text.replace(pattern, '');
    const taken = performance.now() - began;
    if (taken <= PROBE_MILLISECONDS) return false;
    if (taken > 20 * PROBE_MILLISECONDS) return true;
  }
  return true;
}
