/**
 * Which source words made an output word, read off cross-attention. Weight on separators is left out, and punctuation
 * is aligned with punctuation only (Ferrando and Costa-jussà 2021, arXiv 2109.05853).
 */
import type { AlignmentChoice } from '../../attention/types';
import type { AlignedWord } from './alignedWords';
import { groupMatrix } from '../words/group';

export type AlignmentReading = AlignmentChoice['reading'];

/** An output word and a source word, by their places among the words. */
export interface Link {
  readonly source: number;
  readonly target: number;
  /** Share of the word's weight on all source words that may be linked, 0 to 1. */
  readonly weight: number;
}

/**
 * Weights between words, [target words][source words], with what may not be linked at 0 and the rest of a row as shares
 * of what is left. A target word without a row, or whose row lies on nothing that may be linked, has a row of zeros.
 *
 * @param cross one head (or a mean of heads), [target tokens][source tokens] row-major
 */
export function wordWeights(
  cross: Float32Array,
  sourceTokens: number,
  source: readonly AlignedWord[],
  target: readonly AlignedWord[],
  reading: AlignmentReading,
): Float32Array {
  const shift = reading === 'fed' ? 0 : 1;
  const rows = target.map(({ from, to }) => ({ from: Math.max(0, from - shift), to: to - shift }));
  const weights = groupMatrix(cross, sourceTokens, rows, source);
  for (const [at, word] of target.entries()) {
    const row = weights.subarray(at * source.length, (at + 1) * source.length);
    let sum = 0;
    for (const [key, other] of source.entries()) {
      if (!mayLink(word, other)) row[key] = 0;
      sum += row[key] as number; // as long as source
    }
    if (sum > 0) for (let key = 0; key < row.length; key++) row[key] = (row[key] as number) / sum; // key < length
  }
  return weights;
}

function mayLink(target: AlignedWord, source: AlignedWord): boolean {
  return target.kind !== 'special' && target.kind === source.kind;
}

/** Each output word with the source word it has most weight on: the usual hard alignment. */
export function strongestLinks(weights: Float32Array, sourceWords: number): readonly Link[] {
  const links: Link[] = [];
  for (let target = 0; target * sourceWords < weights.length; target++) {
    let best = -1;
    let most = 0;
    for (let source = 0; source < sourceWords; source++) {
      const weight = weights[target * sourceWords + source] as number; // within the row
      if (weight > most) {
        most = weight;
        best = source;
      }
    }
    if (best >= 0) links.push({ source: best, target, weight: most });
  }
  return links;
}

/**
 * Links as pairs of numbers that count what is of the text, from 0: separators have none.
 * @param links by their places among all words
 */
export function numbered(
  links: readonly Link[],
  source: readonly AlignedWord[],
  target: readonly AlignedWord[],
): readonly Link[] {
  const [from, to] = [numbersOf(source), numbersOf(target)];
  return links.map(({ source: one, target: other, weight }) => ({
    source: from[one] ?? -1,
    target: to[other] ?? -1,
    weight,
  }));
}

function numbersOf(words: readonly AlignedWord[]): readonly number[] {
  let next = 0;
  return words.map(({ kind }) => (kind === 'special' ? -1 : next++));
}

/** Pharaoh format: `source-target` pairs, counted from 0, in the order of the source. */
export function pharaoh(links: readonly Pick<Link, 'source' | 'target'>[]): string {
  return [...links]
    .sort((a, b) => a.source - b.source || a.target - b.target)
    .map(({ source, target }) => `${source}-${target}`)
    .join(' ');
}

/** Links that people made: sure ones, and possible ones, which hold the sure ones. As `source-target`. */
export interface GoldLinks {
  readonly sure: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
}

/** Alignment error rate (Och and Ney 2003) over sentences: 1 − (|A∩S| + |A∩P|) / (|A| + |S|). NaN without any link. */
export function alignmentErrorRate(
  sentences: readonly { readonly links: readonly Pick<Link, 'source' | 'target'>[]; readonly gold: GoldLinks }[],
): number {
  let found = 0;
  let all = 0;
  for (const { links, gold } of sentences) {
    for (const { source, target } of links) {
      const link = `${source}-${target}`;
      if (gold.sure.has(link)) found += 2;
      else if (gold.possible.has(link)) found++;
    }
    all += links.length + gold.sure.size;
  }
  return 1 - found / all;
}
