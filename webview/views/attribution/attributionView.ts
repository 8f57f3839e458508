/** Why this token: the parts of its logit, or of its lead over another one, by head and by token, with what is left over and the sum. */
import { ATTENTION_KINDS, type HeadRef } from '../../../src/attention/types';
import { headSums } from '../../../src/measure/attribution/attributedKeys';
import { say } from '../../../src/text/say';
import type { AttributionReport } from '../../../src/protocol/engine';
import { button } from '../../controls/button';
import { el, setAttribute, setText } from '../../dom';
import { kindsOf, type AppState } from '../../state/appState';
import { choiceWithin, firstChoice, predictedPlaces } from '../../state/attribution/attributedPlaces';
import { placeName } from '../../state/shown/names';
import { section } from '../frame/section';
import { view } from '../view';
import { chooser } from './chooser';
import { partGrid } from './partGrid';
import { partsTable, sumSentence } from './partsTable';
import { scaleOf } from './signedCell';
import { throughTokens } from './throughTokens';

const STEPS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const isSameHead = (one: HeadRef | null, other: HeadRef | null): boolean =>
  one?.kind === other?.kind && one?.layer === other?.layer && one?.head === other?.head;

/** The head that a cell stands for; null for a feed-forward part. */
function headOf(cell: HTMLElement): HeadRef | null {
  const kind = ATTENTION_KINDS.find((one) => one === cell.dataset['kind']);
  if (!kind || cell.classList.contains('feed-forward')) return null;
  return { kind, layer: Number(cell.dataset['row']), head: Number(cell.dataset['column']) };
}

export const attributionView = view((app, scope) => {
  const { state } = app;
  const note = el('span', { class: 'section-note', role: 'status' });
  /** What was on show when this was drawn last; undefined before the page knows. */
  let drawn: string | undefined;
  const set = (attribution: AppState['view']['attribution']): void => {
    drawn = JSON.stringify(attribution);
    app.setView({ attribution });
  };
  const toggle = button({
    label: say('webview.attribution.show'),
    title: say('webview.attribution.showTitle'),
    press: () => set(state.view.attribution ? null : firstChoice(state.snapshot, state.focus)),
  });
  const { element, body } = section(
    say('webview.attribution.title'),
    note,
    el('span', { class: 'spacer' }),
    toggle.element,
  );
  element.classList.add('attribution');
  const choices = chooser(set);
  const sum = el('p', { class: 'attribution-sum', role: 'status' });
  const grids = el('div', { class: 'attribution-grids' });
  const chosenNote = el('p', { class: 'hint', role: 'status' });
  const through = el('div', { class: 'attribution-through' });
  const hint = el('p', { class: 'hint' }, say('webview.attribution.hint'));
  body.append(choices.element, sum, grids, chosenNote, through, hint);

  /** The head whose tokens are shown alone. */
  let chosen: HeadRef | null = null;
  let report: AttributionReport | null = null;
  const cells = (): readonly HTMLElement[] => [...grids.querySelectorAll<HTMLElement>('.attribution-cell')];

  const showThrough = (shown: Pick<AppState, 'snapshot' | 'palette'>): void => {
    for (const cell of cells()) {
      const head = headOf(cell);
      const is = head !== null && isSameHead(head, chosen);
      cell.classList.toggle('chosen', is);
      setAttribute(cell, 'aria-selected', head ? String(is) : null);
    }
    const info = kindsOf(shown.snapshot).find(({ kind }) => kind === chosen?.kind);
    const place = chosen && placeName(chosen, info);
    setText(chosenNote, place === null ? say('webview.attribution.all') : say('webview.attribution.chosen', { place }));
    through.replaceChildren(...(report ? throughTokens(report, chosen, shown) : []));
  };
  const choose = (cell: HTMLElement): void => {
    const head = headOf(cell);
    if (!head) return;
    chosen = isSameHead(head, chosen) ? null : head;
    showThrough(state);
  };
  const cellUnder = ({ target }: Event): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>('.attribution-cell') : null;
  scope.listen(grids, 'click', (event) => {
    const cell = cellUnder(event);
    if (cell) choose(cell);
  });
  scope.listen(grids, 'focusin', (event) => {
    const cell = cellUnder(event);
    const own = cell?.closest('table')?.querySelectorAll<HTMLElement>('.attribution-cell') ?? [];
    for (const one of own) one.tabIndex = one === cell ? 0 : -1;
  });
  scope.listen(grids, 'keydown', (event) => {
    const cell = cellUnder(event);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      const [row, column] = [Number(cell.dataset['row']) + step[0], Number(cell.dataset['column']) + step[1]];
      cell.closest('table')?.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') choose(cell);
    else return;
    event.preventDefault();
  });
  // A link or a token under the pointer lights up in the text.
  scope.listen(through, 'pointerover', ({ target }) => {
    const node = target instanceof Element ? target.closest<HTMLElement>('[data-sequence]') : null;
    const sequence = node?.dataset['sequence'] === 'source' ? 'source' : 'target';
    app.hover(node ? { sequence, index: Number(node.dataset['index']) } : null);
  });
  scope.listen(through, 'pointerleave', () => app.hover(null));

  scope.draw(() => {
    const { snapshot, view: shown, attribution, palette, connected } = state;
    const places = predictedPlaces(snapshot);
    const choice = choiceWithin(places, shown.attribution);
    element.hidden = places.length === 0;
    body.hidden = !choice;
    const isComputing = choice !== null && attribution === null;
    toggle.setLabel(labelOf(choice !== null, isComputing));
    const refusal = attribution && 'refusal' in attribution ? attribution.refusal : null;
    setText(note, isComputing ? say('webview.attribution.computing') : '');
    if (choice) choices.show(snapshot, places, choice);
    const next = attribution && 'report' in attribution ? attribution.report : null;
    if (next !== report && !hasHead(next, chosen)) chosen = null;
    report = next;
    chosenNote.hidden = hint.hidden = !report;
    setText(sum, refusal?.message ?? (report ? sumSentence(report) : ''));
    grids.replaceChildren(...(report ? gridsOf(report, snapshot, palette) : []));
    showThrough({ snapshot, palette });
    // What was chosen in the generation view is brought into sight here.
    const now = JSON.stringify(shown.attribution);
    if (choice && drawn !== undefined && drawn !== now) element.scrollIntoView({ block: 'start' });
    if (connected) drawn = now;
  });
  return element;
});

function labelOf(isOn: boolean, isComputing: boolean): string {
  if (!isOn) return say('webview.attribution.show');
  return isComputing ? say('webview.attribution.stop') : say('webview.attribution.hide');
}

const hasHead = (report: AttributionReport | null, head: HeadRef | null): boolean =>
  head === null || report?.kinds.some(({ kind }) => kind === head.kind) === true;

/** The sum's table, and a grid for each kind of attention on one scale; the feed-forward parts stand beside the stack's own. */
function gridsOf(
  report: AttributionReport,
  snapshot: AppState['snapshot'],
  palette: AppState['palette'],
): readonly Node[] {
  const { kinds, rest } = report;
  const scale = scaleOf(rest.feedForward, ...kinds.map(headSums));
  const infos = kindsOf(snapshot);
  return [
    partsTable(report, palette),
    ...kinds.map((kind, at) =>
      partGrid(
        kind,
        infos.find((info) => info.kind === kind.kind),
        at === 0 && rest.feedForward.length === kind.layers ? rest.feedForward : undefined,
        scale,
        palette,
      ),
    ),
  ];
}
