import { makeCheckbox } from './toolkit';

export interface CheckboxControl {
  readonly element: HTMLElement;
  set(checked: boolean): void;
}

/** A checkbox with its label; `changed` is called when the user switches it, not by `set`. */
export function checkbox(label: string, title: string, changed: (checked: boolean) => void): CheckboxControl {
  const element = makeCheckbox();
  element.append(label);
  element.title = title;
  let known = false;
  element.addEventListener('change', () => {
    // The toolkit reports a change by `set` in the same way as one by the user; only the user's is passed on.
    if (element.checked === known) return;
    known = element.checked;
    changed(known);
  });
  return {
    element,
    set(checked) {
      known = checked;
      element.checked = checked;
    },
  };
}
