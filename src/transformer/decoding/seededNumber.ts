/**
 * A number for each place of a text, from a seed alone. No state is carried from one place to the next, so that the same
 * seed writes the same text however often it was stopped, and a branch changes only what comes after it.
 */
import { mixBits } from '../../hash/mixBits';

/** 2^32 divided by the golden ratio: spreads consecutive numbers over the whole range. */
const SPREAD = 0x9e3779b9;

/**
 * @param seed an integer from 0 to 2^32 − 1
 * @param place of the token in the text
 * @returns 0 ≤ number < 1, in steps of 2^-52
 */
export function seededNumber(seed: number, place: number): number {
  const first = mixBits(mixBits(seed) + Math.imul(place + 1, SPREAD)) >>> 0;
  const second = mixBits(first ^ SPREAD) >>> 0;
  return (first * 2 ** 20 + (second >>> 12)) / 2 ** 52;
}
