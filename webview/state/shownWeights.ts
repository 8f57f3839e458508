/** Numbers out of maps and rows, for the views: strongest items, means. Nothing here rescales what the model computed. */
import type { KindInfo, MapMatrix, RowLimits } from '../../src/attention/types';
import { fromByte, zeroByte } from '../../src/measure/bytes';
import { measureOf } from '../../src/measure/measure';
import { sieveOf } from '../../src/measure/reading';
import { limitsFor } from '../../src/measure/sift';
import { isHidden, type AppState } from './appState';

/** What cutting came to in the rows of the map on show, where that is of this kind. */
export const limitsIn = ({ map, view }: AppState, { kind }: KindInfo): RowLimits | undefined =>
  map?.kind === kind ? limitsFor(map, sieveOf(view, kind)) : undefined;

/** What stands along a row of numbers. */
type Items = readonly { readonly special: boolean }[];

export interface Strongest {
  readonly index: number;
  readonly value: number;
}

/** The `most` numbers of a row that are farthest from 0, farthest first, hidden items and zeros left out. */
export function strongest(row: Float32Array, items: Items, hide: boolean, most: number): readonly Strongest[] {
  const best: Strongest[] = [];
  let least = 0;
  for (let index = 0; index < row.length; index++) {
    const value = row[index] ?? 0;
    const size = Math.abs(value);
    // What is no number (a word without a partner in the text beside) is not larger than anything.
    if (!(size > least) || isHidden(items[index], hide)) continue;
    let at = best.length;
    while (at > 0 && Math.abs(best[at - 1]?.value ?? 0) < size) at--;
    best.splice(at, 0, { index, value });
    if (best.length > most) best.pop();
    if (best.length === most) least = Math.abs(best[most - 1]?.value ?? 0);
  }
  return best;
}

/**
 * Each head's number that is farthest from 0, [layer][head], and its index (-1 where all are 0).
 * @param data [layer][head][length]
 */
export function headMaxima(
  { layers, heads, length }: { readonly layers: number; readonly heads: number; readonly length: number },
  data: Float32Array,
  items: Items,
  hide: boolean,
): { readonly value: Float32Array; readonly index: Int32Array } {
  const value = new Float32Array(layers * heads);
  const index = new Int32Array(layers * heads).fill(-1);
  const hidden = Uint8Array.from({ length }, (_, at) => (isHidden(items[at], hide) ? 1 : 0));
  for (let head = 0, from = 0; head < layers * heads; head++, from += length) {
    for (let at = 0; at < length; at++) {
      const number = data[from + at] ?? 0;
      if (hidden[at] === 1 || Math.abs(number) <= Math.abs(value[head] ?? 0)) continue;
      value[head] = number;
      index[head] = at;
    }
  }
  return { value, index };
}

/** One item's number in every head, [layer][head], out of [layer][head][length]. */
export function headNumbersAt(data: Float32Array, heads: number, length: number, at: number): Float32Array {
  return Float32Array.from({ length: heads }, (_, head) => (at < length ? (data[head * length + at] ?? 0) : 0));
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
  const shown = Uint8Array.from({ length: map.queries }, (_, query) => (isHidden(queries[query], hide) ? 0 : 1));
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

/** The bytes as they are drawn: hidden rows and columns 0; each row by its own largest number where asked. */
export function drawnBytes(map: MapMatrix, queries: Items, keys: Items, hide: boolean, byRow: boolean): Uint8Array {
  const anyHidden = hide && (queries.some(({ special }) => special) || keys.some(({ special }) => special));
  if (!anyHidden && !byRow) return map.data;
  const measure = measureOf(map);
  const zero = zeroByte(measure);
  const reach = 255 - zero;
  const out = new Uint8Array(map.data.length).fill(zero);
  const shown = Uint8Array.from({ length: map.keys }, (_, key) => (isHidden(keys[key], hide) ? 0 : 1));
  for (let query = 0; query < map.queries; query++) {
    if (isHidden(queries[query], hide)) continue;
    const from = query * map.keys;
    let scale = 1;
    if (byRow) {
      let most = 0;
      for (let key = 0; key < map.keys; key++)
        if (shown[key] === 1) most = Math.max(most, Math.abs((map.data[from + key] ?? zero) - zero));
      scale = most > 0 ? reach / most : 0;
    }
    for (let key = 0; key < map.keys; key++)
      if (shown[key] === 1) out[from + key] = zero + Math.round(((map.data[from + key] ?? zero) - zero) * scale);
  }
  return out;
}
