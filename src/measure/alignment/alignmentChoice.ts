/** Which cross-attention an alignment is read off: what the user chose, and where he left it open the best that is known. */
import type { AlignmentChoice, AlignmentScore, HeadRef } from '../../attention/types';

/** What the user chose; `best` leaves it to what was measured. */
export interface AlignmentWish {
  readonly source: 'best' | AlignmentChoice['source'];
  readonly reading: 'best' | AlignmentChoice['reading'];
}

/** What is known of a model's heads. */
export interface AlignmentKnown {
  /** Best first; none where nothing was measured. */
  readonly scores: readonly AlignmentScore[];
  /** Heads that the model's maker names as aligning. */
  readonly named: readonly HeadRef[];
}

/**
 * @param chosen the head that is looked at
 * @returns its score where it was measured
 */
export function chooseAlignment(
  { source, reading }: AlignmentWish,
  chosen: Pick<HeadRef, 'layer' | 'head'>,
  { scores, named }: AlignmentKnown,
): AlignmentChoice & { readonly score: number | null } {
  const isWished = (one: AlignmentScore): boolean =>
    (reading === 'best' || one.reading === reading) &&
    (source === 'best' || one.source === source) &&
    (source !== 'head' || (one.layer === chosen.layer && one.head === chosen.head)) &&
    (source !== 'layer-mean' || one.layer === chosen.layer);
  const best = scores.find(isWished);
  if (best) return best;
  // Nothing was measured: what the maker says, or all heads; a word is read where it is fed (Chen et al. 2020).
  const way = reading === 'best' ? 'fed' : reading;
  const [maker] = named;
  if (source !== 'best') return { source, layer: chosen.layer, head: chosen.head, reading: way, score: null };
  return maker
    ? { source: 'head', layer: maker.layer, head: maker.head, reading: way, score: null }
    : { source: 'all-mean', layer: 0, head: 0, reading: way, score: null };
}
