/** A token that the model might write, with its text. */
import type { Alternative } from '../../protocol/engine';
import type { TextTokenizer } from '../../tokenizer/index';
import type { TokenProbability } from '../../transformer/probabilities';

/** @param before the tokens that it would come after: a character that it completes is whole */
export const alternativeOf = (
  { id, probability }: TokenProbability,
  tokenizer: TextTokenizer,
  before: readonly number[] = [],
): Alternative => ({ id, probability, ...tokenizer.after(before, id) });
