/** A vector as a strip of coloured cells: one of its numbers is looked at, by pointer or arrow keys. */
import { MEASURES } from '../../../src/measure/measure';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { colourOf, type Palette } from '../../theme';

export const shownNumber = (value: number): string => {
  if (!Number.isFinite(value) || value < -1e4) return '−∞';
  return value.toFixed(Math.abs(value) < 0.01 && value !== 0 ? 5 : 3).replace('-', '−');
};

export interface StripOptions {
  readonly label: string;
  readonly values: Float32Array;
  /** The model's own numbers, where something was changed: drawn under the others. */
  readonly before?: Float32Array | undefined;
  /** The number that the strongest colour stands for. */
  readonly most: number;
  readonly palette: Palette;
  /** What a number is of; its place in the row where it is left out. */
  readonly of?: ((index: number) => string) | undefined;
  readonly looked: (index: number) => void;
}

const HEIGHT = 18;

export function strip({ label, values, before, most, palette, of, looked }: StripOptions): HTMLElement {
  const canvas = el('canvas', { class: 'lesson-strip-cells', aria: { hidden: true } });
  canvas.width = values.length;
  canvas.height = before ? 2 : 1;
  const pen = canvas.getContext('2d');
  for (const [row, numbers] of [values, ...(before ? [before] : [])].entries())
    numbers.forEach((value, index) => {
      if (!pen) return;
      pen.fillStyle = colourOf(palette, MEASURES.difference, value / (most || 1)).fill || palette.background;
      pen.fillRect(index, row, 1, 1);
    });
  canvas.style.height = `${HEIGHT * canvas.height}px`;
  const cursor = el('span', { class: 'lesson-cursor', aria: { hidden: true } });
  const element = el(
    'div',
    {
      class: 'lesson-strip',
      role: 'slider',
      tabIndex: 0,
      aria: { label, valuemin: 1, valuemax: values.length, valuenow: 1, valuetext: '' },
    },
    canvas,
    cursor,
  );
  let at = 0;
  const show = (index: number): void => {
    at = Math.max(0, Math.min(values.length - 1, index));
    const value = shownNumber(values[at] ?? 0);
    const was = before && shownNumber(before[at] ?? 0);
    const number = was === undefined || was === value ? value : say('lesson.was', { value, was });
    const text = of
      ? say('lesson.cellOf', { of: of(at), value: number })
      : say('lesson.cell', { place: at + 1, value: number });
    element.setAttribute('aria-valuenow', String(at + 1));
    element.setAttribute('aria-valuetext', text);
    element.title = text;
    cursor.style.insetInlineStart = `${(100 * at) / values.length}%`;
    cursor.style.width = `${100 / values.length}%`;
  };
  show(0);
  const look = (index: number): void => {
    show(index);
    looked(at);
  };
  const under = (event: MouseEvent): number => {
    const { left, width } = canvas.getBoundingClientRect();
    return Math.floor(((event.clientX - left) / width) * values.length);
  };
  element.addEventListener('pointermove', (event) => look(under(event)));
  element.addEventListener('click', (event) => look(under(event)));
  element.addEventListener('focus', () => look(at));
  element.addEventListener('keydown', (event) => {
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      PageDown: at + 16,
      PageUp: at - 16,
      Home: 0,
      End: values.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    look(to);
  });
  return element;
}
