/** The pinned explanation under the one on show: the same views of it, what differs, and where the two readings part. */
import { interventionName } from '../../../src/attention/interventionName';
import { sentenceLabel, textLabel } from '../../../src/attention/tokenLabel';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { checkbox } from '../../controls/checkbox';
import { segmented } from '../../controls/segmented';
import { el, setText } from '../../dom';
import { kindInfo, kindsOf } from '../../state/appState';
import { mapName, sourceName } from '../../state/shown/names';
import { isStandIn, pinnedHeads, pinnedSnapshot } from '../../state/pinned/pinnedView';
import type { App } from '../../state/app';
import { section } from '../frame/section';
import { stageView } from '../text/textStage';
import { view, type Dispose } from '../view';
import { differenceTable } from './differenceTable';
import { partingNote } from './partingNote';
import { wordsApart } from './wordsApart';

/** By which heads the pinned text is read, and whether the difference is shown. */
const compareControls = view((app, scope) => {
  const compare = (): App['state']['view']['compare'] => app.state.view.compare;
  const heads = segmented(
    say('webview.compare.heads'),
    [
      {
        value: 'shown',
        label: say('webview.compare.shownHeads'),
        title: say('webview.compare.shownHeadsTitle'),
      },
      { value: 'own', label: say('webview.compare.ownHeads'), title: say('webview.compare.ownHeadsTitle') },
    ] as const,
    (chosen) => app.setView({ compare: { ...compare(), heads: chosen } }),
  );
  const difference = checkbox(say('webview.compare.difference'), say('webview.compare.differenceTitle'), (checked) =>
    app.setView({ compare: { ...compare(), difference: checked } }),
  );
  scope.draw(() => {
    const { pinned, view: shown } = app.state;
    heads.set(pinnedHeads(app.state), pinned?.map.kind === shown.kind);
    difference.set(shown.compare.difference);
  });
  return el('div', { class: 'compare-controls' }, heads.element, difference.element);
});

/** What keeps the pinned text from being shown, with what can be done about it; '' where nothing does. */
function trouble(app: App, snapshot: ExplanationSnapshot | null): { readonly text: string; readonly again: boolean } {
  const failure = app.beside?.failure;
  if (failure?.code === 'EXPLANATION_GONE') return { text: say('webview.compare.gone'), again: true };
  if (failure) return { text: sentenceLabel(failure.message), again: true };
  if (!snapshot) return { text: say('webview.compare.reading'), again: false };
  if (snapshot.status === 'loading' || snapshot.status === 'encoding')
    return { text: say('webview.compare.reading'), again: false };
  if (snapshot.error && snapshot.status === 'failed') {
    // Without its text there is nothing to read.
    const isTextGone = ['DOCUMENT_CHANGED', 'DOCUMENT_CLOSED'].includes(snapshot.error.code);
    return { text: sentenceLabel(snapshot.error.message), again: !isTextGone };
  }
  const isEmpty = snapshot.source.length + snapshot.target.length === 0;
  return isEmpty ? { text: say('webview.compare.gone'), again: true } : { text: '', again: false };
}

/** What is pinned: its text, model and heads. */
function pinnedName(app: App, snapshot: ExplanationSnapshot): string {
  const shown = app.beside?.state;
  const info = shown && kindInfo(snapshot, shown.view.kind);
  const { intervention } = snapshot;
  const own = textLabel(snapshot.title);
  const title = intervention
    ? say('webview.header.changed', { title: own, what: interventionName(intervention, kindsOf(snapshot)) })
    : own;
  const model = snapshot.model ? textLabel(snapshot.model.name) : '';
  return info
    ? say('webview.compare.what', { title, model, map: mapName(shown.view, info) })
    : say('webview.compare.whatText', { title, model });
}

const pinnedSection = view((app, scope) => {
  const { beside } = app;
  const note = el('span', { class: 'section-note' });
  const unpin = button({
    label: say('webview.compare.unpin'),
    icon: 'pinned',
    title: say('webview.compare.unpinTitle'),
    press: () => app.unpin(),
  });
  const { element, body } = section(say('webview.compare.title'), note, el('span', { class: 'spacer' }), unpin.element);
  element.classList.add('compare');
  if (!beside) return element;

  const troubleText = el('span', { role: 'status' });
  const again = button({ label: say('webview.compare.again'), icon: 'refresh', press: () => app.readPinned() });
  const troubled = el('div', { class: 'compare-trouble' }, troubleText, again.element);
  const standIn = el('p', { class: 'hint' });
  const text = el('div');
  body.append(troubled, standIn);
  scope.mount(compareControls, body);
  body.append(text);
  scope.onDispose(stageView((label) => say('webview.compare.sequence', { label }))(text, beside.app));
  scope.mount(wordsApart, body);
  scope.mount(partingNote, body);
  scope.mount(differenceTable, body);

  scope.draw(() => {
    const { state } = app;
    const snapshot = pinnedSnapshot(state);
    setText(note, snapshot ? pinnedName(app, snapshot) : '');
    const found = trouble(app, snapshot);
    setText(troubleText, found.text);
    troubled.hidden = found.text === '';
    again.element.hidden = !found.again;
    text.hidden = !snapshot || snapshot.source.length + snapshot.target.length === 0;
    const stands = isStandIn(state);
    standIn.hidden = !stands;
    const { view: own } = beside.state;
    const placed = (of: typeof own, its: ExplanationSnapshot | null): string =>
      sourceName(of, kindInfo(its, of.kind)).toLowerCase();
    setText(
      standIn,
      stands
        ? say('webview.compare.standIn', { pinned: placed(own, snapshot), shown: placed(state.view, state.snapshot) })
        : '',
    );
  });
  return element;
});

/** The pinned explanation, for as long as one is pinned. */
export const compareView = view((app, scope) => {
  const element = el('div', { hidden: true });
  let end: Dispose | undefined;
  scope.draw(() => {
    const isPinned = app.state.pinned !== null;
    element.hidden = !isPinned;
    if (isPinned) end ??= pinnedSection(element, app);
    else {
      const hasFocus = element.contains(document.activeElement);
      end?.();
      end = undefined;
      // Who has pressed Unpin goes on at Pin, not at the beginning of the page.
      if (hasFocus) element.closest('main')?.querySelector<HTMLElement>('.pin')?.focus();
    }
  });
  scope.onDispose(() => end?.());
  return element;
});
