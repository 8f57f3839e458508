/** Where two readings part: rows of numbers of two texts, held against each other by the words that both have. */
import type { Measure } from '../measure';
import type { Matching } from './matching';

/** What a difference between two numbers of this measure is: signed, and as far to both sides as the measure reaches. */
export function differenceBetween(one: Measure, other: Measure): Measure {
  const [least, most] = [Math.min(one.range[0], other.range[0]), Math.max(one.range[1], other.range[1])];
  return {
    name: one.name,
    signed: true,
    range: [least - most, most - least],
    shares: false,
    title: 'measure.parting.title',
    about: 'measure.parting.about',
    noun: 'measure.parting.noun',
  };
}

/**
 * The row now less the row beside it.
 * @param now [units of the one text]
 * @param beside [units of the other text]
 * @returns [units of the one text]; NaN where a unit has no partner, or the other row does not reach so far
 */
export function rowDifference(now: Float32Array, beside: Float32Array, { toOther }: Matching): Float32Array {
  return now.map((value, at) => value - (beside[toOther[at] ?? -1] ?? NaN));
}

/** A difference as it stands beside the other text's units: NaN where a unit has no partner. */
export const asOther = (difference: Float32Array, { toOne }: Matching): Float32Array =>
  Float32Array.from(toOne, (at) => difference[at] ?? NaN);

/** A row of numbers by its place; an empty one where there is none. */
export type RowAt = (at: number) => Float32Array;

/** A row that parts from the one beside it, by units of the one text. */
export interface Parting {
  readonly query: number;
  /** The key whose number changes most. */
  readonly key: number;
  readonly now: number;
  readonly beside: number;
  /** Half the sum of the differences' sizes: of weights, the share that goes elsewhere. */
  readonly size: number;
}

/** Half the sum of the sizes, and the place of the largest; NaN and what is hidden is left out. */
function sizeOf(difference: Float32Array, isHidden: (at: number) => boolean): readonly [size: number, most: number] {
  let [sum, most, largest] = [0, -1, 0];
  difference.forEach((value, at) => {
    const size = Math.abs(value);
    if (Number.isNaN(size) || isHidden(at)) return;
    sum += size;
    if (size > largest) [most, largest] = [at, size];
  });
  return [sum / 2, most];
}

/**
 * The query whose rows differ most, of those that are the same word in both texts: a row of another word is another row.
 * Undefined where no two rows differ.
 */
export function mostParted(
  now: RowAt,
  beside: RowAt,
  queries: Matching,
  keys: Matching,
  isHidden: { readonly query: (at: number) => boolean; readonly key: (at: number) => boolean },
): Parting | undefined {
  let found: Parting | undefined;
  queries.isSame.forEach((isSame, query) => {
    if (isSame === 0 || isHidden.query(query)) return;
    const own = now(query);
    const theirs = beside(queries.toOther[query] ?? -1);
    if (own.length === 0 || theirs.length === 0) return;
    const [size, key] = sizeOf(rowDifference(own, theirs, keys), isHidden.key);
    if (key < 0 || size <= (found?.size ?? 0)) return;
    found = { query, key, now: own[key] ?? 0, beside: theirs[keys.toOther[key] ?? -1] ?? 0, size };
  });
  return found;
}

/**
 * How far one token's rows part in every head.
 * @param now the row of a head, by its place in [layer][head]; [units of the one text]
 * @param beside the same head's row of the other text
 * @returns [layer][head]
 */
export function partedHeads(
  now: RowAt,
  beside: RowAt,
  heads: number,
  keys: Matching,
  isHidden: (key: number) => boolean,
): Float32Array {
  return Float32Array.from({ length: heads }, (_, head) => {
    const [size] = sizeOf(rowDifference(now(head), beside(head), keys), isHidden);
    return size;
  });
}
