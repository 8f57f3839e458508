/**
 * What stands along a side of a map: the items of one sequence, in order. An item is a token today; a word would be an
 * item of several tokens. Views ask the axis for labels and for the tokens behind an item, never the text.
 */
import type { SequenceName, Token } from '../../src/attention/types';
import { tokenLabel } from '../format';

export interface AxisItem {
  readonly label: string;
  /** True where the switch for special tokens leaves it out. */
  readonly special: boolean;
  /** The tokens that it stands for. */
  readonly tokens: readonly number[];
}

export interface Axis {
  readonly sequence: SequenceName;
  readonly items: readonly AxisItem[];
}

const known = new WeakMap<readonly Token[], Axis>();

/** One item a token; the same axis for the same tokens. */
export function tokenAxis(sequence: SequenceName, tokens: readonly Token[]): Axis {
  const before = known.get(tokens);
  if (before?.sequence === sequence) return before;
  const items = tokens.map((token, index) => ({
    label: tokenLabel(token),
    special: token.special,
    tokens: [index],
  }));
  const axis: Axis = { sequence, items };
  known.set(tokens, axis);
  return axis;
}

/** The first items of an axis: a map may not have got as far as the text. */
export function axisUpTo({ sequence, items }: Axis, length: number): Axis {
  return items.length <= length ? { sequence, items } : { sequence, items: items.slice(0, length) };
}

/** The items that stand for any of these tokens. */
export function itemsOf({ items }: Axis, tokens: readonly number[]): readonly number[] {
  const wanted = new Set(tokens);
  return items.flatMap((item, index) => (item.tokens.some((token) => wanted.has(token)) ? [index] : []));
}

/** The longest label in characters, `most` at most. */
export function longestLabel({ items }: Axis, most: number): number {
  return items.reduce((longest, { label }) => Math.max(longest, Math.min(most, label.length)), 1);
}
