import {
  isProbed,
  type AttentionKind,
  type AxisName,
  type MapMatrix,
  type MeasureName,
  type TokenWeights,
} from '../../attention/types';
import { isAbort } from '../../errors';
import { sieveOf } from '../../measure/reading';
import { isSifting } from '../../measure/sift';
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

/** What is shown of a text: the measure that is looked at, and what of the text it was made. */
type ShownMeasure = Omit<ShownNumbers, 'list'>;

/** The measure that is looked at, which is made where it is not there yet; weights where it cannot be had. */
export async function shownMeasure(
  weights: Weights,
  { measure }: WholeView,
  explanation: string,
  signal: AbortSignal,
): Promise<ShownMeasure> {
  if (!isProbed(measure)) return { asked: { explanation }, measure };
  try {
    const { of } = await weights.measure({ explanation, measure }, signal);
    return { asked: { explanation, of }, measure };
  } catch (thrown) {
    if (signal.aborted || isAbort(thrown)) throw thrown;
    return { asked: { explanation }, measure: 'weight' };
  }
}

/** Some tokens' numbers by the measure that is looked at. */
export async function shownNumbers(
  weights: Weights,
  view: WholeView,
  query: Omit<TokenQuery, 'of' | 'measure'>,
  signal: AbortSignal,
): Promise<ShownNumbers> {
  const shown = await shownMeasure(weights, view, query.explanation, signal);
  const { asked, measure } = shown;
  const list = await weights.tokenWeights({ ...query, ...asked, ...(isProbed(measure) && { measure }) }, signal);
  return { ...shown, list };
}

/** The map on show of one kind, cut and renormalised as it is shown. */
export function shownMap(
  weights: Weights,
  { asked, measure }: ShownMeasure,
  { kind, view, axis }: { readonly kind: AttentionKind; readonly view: WholeView; readonly axis: AxisName },
  signal: AbortSignal,
): Promise<MapMatrix> {
  const { layer, head, source } = view;
  const sieve = sieveOf(view, kind);
  return weights.head(
    { ...asked, kind, layer, head, measure, source, axis, ...(isSifting(sieve) && { sieve }) },
    signal,
  );
}
