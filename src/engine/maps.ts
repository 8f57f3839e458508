/** A map of what an explanation holds, as it travels. */
import type { AttentionStore } from '../attention/attentionStore';
import type { MapMatrix } from '../attention/types';
import { mapInSteps, toMatrix } from '../measure/map';
import type { MapQuery } from '../protocol/engine';
import { inSlices } from './macrotask';

/** @throws ExplainError INVALID_REQUEST where the model has no such head; AbortError */
export async function mapOf(
  weights: AttentionStore,
  { kind, layer, head, measure = 'weight', source = 'head' }: Omit<MapQuery, 'explanation' | 'of'>,
  signal?: AbortSignal,
): Promise<MapMatrix> {
  const ref = { kind, layer, head, measure, source };
  // A head's own weights are what is asked for most: their bytes are made straight from where they lie.
  if (measure === 'weight' && source === 'head') return { ...weights.head(ref), ...ref };
  return toMatrix(await inSlices(mapInSteps(weights.kind(kind), ref), signal));
}
