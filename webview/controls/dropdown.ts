import { makeDropdown, makeOption } from './toolkit';

export interface DropdownControl {
  readonly element: HTMLElement;
  /** Shows `labels`, the one at `selected` chosen. */
  set(labels: readonly string[], selected: number): void;
}

/** A list to choose one entry from; `changed` gets the place of the entry that the user has chosen. */
export function dropdown(name: string, changed: (index: number) => void): DropdownControl {
  const element = makeDropdown();
  element.setAttribute('aria-label', name);
  element.title = name;
  let shown = '';
  let known = -1;
  element.addEventListener('change', () => {
    if (element.selectedIndex === known || element.selectedIndex < 0) return;
    known = element.selectedIndex;
    changed(known);
  });
  return {
    element,
    set(labels, selected) {
      const wanted = labels.join('\n');
      if (wanted !== shown) {
        shown = wanted;
        element.replaceChildren(
          ...labels.map((label, index) => {
            const option = makeOption();
            option.textContent = label;
            option.setAttribute('value', String(index));
            return option;
          }),
        );
      }
      known = selected;
      // Options reach the toolkit with the slot's change event, after this task.
      const choose = (): void => {
        if (known === selected && element.selectedIndex !== selected) element.selectedIndex = selected;
      };
      choose();
      requestAnimationFrame(choose);
    },
  };
}
