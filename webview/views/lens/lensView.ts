/** The logit lens: a table of places by layers, in each cell what the layer would write next. */
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber } from '../../../src/measure/numbers';
import type { LensReport, LensRow } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { labelsApart, tokenLabel } from '../../format';
import { tokensOf, type AppState } from '../../state/appState';
import { LENS_PLACES, lensPage } from '../../state/shown/lensPages';
import { colourOf } from '../../theme';
import { section } from '../frame/section';
import { view } from '../view';

const share = (value: number): string => exactNumber(value, MEASURES.weight);

/** What a column of cells is called. */
function columnTitle({ layers }: LensReport, at: number): string {
  const layer = layers[at] ?? 0;
  if (at === layers.length - 1) return say('webview.lens.output');
  return layer < 0 ? say('webview.lens.input') : say('webview.lens.layer', { layer: layer + 1 });
}

/** A cell in words: its likeliest tokens, and how it ranks the one that came. */
function told(report: LensReport, row: LensRow, at: number, token: string): string {
  const cell = row.cells[at];
  if (!cell) return '';
  const labels = labelsApart(cell.top);
  const top = cell.top
    .map((one, place) =>
      say('webview.lens.candidate', { token: labels[place] ?? '', probability: share(one.probability) }),
    )
    .join(' · ');
  const gaps = { layer: columnTitle(report, at), token, top };
  if (!row.came || !cell.came) return say('webview.lens.cell', gaps);
  const { probability, rank } = cell.came;
  return say('webview.lens.cellCame', {
    ...gaps,
    top: `${top}.`,
    came: tokenLabel(row.came),
    probability: share(probability),
    rank,
  });
}

/** The chosen cell; where the keyboard is. */
interface Place {
  readonly row: number;
  readonly column: number;
}

const STEPS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

export const lensView = view((app, scope) => {
  const { state } = app;
  const note = el('span', { class: 'section-note', role: 'status' });
  const back = button({
    label: say('webview.lens.back'),
    icon: 'chevron-up',
    iconOnly: true,
    press: () => turn(-LENS_PLACES),
  });
  const on = button({
    label: say('webview.lens.on'),
    icon: 'chevron-down',
    iconOnly: true,
    press: () => turn(LENS_PLACES),
  });
  const toggle = button({
    label: say('webview.lens.show'),
    title: say('webview.lens.showTitle'),
    press: () => app.setView({ lens: state.view.lens === null ? 0 : null }),
  });
  const { element, body } = section(
    say('webview.lens.title'),
    note,
    el('span', { class: 'spacer' }),
    back.element,
    on.element,
    toggle.element,
  );
  element.classList.add('lens');
  const stage = el('div', { class: 'lens-stage' });
  const readout = el('p', { class: 'readout lens-readout', role: 'status' });
  const hint = el('p', { class: 'hint' }, say('webview.lens.hint'));
  const gaps = el('p', { class: 'hint' });
  body.append(readout, stage, hint, gaps);

  let chosen: Place = { row: 0, column: 0 };
  const turn = (by: number): void => {
    chosen = { row: 0, column: chosen.column };
    app.setView({ lens: Math.max(0, (state.view.lens ?? 0) + by) });
  };
  const cellAt = ({ row, column }: Place): HTMLElement | null =>
    stage.querySelector(`[data-row="${row}"][data-column="${column}"]`);

  const point = (place: Place, report: LensReport): void => {
    const row = report.rows[place.row];
    if (!row) return;
    setText(readout, told(report, row, place.column, tokenLabel(tokensOf(state.snapshot, report.sequence)[row.index])));
    app.hover({ sequence: report.sequence, index: row.index });
  };
  const placeOf = (target: EventTarget | null): Place | undefined => {
    const cell = target instanceof Element ? target.closest<HTMLElement>('.lens-cell') : null;
    return cell ? { row: Number(cell.dataset['row']), column: Number(cell.dataset['column']) } : undefined;
  };
  // What a scroll brings under a resting pointer is not pointed at.
  scope.listen(stage, 'pointermove', ({ target, movementX, movementY }) => {
    const place = placeOf(target);
    if (place && state.lens && (movementX !== 0 || movementY !== 0)) point(place, state.lens);
  });
  scope.listen(stage, 'pointerleave', () => app.hover(null));
  scope.listen(stage, 'focusin', ({ target }) => {
    const place = placeOf(target);
    if (!place || !state.lens) return;
    cellAt(chosen)?.setAttribute('tabindex', '-1');
    chosen = place;
    cellAt(chosen)?.setAttribute('tabindex', '0');
    point(place, state.lens);
  });
  scope.listen(stage, 'focusout', () => app.hover(null));
  scope.listen(stage, 'keydown', (event) => {
    const step = STEPS[event.key];
    const { lens } = state;
    if (!step || !lens || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const within = (value: number, length: number): number => Math.min(length - 1, Math.max(0, value));
    const row = within(chosen.row + step[0], lens.rows.length);
    const column = within(chosen.column + step[1], lens.layers.length);
    cellAt({ row, column })?.focus();
  });

  scope.draw(() => {
    const { view: shown, lens, snapshot, palette } = state;
    element.hidden = !snapshot?.model || snapshot.model.task !== undefined;
    const isOn = shown.lens !== null && !element.hidden;
    toggle.setLabel(say(isOn ? 'webview.lens.hide' : 'webview.lens.show'));
    body.hidden = !isOn;
    const all = lens?.length ?? 0;
    const from = isOn ? lensPage(shown.lens, all) : 0;
    back.element.hidden = on.element.hidden = !isOn || all <= LENS_PLACES;
    back.enable(from > 0);
    on.enable(from + LENS_PLACES < all);
    if (!isOn) setText(note, '');
    else if (!lens) setText(note, say('webview.lens.computing'));
    else if (all > LENS_PLACES)
      setText(note, say('webview.lens.places', { from: from + 1, to: Math.min(all, from + LENS_PLACES), all }));
    else setText(note, '');
    if (!isOn || !lens) {
      stage.replaceChildren();
      readout.hidden = hint.hidden = gaps.hidden = true;
      return;
    }
    const reason = lens.gaps.join('; ');
    const isNone = lens.layers.length === 0;
    readout.hidden = hint.hidden = isNone;
    gaps.hidden = !isNone && reason === '';
    const why = reason === '' ? say('webview.lens.noneFound') : reason;
    setText(gaps, isNone ? say('webview.lens.none', { reason: why }) : say('webview.lens.gaps', { reason }));
    setText(readout, say('webview.lens.point'));
    if (isNone) stage.replaceChildren();
    else stage.replaceChildren(table(lens, snapshot, palette, chosen));
  });
  return element;
});

function table(
  report: LensReport,
  snapshot: AppState['snapshot'],
  palette: AppState['palette'],
  chosen: Place,
): HTMLElement {
  const tokens = tokensOf(snapshot, report.sequence);
  const isWritten = report.sequence === 'target';
  const head = [
    say(isWritten ? 'webview.lens.read' : 'webview.lens.readAt'),
    ...report.layers.map((_, at) => columnTitle(report, at)),
    say(isWritten ? 'webview.lens.came' : 'webview.lens.there'),
  ];
  const reachable = report.rows[chosen.row] ? chosen : { row: 0, column: 0 };
  return el(
    'table',
    { class: 'lens-table', role: 'grid', aria: { label: say('webview.lens.table') } },
    el('thead', {}, el('tr', {}, ...head.map((name) => el('th', { role: 'columnheader' }, name)))),
    el(
      'tbody',
      {},
      ...report.rows.map((row, at) => {
        const token = tokenLabel(tokens[row.index]);
        const cells = row.cells.map((cell, column) => {
          const [likeliest] = cell.top;
          const isRight = likeliest !== undefined && likeliest.id === row.came?.id;
          const node = el(
            'td',
            {
              class: isRight ? 'lens-cell right' : 'lens-cell',
              tabIndex: at === reachable.row && column === reachable.column ? 0 : -1,
              aria: { label: told(report, row, column, token) },
            },
            el('bdi', {}, tokenLabel(likeliest)),
          );
          node.dataset['row'] = String(at);
          node.dataset['column'] = String(column);
          const { fill, text } = colourOf(palette, MEASURES.weight, likeliest?.probability ?? 0);
          node.style.backgroundColor = fill;
          node.style.color = text;
          return node;
        });
        return el(
          'tr',
          {},
          el('th', { role: 'rowheader' }, el('bdi', {}, token)),
          ...cells,
          el('td', { class: 'lens-came' }, el('bdi', {}, row.came ? tokenLabel(row.came) : '')),
        );
      }),
    ),
  );
}
