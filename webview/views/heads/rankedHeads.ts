/** The heads of a kind arranged by a role's score: each with its picture and a badge that says score and measure. */
import { layerNumber } from '../../../src/attention/layers';
import { badgeText, ROLES, scoreText } from '../../../src/measure/roles/role';
import { say } from '../../../src/text/say';
import { el, numberUnder, setAttribute, setText } from '../../dom';
import { paintCanvas } from '../../render/paintCanvas';
import { activeRole, kindInfo, rankingTable, type AppState } from '../../state/appState';
import { placeName } from '../../state/shown/names';
import { rankedHeads, type RankedHead } from '../../state/shown/ranking';
import { view } from '../view';
import { rankedScene, type RankedLayout } from './rankedScene';

const CELL = 44;
const ACROSS = 96;
/** Height of a place: a picture, and two lines of text under it, in CSS pixels. */
const DOWN = CELL + 38;

/** The heads on show, and why there are none where that is so. */
function shownIn(state: AppState): { readonly heads: readonly RankedHead[]; readonly note: string } {
  const { ranking, snapshot, view: shown, scores } = state;
  const info = kindInfo(snapshot, shown.kind);
  const role = activeRole(state);
  if (role === null || !info) return { heads: [], note: '' };
  const table = rankingTable(state);
  if (!table) {
    const isMissing = ranking.on === 'probe' && scores === null;
    return { heads: [], note: isMissing ? say('webview.roles.notMeasured') : say('webview.roles.measuring') };
  }
  const heads = rankedHeads(table, ranking);
  const all = table.layers * table.heads;
  if (table.scores[role].every((score) => score === null)) return { heads, note: say('webview.roles.nothing') };
  return { heads, note: say('webview.roles.shown', { shown: heads.length, all }) };
}

export const rankedHeadsView = view((app, scope) => {
  const { state } = app;
  const canvas = el('canvas', { class: 'atlas-pixels', aria: { hidden: true } });
  const list = el('div', { class: 'ranked-heads', role: 'listbox', aria: { label: say('webview.roles.list') } });
  const note = el('p', { class: 'hint ranked-note', role: 'status' });
  const stage = el('div', { class: 'ranked-stage' }, canvas, list);
  const element = el('div', { class: 'ranked-view' }, note, stage);
  let layout: RankedLayout = { cell: CELL, across: ACROSS, down: DOWN, columns: 1 };
  let heads: readonly RankedHead[] = [];

  const options = (): readonly HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[role=option]')];
  const paint = (): void =>
    paintCanvas(canvas, rankedScene(heads, layout, state.atlas, state.palette), window.devicePixelRatio);
  const arrange = (): void => {
    const columns = Math.max(1, Math.floor(stage.clientWidth / ACROSS));
    layout = { cell: CELL, across: ACROSS, down: DOWN, columns };
    stage.style.setProperty('--columns', String(columns));
    stage.style.setProperty('--cell', `${CELL}px`);
    stage.style.setProperty('--across', `${ACROSS}px`);
    stage.style.setProperty('--down', `${DOWN}px`);
  };

  scope.draw(() => {
    const { snapshot, view: shown } = state;
    const info = kindInfo(snapshot, shown.kind);
    const role = activeRole(state);
    element.hidden = role === null;
    if (role === null || !info) return;
    const found = shownIn(state);
    setText(note, found.note);
    heads = found.heads;
    arrange();
    const known = options();
    const nodes = heads.map(
      (_, index) =>
        known[index] ??
        el(
          'div',
          { class: 'ranked-head', role: 'option', tabIndex: -1, data: { rank: index } },
          el('span', { class: 'ranked-place', aria: { hidden: true } }),
          el('span', { class: 'unseen' }),
          el('span', { class: 'badge' }),
        ),
    );
    if (nodes.length !== known.length) list.replaceChildren(...nodes);
    const at = heads.findIndex(({ layer, head }) => layer === shown.layer && head === shown.head);
    nodes.forEach((node, index) => {
      const one = heads[index];
      const [place, spoken, badge] = node.children;
      if (!one || !place || !spoken || !badge) return;
      setText(place, `${layerNumber(info, one.layer)}.${one.head + 1}`);
      // The name is what is seen (WCAG 2.5.3), with the place in words.
      setText(spoken, placeName(one, info));
      setText(badge, badgeText(ROLES[role], one.score));
      node.title = say('webview.roles.head', {
        place: placeName(one, info),
        score: scoreText(ROLES[role], one.score),
      });
      setAttribute(node, 'aria-selected', String(index === at));
      node.classList.toggle('chosen', index === at);
      node.tabIndex = index === Math.max(0, at) ? 0 : -1;
    });
    paint();
  });
  scope.resize(stage, () => {
    arrange();
    paint();
  });

  const pick = (index: number): void => {
    const one = heads[index];
    if (!one) return;
    app.pickHead(one.layer, one.head);
    options()[index]?.focus();
  };
  scope.listen(list, 'click', (event) => {
    const index = numberUnder(event, 'rank');
    if (index !== undefined) pick(index);
  });
  scope.listen(list, 'keydown', (event) => {
    const at = options().findIndex((node) => node === document.activeElement);
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + layout.columns,
      ArrowUp: at - layout.columns,
      Home: 0,
      End: heads.length - 1,
      Enter: at,
      ' ': at,
    }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    pick(to);
  });
  return element;
});
