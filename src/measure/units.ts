/** What stands along a side of a map, one after another: a sequence's tokens, or its words. */
import type { AxisName, ModelFamily, SequenceName, Token } from '../attention/types';
import { spellingOf } from './words/spelling';
import { spansOf } from './words/joins';

/** A token, or a word of consecutive tokens [from, to). */
export interface Unit extends Pick<Token, 'text' | 'special' | 'start' | 'end' | 'partial' | 'parts'> {
  readonly from: number;
  readonly to: number;
  /** The tokens that it is made of, at least one. */
  readonly pieces: readonly Token[];
}

type Tokens = readonly Token[];

const known: Readonly<Record<AxisName, WeakMap<Tokens, readonly Unit[]>>> = {
  tokens: new WeakMap(),
  words: new WeakMap(),
};

/** A sequence's units on an axis. The same object for the same tokens. */
export function unitsOf(tokens: Tokens, axis: AxisName): readonly Unit[] {
  const before = known[axis].get(tokens);
  if (before) return before;
  const units =
    axis === 'tokens'
      ? tokens.map((token, at): Unit => ({ ...token, from: at, to: at + 1, pieces: [token] }))
      : spansOf(tokens).map(({ from, to }) => wordOf(tokens.slice(from, to), from));
  known[axis].set(tokens, units);
  return units;
}

function wordOf(tokens: Tokens, from: number): Unit {
  const [first] = tokens;
  const to = from + tokens.length;
  if (tokens.length === 1 && first) return { ...first, from, to, pieces: tokens };
  const places = tokens.filter(({ start }) => start >= 0);
  return {
    from,
    to,
    text: spellingOf(tokens).text,
    special: false,
    start: places.length === 0 ? -1 : Math.min(...places.map(({ start }) => start)),
    end: places.length === 0 ? -1 : Math.max(...places.map(({ end }) => end)),
    partial: false,
    pieces: tokens,
  };
}

/**
 * True for what draws much weight and says little: special tokens, and a decoder-only model's first token (Xiao et al.
 * 2023, arXiv 2309.17453).
 */
export function isSink(
  { special, from }: Pick<Unit, 'special' | 'from'>,
  sequence: SequenceName,
  family: ModelFamily | undefined,
): boolean {
  return special || (family === 'decoder-only' && sequence === 'target' && from === 0);
}

/** Units with what the switch for sinks leaves out marked as special. */
export const sinksMarked = (
  units: readonly Unit[],
  sequence: SequenceName,
  family: ModelFamily | undefined,
): readonly Unit[] => units.map((unit) => (isSink(unit, sequence, family) ? { ...unit, special: true } : unit));

/** The unit that a token is in, by its place among the units; -1 where there is no such token. */
export function unitAt(units: readonly Unit[], token: number): number {
  let low = 0;
  let high = units.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { from, to } = units[middle] as Unit; // low <= middle <= high < length
    if (token < from) high = middle - 1;
    else if (token >= to) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** The units that have any of these tokens, by their places, in order and each once. */
export function unitsWith(units: readonly Unit[], tokens: readonly number[]): readonly number[] {
  const found = new Set(tokens.map((token) => unitAt(units, token)));
  found.delete(-1);
  return [...found].sort((a, b) => a - b);
}

/** All tokens of the units that have any of these: a focus on a part of a word is on the word. */
export function wholeUnits(units: readonly Unit[], tokens: readonly number[]): readonly number[] {
  return unitsWith(units, tokens).flatMap((at) => {
    const { from, to } = units[at] as Unit; // of these units
    return Array.from({ length: to - from }, (_, index) => from + index);
  });
}

/** True where the text has something between two tokens that neither of them has, as the blanks that WordPiece drops. */
export const areApart = (before: Pick<Token, 'end'> | undefined, token: Pick<Token, 'start'> | undefined): boolean =>
  before !== undefined && token !== undefined && before.end >= 0 && token.start > before.end;

/** True for a word of the text, false for punctuation, blanks and special tokens. */
export const isWord = ({ special, text }: Pick<Token, 'special' | 'text'>): boolean => !special && WORD.test(text);

const WORD = /[\p{L}\p{N}\p{M}]/u;
const withWords = new WeakMap<Tokens, boolean>();

/** True where a sequence has words: something with a letter or a digit that is of the text. */
export function hasWords(tokens: Tokens): boolean {
  let has = withWords.get(tokens);
  if (has === undefined) {
    has = tokens.some(isWord);
    withWords.set(tokens, has);
  }
  return has;
}

/** The axis that is shown: words where they are chosen and the text has some. */
export function axisWithin(axis: AxisName, source: Tokens, target: Tokens): AxisName {
  return axis === 'words' && !hasWords(source) && !hasWords(target) ? 'tokens' : axis;
}
