/** What each key of a map receives on average: by this a text is coloured, in the panel and in the editor, while no token is looked at. */
import type { KindInfo, MapMatrix } from '../attention/types';
import { fromByte } from './bytes';
import { measureOf } from './measure';
import { readingOfRow, type ReadingView, type TokenReading } from './reading';

/** What stands along a side of the map. */
type Items = readonly { readonly special: boolean }[];

/** The reading of a text in which no token is looked at. @param units of the map's two sides, sinks marked */
export function restingReading(
  map: MapMatrix,
  info: KindInfo,
  units: { readonly queries: Items; readonly keys: Items },
  view: ReadingView,
): TokenReading {
  const mean = meanReceived(map, info, units.queries, view.hideSpecial[info.kind]);
  return readingOfRow(mean, info.kind, info.keys, units.keys, { ...view, measure: map.measure }, map.fit);
}

/**
 * The mean number that each key receives from the queries that may look at it (in a causal self-attention those at or
 * after it); hidden queries are left out. A number grows evenly with its byte, so the mean of the numbers is the number
 * of the mean byte: whole numbers are summed, which takes half of the time. A long text has sixteen million of them, so
 * what was made last of a map is kept for the other view that asks.
 */
export function meanReceived(map: MapMatrix, info: KindInfo, queries: Items, hide: boolean): Float32Array {
  const kept = meansMade.get(map);
  if (kept?.queries === queries && kept.hide === hide) return kept.means;
  const means = meansByKey(map, info, queries, hide);
  meansMade.set(map, { queries, hide, means });
  return means;
}

const meansMade = new WeakMap<
  MapMatrix,
  { readonly queries: Items; readonly hide: boolean; readonly means: Float32Array }
>();

function meansByKey(map: MapMatrix, info: KindInfo, queries: Items, hide: boolean): Float32Array {
  const { data, keys } = map;
  const measure = measureOf(map);
  const causal = info.kind === 'decoder';
  const sums = new Uint32Array(keys);
  const shown = Uint8Array.from({ length: map.queries }, (_, query) =>
    hide && queries[query]?.special === true ? 0 : 1,
  );
  for (let query = 0; query < map.queries; query++) {
    if (shown[query] === 0) continue;
    const from = query * keys;
    const end = causal ? Math.min(keys, query + 1) : keys;
    for (let key = 0; key < end; key++) sums[key] = (sums[key] as number) + (data[from + key] as number); // both within
  }
  // From the last key to the first: in a causal self-attention each key is seen by all that see the key after it, and by its own query.
  const means = new Float32Array(keys);
  let count = 0;
  let query = map.queries - 1;
  for (let key = keys - 1; key >= 0; key--) {
    const first = causal ? key : 0;
    for (; query >= first; query--) count += shown[query] as number; // query < queries
    means[key] = count > 0 ? fromByte((sums[key] as number) / count, measure) : 0;
  }
  return means;
}
