import { isProbed } from '../../attention/types';
import type { TokenWeights } from '../../attention/types';
import { isAbort } from '../../errors';
import { wholeView } from '../../protocol/defaultView';
import type { TokenQuery } from '../../protocol/engine';
import type { ViewState } from '../../protocol/panel';
import type { Weights } from '../../session/session';

/**
 * Some tokens' numbers by the measure that is looked at, which is made where it is not there yet. Each entry says what it is: where the
 * measure cannot be had they are weights, as in the panel.
 */
export async function shownNumbers(
  weights: Weights,
  view: ViewState,
  query: Omit<TokenQuery, 'of' | 'measure'>,
  signal: AbortSignal,
): Promise<readonly TokenWeights[]> {
  const { measure, source } = wholeView(view);
  // A rollout is not of what is moved (`shownMeasure.ts`).
  if (!isProbed(measure) || (measure === 'moved' && source.type === 'rollout'))
    return weights.tokenWeights(query, signal);
  try {
    const { of } = await weights.measure({ explanation: query.explanation, measure }, signal);
    return await weights.tokenWeights({ ...query, of, measure }, signal);
  } catch (thrown) {
    if (signal.aborted || isAbort(thrown)) throw thrown;
    return weights.tokenWeights(query, signal);
  }
}
