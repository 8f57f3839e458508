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
