/** Switching heads off in the overview, and ranking them by what each is worth. */
import { exactNumber } from '../../../src/measure/numbers';
import { MEASURES } from '../../../src/measure/measure';
import type { HeadCosts } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { kindInfo, isBusy } from '../../state/appState';
import { changingLabel, isScored, unitOf } from '../../state/shown/scoredBy';
import { costsOfText, isOff, switchable } from '../../state/shown/switchedOff';
import { view } from '../view';

/** What is lost without each whole layer. */
function layersOf({ layerCosts }: HeadCosts): string {
  const layers = [...layerCosts].flatMap((cost, layer) =>
    Number.isNaN(cost)
      ? []
      : [say('webview.off.layerCost', { layer: layer + 1, change: exactNumber(-cost, MEASURES.difference) })],
  );
  return layers.length === 0 ? '' : say('webview.off.layerCosts', { layers: layers.join(' · ') });
}

const wholeOf = ({ label }: HeadCosts, plain: string): string =>
  label
    ? say('webview.off.rankedLabel', { plain, what: changingLabel(label), unit: unitOf(label) })
    : say('webview.off.ranked', { plain });
const partOf = (
  { label }: HeadCosts,
  gaps: { readonly done: number; readonly all: number; readonly plain: string },
): string =>
  label
    ? say('webview.off.rankedPartLabel', { ...gaps, what: changingLabel(label) })
    : say('webview.off.rankedPart', gaps);

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
    const { snapshot, view: shown, costs, costing } = state;
    const heads = switchable(shown, kindInfo(snapshot, shown.kind));
    const areOff = heads.length > 0 && heads.every((head) => isOff(shown.off, head));
    toggle.element.hidden = heads.length === 0;
    toggle.setLabel(say(areOff ? 'webview.off.switchOn' : 'webview.off.switch'));
    all.element.hidden = shown.off.length === 0;
    const isAtRest = snapshot !== null && !isBusy(snapshot);
    toggle.enable(isAtRest);
    rank.enable(isAtRest && isScored(snapshot));
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
    else if (known.done < count) setText(note, partOf(known, { done: known.done, all: count, plain }));
    else setText(note, [wholeOf(known, plain), layersOf(known), reason].filter(Boolean).join(' '));
  });
  return el('div', {}, element, note);
});
