/**
 * A number for each place of a text, from a seed alone. No state is carried from one place to the next, so that the same
 * seed writes the same text however often it was stopped, and a branch changes only what comes after it.
 */

/** The finaliser of MurmurHash3 (Appleby 2011): each bit of the input changes each bit of the result half the time. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** 2^32 divided by the golden ratio: spreads consecutive numbers over the whole range. */
const SPREAD = 0x9e3779b9;

/**
 * @param seed an integer from 0 to 2^32 − 1
 * @param place of the token in the text
 * @returns 0 ≤ number < 1, in steps of 2^-52
 */
export function seededNumber(seed: number, place: number): number {
  const first = mixed(mixed(seed) + Math.imul(place + 1, SPREAD));
  const second = mixed(first ^ SPREAD);
  return (first * 2 ** 20 + (second >>> 12)) / 2 ** 52;
}
