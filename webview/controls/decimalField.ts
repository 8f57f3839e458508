import { el } from '../dom';

export interface DecimalFieldControl {
  readonly element: HTMLElement;
  set(value: number, least: number, most: number, step: number): void;
}

/** A field for a number within bounds; `changed` is called with what was entered, brought within them. */
export function decimalField(name: string, changed: (value: number) => void): DecimalFieldControl {
  let shown = 0;
  const element = el('input', {
    class: 'number-field decimal',
    title: name,
    aria: { label: name },
    on: {
      change: () => {
        const wanted = element.valueAsNumber;
        const within = Math.max(Number(element.min), Math.min(Number(element.max), wanted));
        const value = Number.isFinite(wanted) ? within : shown;
        element.valueAsNumber = value;
        if (value === shown) return;
        shown = value;
        changed(value);
      },
    },
  });
  element.type = 'number';
  return {
    element,
    set(value, least, most, step) {
      shown = value;
      element.min = String(least);
      element.max = String(most);
      element.step = String(step);
      if (element.valueAsNumber !== value) element.valueAsNumber = value;
    },
  };
}
