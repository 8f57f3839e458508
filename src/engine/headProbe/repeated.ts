/** A random sequence of tokens, twice: what an induction head goes on with (Olsson et al. 2022, arXiv 2209.11895). */
import type { Token } from '../../attention/types';
import type { TextTokenizer } from '../../tokenizer/index';
import { seededNumber } from '../../transformer/decoding/seededNumber';

/** Tokens in the sequence, before it is repeated. */
const LENGTH = 50;
/** So many draws for each token that is wanted: most of a vocabulary are plain pieces. */
const MOST_DRAWS = 40;

/** Any seed would do; with the same one the same tokens are drawn each time. */
const SEED = 2022;

/**
 * Different pieces of words, drawn at random but the same for the same vocabulary, and then all of them again.
 * @param most tokens that both halves may take together
 */
export function repeatedTokens(
  { vocabularySize, token, specialIds }: Pick<TextTokenizer, 'vocabularySize' | 'token' | 'specialIds'>,
  most: number,
): readonly Token[] {
  const wanted = Math.max(0, Math.min(LENGTH, Math.floor(most / 2)));
  const drawn = new Map<number, Token>();
  for (let draws = 0; drawn.size < wanted && draws < wanted * MOST_DRAWS; draws++) {
    const id = Math.floor(seededNumber(SEED, draws) * vocabularySize);
    if (drawn.has(id) || specialIds.has(id)) continue;
    const piece = token(id);
    if (!piece.special && !piece.partial && /\p{L}/u.test(piece.text)) drawn.set(id, piece);
  }
  const half = [...drawn.values()];
  return [...half, ...half];
}
