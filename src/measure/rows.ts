/** A measure of one token, from its exact weights in every head. Layouts are those of TokenWeights: [layer][head][length]. */
import type { HeadPlace, HeadRef, MapRef, MapSource, MeasureName, TokenWeights } from '../attention/types';
import { meanOfAll, pool, poolingOf, type Pooling } from './source';

type Weights = Pick<TokenWeights, 'layers' | 'heads' | 'length' | 'data' | 'rollout'>;

/** The [length] row of one head in [layer][head][length]; a view, not a copy. */
function headRow({ data, heads, length }: Weights, layer: number, head: number): Float32Array {
  const from = (layer * heads + head) * length;
  return data.subarray(from, from + length);
}

/** The head to show in a kind that may have fewer layers or heads than the chosen one. */
export function headWithin(
  { layers, heads }: { readonly layers: number; readonly heads: number },
  { layer, head }: Pick<HeadRef, 'layer' | 'head'>,
): { readonly layer: number; readonly head: number } {
  return { layer: Math.min(layer, layers - 1), head: Math.min(head, heads - 1) };
}

function pooledRow(weights: Weights, pooling: Pooling): Float32Array {
  const { heads } = weights;
  const out = new Float32Array(weights.length);
  for (const at of pooling.heads) pool(out, headRow(weights, Math.floor(at / heads), at % heads), pooling);
  return out;
}

/** The weights of a head or of several taken together, [length]; zeros for a rollout that was not asked for. */
function sourceRow(weights: Weights, source: MapSource, at: HeadPlace): Float32Array {
  const place = headWithin(weights, at);
  switch (source.type) {
    case 'head':
      return headRow(weights, place.layer, place.head);
    case 'rollout':
      return weights.rollout ?? new Float32Array(weights.length);
    case 'heads':
      return pooledRow(weights, poolingOf(source, weights, place));
  }
}

/** One measured row, [length], exact. */
export function measuredRow(weights: Weights, ref: Omit<MapRef, 'kind' | 'axis'>): Float32Array {
  const row = sourceRow(weights, ref.source, ref);
  switch (ref.measure) {
    case 'weight':
    case 'moved':
    case 'contribution':
      return row;
    case 'difference': {
      const mean = pooledRow(weights, meanOfAll(weights));
      return row.map((weight, i) => weight - (mean[i] as number)); // of one length
    }
  }
}

/** The measure of every head by itself, [layer][head][length]. */
export function measuredHeads(weights: Weights, measure: MeasureName): Float32Array {
  switch (measure) {
    case 'weight':
    case 'moved':
    case 'contribution':
      return weights.data;
    case 'difference': {
      const mean = pooledRow(weights, meanOfAll(weights));
      return weights.data.map((weight, i) => weight - (mean[i % weights.length] as number)); // i % length < length
    }
  }
}
