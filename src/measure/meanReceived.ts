/** What each key of a map receives on average: by this a text is coloured, in the panel and in the editor, while no token is looked at. */
import { atOnce, type Steps } from '../attention/inSteps';
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
  return atOnce(meanReceivedInSteps(map, info, queries, hide));
}

/** The same in steps of about a million numbers, for who has to let others in between; `meanReceived` then has it at once. */
export function* meanReceivedInSteps(
  map: MapMatrix,
  info: KindInfo,
  queries: Items,
  hide: boolean,
): Steps<Float32Array> {
  const kept = meansMade.get(map);
  if (kept?.queries === queries && kept.hide === hide) return kept.means;
  const means = yield* meansByKey(map, info, queries, hide);
  meansMade.set(map, { queries, hide, means });
  return means;
}

/** So many numbers are summed in a step: some milliseconds. */
const STEP = 1 << 20;

const meansMade = new WeakMap<
  MapMatrix,
  { readonly queries: Items; readonly hide: boolean; readonly means: Float32Array }
>();

/** Adds some rows of a map to the sums of its keys. A function of its own, as the browser makes it fast once for all of the steps. */
function addRows(
  sums: Uint32Array,
  data: Uint8Array,
  first: number,
  end: number,
  shown: Uint8Array,
  causal: boolean,
): void {
  const keys = sums.length;
  for (let query = first; query < end; query++) {
    if (shown[query] === 0) continue;
    const from = query * keys;
    const seen = causal ? Math.min(keys, query + 1) : keys;
    for (let key = 0; key < seen; key++) sums[key] = (sums[key] as number) + (data[from + key] as number); // both within
  }
}

function* meansByKey(map: MapMatrix, info: KindInfo, queries: Items, hide: boolean): Steps<Float32Array> {
  const { data, keys } = map;
  const measure = measureOf(map);
  const causal = info.kind === 'decoder';
  const sums = new Uint32Array(keys);
  const shown = Uint8Array.from({ length: map.queries }, (_, query) =>
    hide && queries[query]?.special === true ? 0 : 1,
  );
  const rows = Math.max(1, Math.floor(STEP / keys));
  for (let first = 0; first < map.queries; first += rows) {
    if (first > 0) yield undefined;
    addRows(sums, data, first, Math.min(map.queries, first + rows), shown, causal);
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
