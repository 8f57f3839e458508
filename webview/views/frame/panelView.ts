/** The panel beside the editor. */
import type { App } from '../../state/app';
import { el } from '../../dom';
import { kindsOf } from '../../state/appState';
import { atlasView } from '../heads/overview';
import { bannersView } from './banners';
import { emptyView } from './empty';
import { headerView } from './header';
import { detailView } from '../matrix/detail';
import { inspectorView } from '../heads/inspector';
import { notesView } from './notes';
import { textView } from '../text/text';
import { kindTabs, toolbar } from './toolbar';

/** So many heads fit side by side with their numbers in half a panel. */
const FEW_HEADS = 8;
/** More layers than these make both grids so tall that room must be saved. */
const FEW_LAYERS = 8;

export function panelView(app: App): HTMLElement {
  const detail = detailView(app);
  const main = el(
    'div',
    { class: 'columns', id: 'views', role: 'tabpanel', aria: { label: 'Attention' } },
    textView(app),
    el('div', { class: 'side' }, atlasView(app), inspectorView(app)),
    detail,
  );
  const tools = el('div', { class: 'tools' }, kindTabs(app, 'views'), toolbar(app));
  const notes = notesView(app);
  const page = el(
    'main',
    { class: 'panel' },
    headerView(app),
    bannersView(app),
    emptyView(app, 'Select text in an editor, right-click it and choose Explain Attention.'),
    tools,
    main,
    notes,
  );
  app.store.watch(
    ({ snapshot, head }) => [snapshot, head] as const,
    ([snapshot, head]) => {
      const ready =
        snapshot !== null && kindsOf(snapshot).length > 0 && snapshot.source.length + snapshot.target.length > 0;
      tools.hidden = !ready;
      main.hidden = !ready;
      notes.hidden = !ready;
      detail.hidden = head === null;
      main.classList.toggle('few-heads', Math.max(...kindsOf(snapshot).map(({ heads }) => heads)) <= FEW_HEADS);
      main.classList.toggle('tall', Math.max(...kindsOf(snapshot).map(({ layers }) => layers)) > FEW_LAYERS);
    },
  );
  // What sticks under the tools must know how tall they are.
  new ResizeObserver(() => document.documentElement.style.setProperty('--ea-tools', `${tools.offsetHeight}px`)).observe(
    tools,
  );
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && app.store.get().focus) app.free();
  });
  return page;
}
