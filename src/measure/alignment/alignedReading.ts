/** A focused word's row of an alignment, as the running text and the editor colour it. */
import type { AxisName, SequenceName, Token } from '../../attention/types';
import { MEASURES } from '../measure';
import type { TokenReading } from '../reading';
import { unitsOf, unitsWith } from '../units';
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
 * What stands along an axis of the other text, each with the share of the word that it is or is in; of several focused
 * words their mean.
 * @param tokens both texts
 */
export function alignedReading(
  shares: AlignedShares,
  tokens: Readonly<Record<SequenceName, readonly Token[]>>,
  axis: AxisName,
  { sequence, indices }: { readonly sequence: SequenceName; readonly indices: readonly number[] },
): TokenReading {
  const others: SequenceName = sequence === 'target' ? 'source' : 'target';
  const words = alignedWords(tokens[others]);
  const focused = unitsWith(unitsOf(tokens[sequence], 'words'), indices);
  const values = Float32Array.from(unitsOf(tokens[others], axis), () => 0);
  for (const word of focused)
    for (const [other, share] of sharesOf(shares, sequence, word).entries()) {
      const { from = 0, to = 0 } = words[other] ?? {};
      const [first, end] = axis === 'words' ? [other, other + 1] : [from, to];
      for (let at = first; at < end; at++) values[at] = (values[at] ?? 0) + share / focused.length;
    }
  return { measure: MEASURES.weight, sequence: others, values, isHidden: () => false, scale: 1 };
}
