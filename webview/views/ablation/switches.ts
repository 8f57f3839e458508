/** Switching heads off in the overview, and ranking them by what each is worth. */
import { shownHeads } from '../../../src/measure/headSets';
import { exactNumber } from '../../../src/measure/numbers';
import { MEASURES } from '../../../src/measure/measure';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { kindInfo } from '../../state/appState';
import { costsOfText, isOff } from '../../state/switchedOff';
import { view } from '../view';

export const headSwitches = view((app, scope) => {
  const { state } = app;
  const toggle = button({
    label: say('webview.off.switch'),
    icon: 'circle-slash',
    title: say('webview.off.switchTitle'),
    press: () => app.switchHeads(),
  });
  const all = button({ label: say('webview.off.allOn'), icon: 'discard', press: () => app.setView({ off: [] }) });
  const rank = button({
    label: say('webview.off.rank'),
    icon: 'list-ordered',
    title: say('webview.off.rankTitle'),
    press: () => app.rankHeads(),
  });
  const stop = button({ label: say('webview.off.stop'), icon: 'debug-stop', press: () => app.stopRanking() });
  const bar = el('progress', { class: 'measure-progress', aria: { label: say('webview.off.progress') } });
  const note = el('p', { class: 'hint', role: 'status' });
  const element = el(
    'div',
    { class: 'head-switches', role: 'group', aria: { label: say('webview.off.label') } },
    toggle.element,
    all.element,
    rank.element,
    bar,
    stop.element,
  );
  scope.draw(() => {
    const { snapshot, view: shown, costs, costing, measure } = state;
    const info = kindInfo(snapshot, shown.kind);
    // A measure that takes a layer's heads together, and a rollout, have no heads to pick.
    const picked = info && shown.source.type !== 'rollout' ? shownHeads(shown.source, shown, info) : [];
    const areOff = picked.length > 0 && picked.every((place) => isOff(shown.off, { ...place, kind: shown.kind }));
    toggle.element.hidden = picked.length === 0 || measure.shown.name === 'contribution';
    toggle.setLabel(say(areOff ? 'webview.off.switchOn' : 'webview.off.switch'));
    all.element.hidden = shown.off.length === 0;
    const isBusy = snapshot === null || ['loading', 'encoding', 'generating'].includes(snapshot.status);
    toggle.enable(!isBusy);
    rank.enable(!isBusy);
    rank.element.hidden = costing;
    bar.hidden = !costing;
    stop.element.hidden = !costing;
    const known = costsOfText(snapshot, shown.kind, costs);
    if (known) {
      bar.max = known.layers * known.heads;
      bar.value = known.done;
    } else bar.removeAttribute('value');
  });
  scope.draw(() => {
    const { snapshot, view: shown, costs, costing } = state;
    const known = costsOfText(snapshot, shown.kind, costs);
    note.hidden = known === null;
    if (!known) return;
    const count = known.layers * known.heads;
    const plain = exactNumber(known.plain, MEASURES.difference);
    const reason = known.gaps.length > 0 ? say('webview.off.rankGap', { reason: known.gaps.join('; ') }) : '';
    if (costing) setText(note, say('webview.off.ranking', { done: known.done, all: count }));
    else if (known.done < count) setText(note, say('webview.off.rankedPart', { done: known.done, all: count, plain }));
    else setText(note, [say('webview.off.ranked', { plain }), reason].filter(Boolean).join(' '));
  });
  return el('div', {}, element, note);
});
