/**
 * What stands along a side of a map: the items of one sequence, in order, each a token or a word of several. Views ask
 * the axis for labels and for the tokens behind an item, never the text.
 */
import type { AxisName, ModelFamily, SequenceName, Token } from '../../src/attention/types';
import { isSink, unitAt, unitsOf, unitsWith, type Unit } from '../../src/measure/units';
import { tokenLabel } from '../format';
import { shownAxis, tokensOf, type SetState } from '../state/appState';

export interface AxisItem {
  readonly label: string;
  /** True for a sink, which the switch for sinks leaves out. */
  readonly special: boolean;
  /** The tokens that it stands for. */
  readonly tokens: readonly number[];
  readonly unit: Unit;
}

export interface Axis {
  readonly sequence: SequenceName;
  readonly items: readonly AxisItem[];
}

const known: Readonly<Record<AxisName, WeakMap<readonly Token[], Axis>>> = {
  tokens: new WeakMap(),
  words: new WeakMap(),
};

/** One item a token, or a word; the same axis for the same tokens. */
function axisOf(
  sequence: SequenceName,
  tokens: readonly Token[],
  name: AxisName,
  family: ModelFamily | undefined,
): Axis {
  const before = known[name].get(tokens);
  if (before?.sequence === sequence) return before;
  const items = unitsOf(tokens, name).map((unit): AxisItem => ({
    label: tokenLabel(unit),
    special: isSink(unit, sequence, family),
    tokens: unit.pieces.map((_, index) => unit.from + index),
    unit,
  }));
  const axis: Axis = { sequence, items };
  known[name].set(tokens, axis);
  return axis;
}

/** A sequence's items as they are shown. */
export const axisIn = (state: Pick<SetState, 'snapshot' | 'view'>, sequence: SequenceName): Axis =>
  axisOf(sequence, tokensOf(state.snapshot, sequence), shownAxis(state), state.snapshot?.model?.family);

/** The first items of an axis: a map may not have got as far as the text. */
export function axisUpTo({ sequence, items }: Axis, length: number): Axis {
  return items.length <= length ? { sequence, items } : { sequence, items: items.slice(0, length) };
}

/** The items that stand for any of these tokens. */
export function itemsOf({ items }: Axis, tokens: readonly number[]): readonly number[] {
  return unitsWith(
    items.map(({ unit }) => unit),
    tokens,
  );
}

/** The item that stands for a token; -1 where none does. */
export const itemAt = ({ items }: Axis, token: number): number =>
  unitAt(
    items.map(({ unit }) => unit),
    token,
  );

/** The longest label in characters, `most` at most. */
export function longestLabel({ items }: Axis, most: number): number {
  return items.reduce((longest, { label }) => Math.max(longest, Math.min(most, label.length)), 1);
}
