import { el } from '../dom';

export interface NumberFieldControl {
  readonly element: HTMLElement;
  /** Shows a number of `1` to `most`. */
  set(value: number, most: number): void;
}

/** A field for a whole number from 1 to a bound; `changed` is called with what was entered, brought within the bounds. */
export function numberField(name: string, changed: (value: number) => void): NumberFieldControl {
  let shown = 1;
  let most = 1;
  const element = el('input', {
    class: 'number-field',
    title: name,
    aria: { label: name },
    on: {
      change: () => {
        const wanted = Math.round(element.valueAsNumber);
        const value = Number.isFinite(wanted) ? Math.max(1, Math.min(most, wanted)) : shown;
        element.valueAsNumber = value;
        if (value === shown) return;
        shown = value;
        changed(value);
      },
    },
  });
  element.type = 'number';
  element.min = '1';
  element.step = '1';
  return {
    element,
    set(value, bound) {
      shown = value;
      most = Math.max(1, bound);
      element.max = String(most);
      element.valueAsNumber = value;
    },
  };
}
