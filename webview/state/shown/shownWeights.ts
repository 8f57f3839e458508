/** Numbers out of maps and rows, for the views: strongest items, drawn bytes. Nothing here rescales what the model computed. */
import type { KindInfo, MapMatrix, RowLimits } from '../../../src/attention/types';
import { zeroByte } from '../../../src/measure/bytes';
import { measureOf } from '../../../src/measure/measure';
import { sieveOf } from '../../../src/measure/reading';
import { limitsFor } from '../../../src/measure/sift';
import { isHidden, type AppState } from '../appState';

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

/** Brings a row's bytes to the whole scale: its number that is farthest from zero is at the end of it then. */
function stretch(row: Uint8Array, zero: number): void {
  let most = 0;
  for (const byte of row) most = Math.max(most, Math.abs(byte - zero));
  if (most === 0) return;
  const scale = (255 - zero) / most;
  for (let key = 0; key < row.length; key++) row[key] = zero + Math.round(((row[key] ?? zero) - zero) * scale);
}

/** The bytes as they are drawn: hidden rows and columns 0; each row by its own largest number where asked. */
export function drawnBytes(map: MapMatrix, queries: Items, keys: Items, hide: boolean, byRow: boolean): Uint8Array {
  const anyHidden = hide && (queries.some(({ special }) => special) || keys.some(({ special }) => special));
  if (!anyHidden && !byRow) return map.data;
  const measure = measureOf(map);
  const zero = zeroByte(measure);
  const out = map.data.slice();
  const hidden = keys.flatMap((_, key) => (key < map.keys && isHidden(keys[key], hide) ? [key] : []));
  for (let query = 0; query < map.queries; query++) {
    const row = out.subarray(query * map.keys, (query + 1) * map.keys);
    if (isHidden(queries[query], hide)) {
      row.fill(zero);
      continue;
    }
    for (const key of hidden) row[key] = zero;
    if (byRow) stretch(row, zero);
  }
  return out;
}
