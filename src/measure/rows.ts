/** A measure of one token, from its exact weights in every head. Layouts are those of TokenWeights: [layer][head][length]. */
import type { HeadRef, MapRef, MeasureName, SourceName, TokenWeights } from '../attention/types';
import { pool, poolingOf } from './source';

type Weights = Pick<TokenWeights, 'layers' | 'heads' | 'length' | 'data'>;

/** The [length] row of one head in [layer][head][length]; a view, not a copy. */
export function headRow({ data, heads, length }: Weights, layer: number, head: number): Float32Array {
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

/** The weights of a head or of several taken together, [length]. */
export function sourceRow(weights: Weights, source: SourceName, at: Pick<HeadRef, 'layer' | 'head'>): Float32Array {
  const { layers, heads } = weights;
  const place = headWithin(weights, at);
  if (source === 'head') return headRow(weights, place.layer, place.head);
  const pooling = poolingOf(source, { layers, heads, ...place });
  const out = new Float32Array(weights.length);
  for (let head = pooling.from; head < pooling.to; head++)
    pool(out, headRow(weights, Math.floor(head / heads), head % heads), pooling);
  return out;
}

/** One measured row, [length], exact. */
export function measuredRow(weights: Weights, ref: Omit<MapRef, 'kind'>): Float32Array {
  const row = sourceRow(weights, ref.source, ref);
  switch (ref.measure) {
    case 'weight':
    case 'moved':
    case 'contribution':
      return row;
    case 'difference': {
      const mean = sourceRow(weights, 'all-mean', ref);
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
      const mean = sourceRow(weights, 'all-mean', { layer: 0, head: 0 });
      return weights.data.map((weight, i) => weight - (mean[i % weights.length] as number)); // i % length < length
    }
  }
}
