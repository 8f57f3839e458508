/** Numbers in units of the logit: their colour, and how they are written. */
import { MEASURES, type Measure } from '../../../src/measure/measure';
import { exactNumber, LEAST_SHOWN, MINUS } from '../../../src/measure/numbers';
import { colourOf, type Palette } from '../../theme';

/** A signed part of a logit, to four decimals; smaller ones as `+4.2e-5`, since many small parts are a head's only ones. */
export function signedNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= LEAST_SHOWN) return exactNumber(value, MEASURES.difference);
  return `${value < 0 ? MINUS : '+'}${size.toExponential(1)}`;
}

/** A scale that ends at the largest of these numbers, the same on both sides of zero. */
export function scaleOf(...lists: readonly Iterable<number>[]): Measure {
  let most = 0;
  for (const list of lists) for (const value of list) most = Math.max(most, Math.abs(value));
  const reach = most > 0 ? most : 1;
  return { ...MEASURES.difference, range: [-reach, reach] };
}

/** Colours a node by a number on a scale. */
export function tint(node: HTMLElement, palette: Palette, scale: Measure, value: number): HTMLElement {
  const { fill, text } = colourOf(palette, scale, value);
  node.style.backgroundColor = fill;
  node.style.color = text;
  return node;
}
