/**
 * Where a head looks, in numbers: the mean share of a row's weight that goes to some kind of place (Clark et al. 2019,
 * section 3; Voita et al. 2019; induction: Olsson et al. 2022). A score says where a head looks, not what it is for.
 */

import { ROLE_NAMES, type RoleName } from '../../attention/types';

/** What a head's rows are about; arrays are as long as the sequence and 1 where it holds. */
export interface RoleText {
  /** Ids of the queries' and the keys' tokens; the same array for self-attention. */
  readonly queryIds: readonly number[];
  readonly keyIds: readonly number[];
  /** Queries that are not of the text (separators); their rows count for nothing. */
  readonly skipQuery: Uint8Array;
  /** Separators, and a decoder-only model's first token. */
  readonly sinkKey: Uint8Array;
  readonly punctuationKey: Uint8Array;
  /** Queries and keys are the same sequence. */
  readonly self: boolean;
}

/**
 * Scores of one head. Shares of weight, 0 to 1, but `entropy` (of the row over the most it could be, 0 to 1) and
 * `distance` (mean of |query − key| in tokens). NaN where a role has no row to be measured on: `duplicate` and
 * `induction` in a text without repetition, anything about neighbours in cross-attention.
 */
export type RoleScores = Readonly<Record<RoleName, number>>;

/** Scores of one head over several texts: each row counts the same, whichever text it is of. */
export class RoleSums {
  readonly #sums = new Map<RoleName, { sum: number; count: number }>();

  /**
   * Takes the rows of one text.
   * @param weights [queries][keys], row-major; keys that a row cannot see are 0
   * @param roles what is measured on this text; everything where it is left out
   */
  add(weights: Float32Array, text: RoleText, roles: readonly RoleName[] = ROLE_NAMES): void {
    const keys = text.keyIds.length;
    const queries = Math.min(text.queryIds.length, keys === 0 ? 0 : Math.floor(weights.length / keys));
    const wanted = new Set(roles);
    const measure = (role: RoleName, value: () => number): void => {
      if (wanted.has(role)) this.#count(role, value());
    };
    const earlier = text.self ? repeats(text.queryIds) : undefined;
    for (let query = 0; query < queries; query++) {
      if (text.skipQuery[query] === 1) continue;
      const row = weights.subarray(query * keys, (query + 1) * keys);
      measure('sink', () => massAt(row, text.sinkKey));
      measure('punctuation', () => massAt(row, text.punctuationKey));
      measure('entropy', () => normalisedEntropy(row));
      measure('diagonal', () => bandMass(row, query, queries));
      if (!earlier) continue;
      if (query > 0) measure('previous', () => row[query - 1] ?? 0);
      if (query + 1 < keys && seesAhead(row, query)) measure('next', () => row[query + 1] ?? 0);
      measure('same', () => row[query] ?? 0);
      measure('distance', () => meanDistance(row, query));
      const places = earlier[query];
      if (!places) continue;
      measure('duplicate', () => places.reduce((sum, place) => sum + (row[place] ?? 0), 0));
      measure('induction', () =>
        places.reduce((sum, place) => sum + (place + 1 < query ? (row[place + 1] ?? 0) : 0), 0),
      );
    }
  }

  scores(): RoleScores {
    const mean = (role: RoleName): number => {
      const held = this.#sums.get(role);
      return held ? held.sum / held.count : NaN;
    };
    return Object.fromEntries(ROLE_NAMES.map((role) => [role, mean(role)])) as Record<RoleName, number>; // every role is named
  }

  #count(role: RoleName, value: number): void {
    const held = this.#sums.get(role);
    if (held) {
      held.sum += value;
      held.count++;
    } else this.#sums.set(role, { sum: value, count: 1 });
  }
}

/** For each token where the same token stood before it; undefined where it did not. */
function repeats(ids: readonly number[]): readonly (readonly number[] | undefined)[] {
  const seen = new Map<number, number[]>();
  return ids.map((id, index) => {
    const places = seen.get(id);
    const found = places && [...places];
    if (places) places.push(index);
    else seen.set(id, [index]);
    return found;
  });
}

function massAt(row: Float32Array, keys: Uint8Array): number {
  let mass = 0;
  for (let key = 0; key < row.length; key++) if (keys[key] === 1) mass += row[key] as number; // key < length
  return mass;
}

/** A masked decoder sees nothing ahead: there is no next token to look at. */
function seesAhead(row: Float32Array, query: number): boolean {
  for (let key = query + 1; key < row.length; key++) if (row[key] !== 0) return true;
  return false;
}

/** Weight within one token of the straight line from the first query and key to the last ones. */
function bandMass(row: Float32Array, query: number, queries: number): number {
  const centre = queries > 1 ? (query * (row.length - 1)) / (queries - 1) : 0;
  let mass = 0;
  for (let key = Math.max(0, Math.ceil(centre - 1)); key <= Math.min(row.length - 1, Math.floor(centre + 1)); key++)
    mass += row[key] as number; // key < length
  return mass;
}

function meanDistance(row: Float32Array, query: number): number {
  let sum = 0;
  for (let key = 0; key < row.length; key++) sum += (row[key] as number) * Math.abs(key - query); // key < length
  return sum;
}

/** Entropy over that of an even row of as many keys as this one gives weight to; 0 for a row of one key. */
function normalisedEntropy(row: Float32Array): number {
  let entropy = 0;
  let seen = 0;
  for (const weight of row) {
    if (weight <= 0) continue;
    seen++;
    entropy -= weight * Math.log(weight);
  }
  return seen > 1 ? entropy / Math.log(seen) : 0;
}
