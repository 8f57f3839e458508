/** Cutting a row to what is worth seeing, and renormalising what is left. A number is shown or not by its size alone. */
import type { MapMatrix, RowCut, RowLimits, Sieve } from '../attention/types';
import type { Measure } from './measure';

/** True where a sieve changes anything: hidden sinks alone are left out by whoever draws. */
export const isSifting = ({ cut, renormalise }: Sieve): boolean => cut.type !== 'all' || renormalise;

/** Equal sieves have equal keys; '' where nothing is sifted. */
export function sieveKey(sieve: Sieve): string {
  if (!isSifting(sieve)) return '';
  const { cut, renormalise, hide } = sieve;
  const value = { all: 1, mass: cut.type === 'mass' ? cut.share : 0, least: cut.type === 'least' ? cut.size : 0 }[
    cut.type
  ];
  return `${cut.type}${value}${renormalise ? '/renormalised' : ''}${hide ? '/hidden' : ''}`;
}

export interface RowLimit {
  /** The least size that is shown. */
  readonly least: number;
  /** What is shown is multiplied by it; 1 unless it is renormalised. */
  readonly factor: number;
}

/** So much may rounding take from a share. */
const ROUNDING = 1e-6;

/**
 * What a sieve comes to in one row: of the sizes that may be seen the largest, as few as make up the share of their sum.
 * @param isHidden what has no part in the row
 */
function rowLimit(
  row: Float32Array,
  { cut, renormalise, hide }: Sieve,
  { shares }: Pick<Measure, 'shares'>,
  isHidden: (index: number) => boolean,
): RowLimit {
  const sizes: number[] = [];
  row.forEach((value, index) => {
    if (value !== 0 && !(hide && isHidden(index))) sizes.push(Math.abs(value));
  });
  const least = leastOf(sizes, cut);
  if (!renormalise || !shares) return { least, factor: 1 };
  const sum = sizes.reduce((all, size) => (size >= least ? all + size : all), 0);
  return { least, factor: sum > 0 ? 1 / sum : 1 };
}

function leastOf(sizes: number[], cut: RowCut): number {
  switch (cut.type) {
    case 'all':
      return 0;
    case 'least':
      return cut.size;
    case 'mass': {
      sizes.sort((one, other) => other - one);
      const wanted = cut.share * sizes.reduce((all, size) => all + size, 0) - ROUNDING;
      let mass = 0;
      for (const size of sizes) {
        mass += size;
        if (mass >= wanted) return size;
      }
      return 0;
    }
  }
}

/** A number as it is shown: 0 where it is cut away. */
export const sifted = (value: number, { least, factor }: RowLimit): number =>
  Math.abs(value) >= least ? value * factor : 0;

/** A row as it is shown; hidden numbers are 0 where they have no part in it. */
export function siftRow(
  row: Float32Array,
  sieve: Sieve,
  measure: Pick<Measure, 'shares'>,
  isHidden: (index: number) => boolean,
): Float32Array {
  if (!isSifting(sieve)) return row;
  const limit = rowLimit(row, sieve, measure, isHidden);
  return row.map((value, index) => (sieve.hide && isHidden(index) ? 0 : sifted(value, limit)));
}

/** A column as it is shown: each of its numbers by the limits of its own row. */
export function siftColumn(column: Float32Array, { least, factor }: RowLimits): Float32Array {
  return column.map((value, query) => sifted(value, { least: least[query] ?? 0, factor: factor[query] ?? 1 }));
}

/** Sifts a whole map, row by row with a pause after each, in place. @param values [queries][keys] */
export function* siftMapInSteps(
  values: Float32Array,
  keys: number,
  sieve: Sieve,
  measure: Measure,
  isHidden: (key: number) => boolean,
): Generator<undefined, RowLimits, undefined> {
  const queries = keys === 0 ? 0 : values.length / keys;
  const limits = { least: new Float32Array(queries), factor: new Float32Array(queries) };
  for (let query = 0; query < queries; query++) {
    const row = values.subarray(query * keys, (query + 1) * keys);
    const limit = rowLimit(row, sieve, measure, isHidden);
    limits.least[query] = limit.least;
    limits.factor[query] = limit.factor;
    for (let key = 0; key < keys; key++) row[key] = sieve.hide && isHidden(key) ? 0 : sifted(row[key] as number, limit); // key < keys
    yield undefined;
  }
  return limits;
}

/** The limits of a map's rows, where they are those that this sieve asks for. */
export function limitsFor(map: MapMatrix | null, sieve: Sieve): RowLimits | undefined {
  return map?.sifted && sieveKey(map.sifted.sieve) === sieveKey(sieve) ? map.sifted.limits : undefined;
}
