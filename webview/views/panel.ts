/** The panel beside the editor. */
import type { App } from '../app';
import { el } from '../dom';
import { kindsOf } from '../model';
import { atlasView } from './atlas';
import { bannersView } from './banners';
import { emptyView } from './empty';
import { headerView } from './header';
import { heatView } from './heat';
import { inspectorView } from './inspector';
import { notesView } from './notes';
import { section } from './section';
import { textView } from './text';
import { kindTabs, toolbar } from './toolbar';

export function panelView(app: App): HTMLElement {
  const heat = heatView(app);
  const detail = section('This head', el('span', { class: 'spacer' }), ...heat.tools);
  detail.body.append(heat.element);
  const main = el(
    'div',
    { class: 'columns', id: 'views', role: 'tabpanel', aria: { label: 'Attention' } },
    el('div', { class: 'column wide' }, textView(app), detail.element),
    el('div', { class: 'column side' }, atlasView(app), inspectorView(app)),
  );
  const tools = el('div', { class: 'tools' }, kindTabs(app, 'views'), toolbar(app));
  const page = el('main', { class: 'panel' }, headerView(app), bannersView(app), emptyView(app, 'Select text in an editor, right-click it and choose Explain Attention.'), tools, main, notesView(app));
  app.store.watch(
    ({ snapshot, head }) => [snapshot, head] as const,
    ([snapshot, head]) => {
      const ready = snapshot !== null && kindsOf(snapshot).length > 0 && snapshot.source.length + snapshot.target.length > 0;
      tools.hidden = !ready;
      main.hidden = !ready;
      detail.element.hidden = head === null;
      page.classList.toggle('nothing', snapshot === null);
    },
  );
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && app.store.get().focus) app.free();
  });
  return page;
}
