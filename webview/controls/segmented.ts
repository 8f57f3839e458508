import { el, setAttribute } from '../dom';

export interface SegmentedControl<Value extends string> {
  readonly element: HTMLElement;
  /** Shows which is chosen; where `enabled` is false all choices stay in sight, and none can be made. */
  set(chosen: Value, enabled?: boolean): void;
}

export interface Segment<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly title: string;
}

/** A few choices side by side, one of which is chosen: a radio group by the ARIA pattern, with roving tabindex. */
export function segmented<Value extends string>(
  name: string,
  segments: readonly Segment<Value>[],
  choose: (value: Value) => void,
): SegmentedControl<Value> {
  const buttons = segments.map(({ value, label, title }) =>
    el(
      'button',
      { class: 'segment', role: 'radio', title, data: { value }, on: { click: () => choose(value) } },
      label,
    ),
  );
  const element = el('div', { class: 'segmented', role: 'radiogroup', aria: { label: name } }, ...buttons);
  element.addEventListener('keydown', (event) => {
    const at = buttons.findIndex((button) => button === document.activeElement);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (at < 0 || by === undefined) return;
    const to = (at + by + buttons.length) % buttons.length;
    const next = segments[to];
    event.preventDefault();
    buttons[to]?.focus();
    if (next) choose(next.value);
  });
  return {
    element,
    set(chosen, enabled = true) {
      buttons.forEach((button, index) => {
        const is = segments[index]?.value === chosen;
        setAttribute(button, 'aria-checked', String(is));
        button.tabIndex = is ? 0 : -1;
        button.disabled = !enabled;
      });
    },
  };
}
