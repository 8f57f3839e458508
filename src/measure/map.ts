/**
 * The one type for "a number for each query and key". Whoever draws, lists, exports or speaks such numbers reads from
 * here what they are; a new measure or a new source is a new way to make one of these, and nothing else changes.
 */
import type { AttentionKind, MapMatrix, MapRef, MeasureFit } from '../attention/types';
import { toBytes } from './bytes';
import { measureOf, type Measure } from './measure';
import { headWithin } from './rows';
import { meanOfAll, pool, poolingOf, type HeadsSource, type Pooling } from './source';
import { groupMatrix, type TokenSpan } from './words/group';

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
  axis: ref.axis,
  range: measure.range,
  signed: measure.signed,
  fit,
});

/**
 * The same weights between words: to a word the sum over its tokens, from a word the mean over its tokens. Both are
 * linear, so a mean over heads is the same before and after; a maximum is taken between words.
 */
export function groupedWeights(
  weights: WeightSource,
  querySpans: readonly TokenSpan[],
  keySpans: readonly TokenSpan[],
): WeightSource {
  return {
    layers: weights.layers,
    heads: weights.heads,
    queries: querySpans.length,
    keys: keySpans.length,
    headRows: (layer, head) => groupMatrix(weights.headRows(layer, head), weights.keys, querySpans, keySpans),
  };
}

function* pooled(weights: WeightSource, pooling: Pooling): Generator<undefined, Float32Array, undefined> {
  const { heads, queries, keys } = weights;
  const out = new Float32Array(queries * keys);
  for (const at of pooling.heads) {
    pool(out, weights.headRows(Math.floor(at / heads), at % heads), pooling);
    yield undefined;
  }
  return out;
}

/** A map of heads' own numbers; a rollout is made of whole layers (`rollout/`). */
export type HeadsMapRef = MapRef & { readonly source: HeadsSource };

export const isOfHeads = (ref: MapRef): ref is HeadsMapRef => ref.source.type !== 'rollout';

/**
 * Computes a map from exact weights, with a pause after each head: many heads of a long text take a second.
 * @param weights on the axis that `ref` names
 * @param fit what the numbers are, where they are not weights
 */
export function* mapInSteps(
  weights: WeightSource,
  ref: HeadsMapRef,
  fit?: MeasureFit,
): Generator<undefined, AttentionMap, undefined> {
  const values = yield* pooled(weights, poolingOf(ref.source, weights, headWithin(weights, ref)));
  switch (ref.measure) {
    case 'weight':
    case 'moved':
    case 'contribution':
      break;
    case 'difference': {
      const mean = yield* pooled(weights, meanOfAll(weights));
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - (mean[i] as number); // of one length
      break;
    }
  }
  const { queries, keys } = weights;
  return mapOfNumbers(values, ref, queries, keys, fit);
}

/** A map of numbers that were computed elsewhere. @param values row-major [queries][keys] */
export function mapOfNumbers(
  values: Float32Array,
  ref: MapRef,
  queries: number,
  keys: number,
  fit?: MeasureFit,
): AttentionMap {
  return { ...describe(ref, measureOf({ measure: ref.measure, fit }), fit), queries, keys, rows: () => values };
}

/** A map as it travels: bytes of its measure's fixed scale. */
export function toMatrix(map: AttentionMap): MapMatrix {
  const { kind, layer, head, measure, source, axis, queries, keys, fit } = map;
  const data = toBytes(map.rows(), measureOf(map));
  return { kind, layer, head, measure, source, axis, queries, keys, data, ...(fit && { fit }) };
}
