/**
 * The one type for "a number for each query and key". Whoever draws, lists, exports or speaks such numbers reads from
 * here what they are; a new measure or a new source is a new way to make one of these, and nothing else changes.
 */
import type { AttentionKind, MapMatrix, MapRef, MeasureFit } from '../attention/types';
import { fromByte, toBytes } from './bytes';
import { measureOf, type Measure } from './measure';
import { headWithin } from './rows';
import { pool, poolingOf } from './source';

export interface AttentionMap extends MapRef {
  readonly queries: number;
  readonly keys: number;
  /** What the fixed colour scale spans. */
  readonly range: readonly [least: number, most: number];
  readonly signed: boolean;
  /** Of a measure that is made by a further pass. */
  readonly fit?: MeasureFit | undefined;
  /** The numbers, row-major [queries][keys]. */
  rows(): Float32Array;
}

/** Where exact weights come from: what a store of weights can tell. */
export interface WeightSource {
  readonly layers: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** One head's weights, row-major [queries][keys]; what a query did not see is 0. */
  headRows(layer: number, head: number): Float32Array;
}

const describe = (
  ref: MapRef,
  measure: Measure,
  fit: MeasureFit | undefined,
): Omit<AttentionMap, 'queries' | 'keys' | 'rows'> & { readonly kind: AttentionKind } => ({
  kind: ref.kind,
  layer: ref.layer,
  head: ref.head,
  measure: ref.measure,
  source: ref.source,
  range: measure.range,
  signed: measure.signed,
  fit,
});

function* pooled(weights: WeightSource, ref: MapRef): Generator<undefined, Float32Array, undefined> {
  const { layers, heads, queries, keys } = weights;
  const pooling = poolingOf(ref.source, { layers, heads, ...headWithin({ layers, heads }, ref) });
  const out = new Float32Array(queries * keys);
  for (let head = pooling.from; head < pooling.to; head++) {
    pool(out, weights.headRows(Math.floor(head / heads), head % heads), pooling);
    yield undefined;
  }
  return out;
}

/**
 * Computes a map from exact weights, with a pause after each head: many heads of a long text take a second.
 * @param fit what the numbers are, where they are not weights
 */
export function* mapInSteps(
  weights: WeightSource,
  ref: MapRef,
  fit?: MeasureFit,
): Generator<undefined, AttentionMap, undefined> {
  const values = yield* pooled(weights, ref);
  switch (ref.measure) {
    case 'weight':
    case 'moved':
    case 'contribution':
      break;
    case 'difference': {
      const mean = yield* pooled(weights, { ...ref, source: 'all-mean' });
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - (mean[i] as number); // of one length
      break;
    }
  }
  const { queries, keys } = weights;
  return { ...describe(ref, measureOf({ measure: ref.measure, fit }), fit), queries, keys, rows: () => values };
}

/** A map as it travels: bytes of its measure's fixed scale. */
export function toMatrix(map: AttentionMap): MapMatrix {
  const { kind, layer, head, measure, source, queries, keys, fit } = map;
  const data = toBytes(map.rows(), measureOf(map));
  return { kind, layer, head, measure, source, queries, keys, data, ...(fit && { fit }) };
}

/** A map that has travelled; its numbers are as exact as bytes are. */
export function fromMatrix(matrix: MapMatrix): AttentionMap {
  const measure = measureOf(matrix);
  const { queries, keys, data } = matrix;
  return {
    ...describe(matrix, measure, matrix.fit),
    queries,
    keys,
    rows: () => Float32Array.from(data, (byte) => fromByte(byte, measure)),
  };
}
