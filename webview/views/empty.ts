/** What to do when there is nothing yet. */
import type { App } from '../app';
import { button } from '../controls/button';
import { el, icon, setText } from '../dom';

export function emptyView(app: App, text: string): HTMLElement {
  const line = el('p', {}, text);
  const open = button({ label: 'Explain the selection', icon: 'sparkle', primary: true, press: () => app.act(app.api.command({ name: 'explain' })) });
  const element = el('div', { class: 'empty' }, icon('type-hierarchy-sub'), line, open.element);
  app.store.watch(
    ({ snapshot, connected, failure }) => [snapshot, connected, failure] as const,
    ([snapshot, connected, failure]) => {
      element.hidden = snapshot !== null || (!connected && !failure);
      setText(line, failure && !snapshot ? failure.message : text);
    },
  );
  return element;
}
