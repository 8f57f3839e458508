/** A random sequence of tokens, twice: what an induction head goes on with (Olsson et al. 2022, arXiv 2209.11895). */
import type { Token } from '../../attention/types';
import type { TextTokenizer } from '../../tokenizer/index';

/** Tokens in the sequence, before it is repeated. */
const LENGTH = 50;
/** So many draws for each token that is wanted: most of a vocabulary are plain pieces. */
const MOST_DRAWS = 40;

/** Numbers in [0, 1), the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Different pieces of words, drawn at random but the same for the same vocabulary, and then all of them again.
 * @param most tokens that both halves may take together
 */
export function repeatedTokens(
  { vocabularySize, token, specialIds }: Pick<TextTokenizer, 'vocabularySize' | 'token' | 'specialIds'>,
  most: number,
): readonly Token[] {
  const next = seeded(2022);
  const wanted = Math.max(0, Math.min(LENGTH, Math.floor(most / 2)));
  const drawn = new Map<number, Token>();
  for (let draws = 0; drawn.size < wanted && draws < wanted * MOST_DRAWS; draws++) {
    const id = Math.floor(next() * vocabularySize);
    if (drawn.has(id) || specialIds.has(id)) continue;
    const piece = token(id);
    if (!piece.special && !piece.partial && /\p{L}/u.test(piece.text)) drawn.set(id, piece);
  }
  const half = [...drawn.values()];
  return [...half, ...half];
}
