/** Masked tokens: what the model reads in their place, and what each mask hides. */
import type { Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import type { MaskedPlace } from '../../transformer/fill';
import type { LoadedModel } from '../model/loadedModel';

export interface MaskedText {
  /** With the mask in place of what is masked; masked tokens keep their place in the text. */
  readonly tokens: readonly Token[];
  /** Every mask, typed or put there, in order. */
  readonly places: readonly MaskedPlace[];
}

/** False for what the tokenizer puts round a text. */
const isOfText = ({ special, start }: Token): boolean => !special || start >= 0;

/**
 * Puts the model's mask in place of the tokens at `masked`; those that the tokenizer added (`[CLS]`) stay. A mask
 * stands for a piece of the text and is what one wants to see: it does not count as special, so no switch hides it.
 * @throws ExplainError INVALID_REQUEST where tokens are to be masked and the model fills no masks
 */
export function maskTokens(
  tokens: readonly Token[],
  masked: readonly number[],
  model: Pick<LoadedModel, 'tokenizer' | 'report'>,
): MaskedText {
  const mask = model.report.fillsMasks ? model.tokenizer.maskToken : null;
  if (!mask) {
    if (masked.length > 0) throw new ExplainError('INVALID_REQUEST', say('engine.noMasks', { example: 'BERT' }));
    return { tokens, places: [] };
  }
  const wanted = new Set(masked);
  const places: MaskedPlace[] = [];
  const out = tokens.map((token, index): Token => {
    const typed = token.id === mask.id;
    if (!typed && !(wanted.has(index) && isOfText(token))) return token;
    places.push({ index, original: typed ? null : token.id });
    return { ...token, id: mask.id, text: mask.text, special: false, partial: false };
  });
  return { tokens: out, places };
}
