/** A measure's numbers as people read them. */
import type { Measure } from './measure';

/** The least number that four decimals show. */
export const LEAST_SHOWN = 0.00005;

/** The sign of a number below zero: U+2212, as wide as a plus, not a hyphen. */
export const MINUS = '−';

const signOf = (value: number): string => (value < 0 ? MINUS : '+');

/** To four decimals; what they cannot show is said to be less, not 0. Signed numbers have their sign. */
export function exactNumber(value: number, { signed }: Pick<Measure, 'signed'>): string {
  if (value === 0) return '0.0000';
  const size = Math.abs(value);
  const sign = signed ? signOf(value) : '';
  if (size >= LEAST_SHOWN) return `${sign}${size.toFixed(4)}`;
  return `${sign === MINUS ? '>' : '<'}${sign}0.0001`;
}

/** For a narrow cell: `1`, `.83`, `.05`, `<.01`, `·` for 0; signed ones `+.83`, `−.05`, and `0` for what two decimals do not show. */
export function shortNumber(value: number, { signed }: Pick<Measure, 'signed'>): string {
  const size = Math.abs(value);
  const sign = signed ? signOf(value) : '';
  if (size >= 0.995) return `${sign}${size >= 1.005 ? size.toFixed(1) : '1'}`;
  if (size >= 0.005) return `${sign}${size.toFixed(2).slice(1)}`;
  if (size === 0) return '·';
  return signed ? '0' : '<.01';
}

/** As exact as a byte can be: two decimals, marked as rounded. */
export function roundedNumber(value: number, { signed }: Pick<Measure, 'signed'>): string {
  return `≈ ${signed && value !== 0 ? signOf(value) : ''}${Math.abs(value).toFixed(2)}`;
}

/** For a tooltip that has room: six digits. */
export function fullNumber(value: number, { signed }: Pick<Measure, 'signed'>): string {
  if (value === 0) return '0';
  return `${signed ? signOf(value) : ''}${Math.abs(value).toPrecision(6)}`;
}
