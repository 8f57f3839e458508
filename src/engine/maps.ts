/** A map of what an explanation holds, as it travels. */
import type { AttentionNumbers } from '../attention/attentionNumbers';
import type { MapMatrix } from '../attention/types';
import { mapInSteps, toMatrix } from '../measure/map';
import { measureWithin } from '../measure/measure';
import type { MapQuery } from '../protocol/engine';
import { inSlices } from './macrotask';

/** @throws ExplainError INVALID_REQUEST where the model has no such head; AbortError */
export async function mapOf(
  weights: AttentionNumbers,
  { kind, layer, head, measure: wanted = 'weight', source = 'head' }: Omit<MapQuery, 'explanation' | 'of'>,
  signal?: AbortSignal,
): Promise<MapMatrix> {
  const fit = weights.fit(kind);
  const measure = measureWithin(wanted, fit);
  const ref = { kind, layer, head, measure, source };
  // A head's own weights are what is asked for most: their bytes are made straight from where they lie.
  if (measure === 'weight' && source === 'head') return { ...weights.head(ref), ...ref };
  return toMatrix(await inSlices(mapInSteps(weights.kind(kind), ref, fit), signal));
}
