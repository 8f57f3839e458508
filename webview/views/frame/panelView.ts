/** The panel beside the editor. */
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { kindsOf } from '../../state/appState';
import { headsOffView } from '../ablation/headsOffView';
import { leftOutView } from '../ablation/leftOutView';
import { alignmentView } from '../alignment/alignmentView';
import { atlasView } from '../heads/overview';
import { inspectorView } from '../heads/inspector';
import { attributionView } from '../attribution/attributionView';
import { lensView } from '../lens/lensView';
import { compareView } from '../compare/compareView';
import { detailView } from '../matrix/detail';
import { taskView } from '../task/taskView';
import { textView } from '../text/text';
import { lessonView } from '../lesson/lessonView';
import { newId, view } from '../view';
import { bannersView } from './banners';
import { emptyView } from './empty';
import { headerView } from './header';
import { notesView } from './notes';
import { assumptions, kindTabs, toolbar } from './toolbar';

/** Up to so many heads fit side by side with their numbers in half a panel. */
const FEW_HEADS = 8;
/** More layers than these make both grids so tall that room must be saved. */
const FEW_LAYERS = 8;

/** The page opens in these parts: the text, the heads too, and all there is. */
const PARTS = ['text', 'heads', 'all'] as const;

export const panelView = view((app, scope) => {
  const id = newId('views');
  const side = el('div', { class: 'side' });
  const main = el('div', { class: 'columns', id, role: 'tabpanel', aria: { label: say('webview.toolbar.views') } });
  const tools = el('div', { class: 'tools' });
  const notes = el('div');
  const page = el('main', { class: 'panel' });
  const shows = (): { readonly text: boolean; readonly numbers: boolean } => {
    const { snapshot, view: shown } = app.state;
    const hasText = snapshot !== null && snapshot.source.length + snapshot.target.length > 0;
    const ready = hasText && kindsOf(snapshot).length > 0 && !snapshot.early;
    // The lesson stands in place of the numbers: it is about the same text.
    const inLesson = ready && shown.lesson !== null;
    return { text: hasText && !inLesson && (ready || snapshot.early), numbers: ready && !inLesson };
  };
  let part = 0;
  /** Shows as much of the page as is due: part by part, as a browser lays out in one go all that is new. */
  const showParts = (): void => {
    // The text's tokens stand alone until their model is there.
    const last = app.state.snapshot?.early === true ? 0 : PARTS.length - 1;
    part = main.hidden ? 0 : Math.min(part, last);
    main.dataset['shown'] = PARTS[part];
    if (!main.hidden && part < last) goOn();
  };
  const goOn = scope.onFrame(() => {
    part++;
    showParts();
  });
  // Before the views in it, so that a long text is laid out as it is made, and not all at once when everything has been drawn.
  scope.draw(() => {
    const { snapshot } = app.state;
    const kinds = kindsOf(snapshot);
    main.hidden = !shows().text;
    showParts();
    main.classList.toggle('few-heads', Math.max(...kinds.map(({ heads }) => heads)) <= FEW_HEADS);
    main.classList.toggle('tall', Math.max(...kinds.map(({ layers }) => layers)) > FEW_LAYERS);
  });
  scope.mount(headerView, page);
  scope.mount(bannersView, page);
  scope.mount(emptyView(say('webview.empty.panel')), page);
  scope.mount(lessonView, page);
  page.append(tools, main, notes);
  scope.mount(kindTabs(id), tools);
  scope.mount(toolbar, tools);
  scope.mount(assumptions, tools);
  scope.draw(() => {
    tools.hidden = !shows().numbers;
  });
  scope.mount(textView, main);
  scope.mount(compareView, main);
  scope.mount(taskView, main);
  scope.mount(headsOffView, main);
  main.append(side);
  scope.mount(atlasView, side);
  scope.mount(inspectorView, side);
  scope.mount(detailView, main);
  scope.mount(alignmentView, main);
  scope.mount(leftOutView, main);
  scope.mount(attributionView, main);
  scope.mount(lensView, main);
  scope.mount(notesView, notes);
  scope.draw(() => {
    notes.hidden = !shows().numbers;
  });

  // What sticks below the toolbar, or is scrolled into sight, is placed by its height. Said to those alone: of what the whole page inherits
  // each change has the browser look at every token again.
  scope.resize(tools, () => {
    const height = `${tools.offsetHeight}px`;
    side.style.setProperty('--ea-tools', height);
    document.documentElement.style.scrollPaddingTop = `calc(${height} + 8px)`;
  });
  scope.listen(document, 'keydown', (event) => {
    if (event.key === 'Escape' && app.state.focus) app.free();
  });
  return page;
});
