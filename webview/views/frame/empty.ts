/** What to do when there is nothing yet. */
import type { App } from '../../state/app';
import { button } from '../../controls/button';
import { el, icon, setText } from '../../dom';

/** A host that answers at once should not flash a word. */
const PATIENCE = 700;

export function emptyView(app: App, text: string): HTMLElement {
  const { store } = app;
  const line = el('p', {}, text);
  const open = button({
    label: 'Explain the selection',
    icon: 'sparkle',
    primary: true,
    press: () => app.act(app.api.command({ name: 'explain' })),
  });
  const element = el('div', { class: 'empty' }, icon('type-hierarchy-sub'), line, open.element);
  let late = false;
  const draw = (): void => {
    const { snapshot, connected, failure } = store.get();
    const waiting = !connected && !failure;
    element.hidden = snapshot !== null || (waiting && !late);
    open.element.hidden = waiting;
    setText(line, waiting ? 'Waiting for the extension to start…' : (failure?.message ?? text));
  };
  store.watch(({ snapshot, connected, failure }) => [snapshot, connected, failure] as const, draw);
  setTimeout(() => {
    late = true;
    draw();
  }, PATIENCE);
  return element;
}
