/** A number for each token of a text: its bar, its number, and which of them is looked at. */
import type { Token } from '../../../src/attention/types';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { tokenLabel } from '../../format';
import { isChanged } from './changed';
import { shownNumber } from './strip';

/** More tokens than these are cut down to those with the largest numbers. */
const MOST = 40;

export interface BarsOptions {
  readonly label: string;
  readonly tokens: readonly Token[];
  readonly values: Float32Array;
  /** The model's own numbers, where something was changed. */
  readonly before?: Float32Array | undefined;
  readonly looked: (index: number) => void;
}

export function tokenBars({ label, tokens, values, before, looked }: BarsOptions): HTMLElement {
  const isHidden = (value: number): boolean => value < -1e4;
  const most = values.reduce((all, value) => (isHidden(value) ? all : Math.max(all, Math.abs(value))), 0) || 1;
  const all = Array.from(values, (_, index) => index);
  const shown =
    all.length <= MOST
      ? all
      : [...all]
          .sort((one, other) => (values[other] ?? 0) - (values[one] ?? 0))
          .slice(0, MOST)
          .sort((one, other) => one - other);
  const bars = shown.map((index) => {
    const value = values[index] ?? 0;
    const was = before?.[index];
    const isOther = was !== undefined && isChanged(value, was);
    const bar = el('span', { class: value < 0 ? 'lesson-bar below' : 'lesson-bar' });
    bar.style.width = `${isHidden(value) ? 0 : (100 * Math.abs(value)) / most}%`;
    return el(
      'button',
      {
        class: `lesson-number${isHidden(value) ? ' masked' : ''}${isOther ? ' changed' : ''}`,
        data: { index },
        on: { pointerenter: () => looked(index), focus: () => looked(index), click: () => looked(index) },
      },
      el('bdi', { class: 'lesson-token' }, tokenLabel(tokens[index])),
      el('span', { class: 'lesson-track', aria: { hidden: true } }, bar),
      el(
        'span',
        { class: 'number' },
        isOther ? say('lesson.was', { value: shownNumber(value), was: shownNumber(was) }) : shownNumber(value),
      ),
    );
  });
  return el(
    'div',
    { class: 'lesson-bars', role: 'group', aria: { label } },
    ...bars,
    shown.length < all.length &&
      el('p', { class: 'hint' }, say('lesson.cut', { shown: shown.length, all: all.length })),
  );
}
