import { el, setAttribute, setText } from '../dom';

export interface Tabs {
  readonly element: HTMLElement;
  set(
    labels: readonly { readonly id: string; readonly label: string; readonly title: string }[],
    selected: string,
  ): void;
}

/**
 * A tab list over one panel (`panelId`), by the ARIA pattern with roving tabindex. Not the toolkit's: its tabs want
 * a panel each, here all of them show the same views with other data.
 */
export function tabs(name: string, panelId: string, choose: (id: string) => void): Tabs {
  const element = el('div', { class: 'tabs', role: 'tablist', aria: { label: name } });
  const buttons = (): HTMLElement[] => [...element.querySelectorAll<HTMLElement>('[role=tab]')];
  element.addEventListener('click', (event) => {
    const id =
      event.target instanceof Element ? event.target.closest<HTMLElement>('[role=tab]')?.dataset['id'] : undefined;
    if (id !== undefined) choose(id);
  });
  element.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.findIndex((tab) => tab === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    const next = to === undefined ? undefined : all[(to + all.length) % all.length];
    if (!next) return;
    event.preventDefault();
    next.focus();
    choose(next.dataset['id'] ?? '');
  });
  return {
    element,
    set(labels, selected) {
      const known = buttons();
      if (known.map((tab) => tab.dataset['id']).join() !== labels.map(({ id }) => id).join()) {
        element.replaceChildren(
          ...labels.map(({ id }) =>
            el('button', { class: 'tab', role: 'tab', data: { id }, aria: { controls: panelId } }),
          ),
        );
      }
      buttons().forEach((tab, index) => {
        const entry = labels[index];
        if (!entry) return;
        setText(tab, entry.label);
        tab.title = entry.title;
        const is = entry.id === selected;
        setAttribute(tab, 'aria-selected', String(is));
        tab.tabIndex = is ? 0 : -1;
      });
    },
  };
}
