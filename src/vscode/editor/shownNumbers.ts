import { isProbed, type MeasureName, type TokenWeights } from '../../attention/types';
import { isAbort } from '../../errors';
import type { WholeView } from '../../protocol/defaultView';
import type { TokenQuery, WeightsQuery } from '../../protocol/engine';
import type { Weights } from '../../session/weights';

export interface ShownNumbers {
  /** Each entry says what it is: where the measure cannot be had they are weights, as in the panel. */
  readonly list: readonly TokenWeights[];
  /** What they were asked about, so that more can be asked about the same. */
  readonly asked: WeightsQuery;
  readonly measure: MeasureName;
}

/** Some tokens' numbers by the measure that is looked at, which is made where it is not there yet. */
export async function shownNumbers(
  weights: Weights,
  { measure }: WholeView,
  query: Omit<TokenQuery, 'of' | 'measure'>,
  signal: AbortSignal,
): Promise<ShownNumbers> {
  const { explanation } = query;
  if (isProbed(measure)) {
    try {
      const { of } = await weights.measure({ explanation, measure }, signal);
      const asked = { explanation, of };
      return { list: await weights.tokenWeights({ ...query, of, measure }, signal), asked, measure };
    } catch (thrown) {
      if (signal.aborted || isAbort(thrown)) throw thrown;
    }
  }
  const own = isProbed(measure) ? 'weight' : measure;
  return { list: await weights.tokenWeights(query, signal), asked: { explanation }, measure: own };
}
