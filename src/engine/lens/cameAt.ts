/** Which token came where the model predicts one. */
import type { SequenceName } from '../../attention/types';
import type { OutputText } from '../ablation/outputPlaces';

/**
 * The token that a place's logits predict: the next one of a text that is written, the place's own of an encoder, or what its
 * mask hides; null where nothing has come yet, and for a mask that was typed.
 */
export function cameAt(
  { source, target, fills }: Pick<OutputText, 'source' | 'target' | 'fills'>,
  sequence: SequenceName,
  index: number,
): number | null {
  if (sequence === 'target') return target[index + 1]?.id ?? null;
  const fill = fills.find((one) => one.index === index);
  if (fill) return fill.original?.id ?? null;
  return source[index]?.id ?? null;
}
