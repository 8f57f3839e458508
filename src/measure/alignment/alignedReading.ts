/** A focused word's row of an alignment, as the running text and the editor colour it. */
import type { SequenceName, Token } from '../../attention/types';
import { MEASURES } from '../measure';
import type { TokenReading } from '../reading';
import { alignedWords } from './alignedWords';

/** An alignment's shares, [target words][source words]. */
export interface AlignedShares {
  readonly sourceWords: number;
  readonly data: Float32Array;
}

/** The shares of a word with each word of the other text: of a written word its row, of a source word its column. */
export function sharesOf({ sourceWords, data }: AlignedShares, sequence: SequenceName, word: number): Float32Array {
  if (sequence === 'target') return data.slice(word * sourceWords, (word + 1) * sourceWords);
  const rows = sourceWords === 0 ? 0 : data.length / sourceWords;
  return Float32Array.from({ length: rows }, (_, row) => data[row * sourceWords + word] ?? 0);
}

/**
 * Each token of the other text with the share of the word that it is in; of several focused words their mean.
 * @param tokens both texts
 * @param indices tokens that are focused, of `sequence`
 */
export function alignedReading(
  shares: AlignedShares,
  tokens: Readonly<Record<SequenceName, readonly Token[]>>,
  sequence: SequenceName,
  indices: readonly number[],
): TokenReading {
  const wanted = new Set(indices);
  const others: SequenceName = sequence === 'target' ? 'source' : 'target';
  const focused = alignedWords(tokens[sequence]).flatMap(({ from, to }, word) =>
    Array.from({ length: to - from }, (_, index) => from + index).some((index) => wanted.has(index)) ? [word] : [],
  );
  const values = new Float32Array(tokens[others].length);
  const words = alignedWords(tokens[others]);
  for (const word of focused)
    for (const [other, share] of sharesOf(shares, sequence, word).entries()) {
      const { from = 0, to = 0 } = words[other] ?? {};
      for (let token = from; token < to; token++) values[token] = (values[token] ?? 0) + share / focused.length;
    }
  return { measure: MEASURES.weight, sequence: others, values, isHidden: () => false, scale: 1 };
}
