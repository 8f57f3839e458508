/** The chosen map as lines between two columns: all of them for a short text, the focused token's for a longer one. */
import type { KindInfo } from '../../../src/attention/types';
import { say } from '../../../src/text/say';
import { el, setAttribute, setText } from '../../dom';
import { paintCanvas } from '../../render/paintCanvas';
import type { AppState, TokenRef } from '../../state/appState';
import { kindName, mapName, sequenceName } from '../../state/shown/names';
import { view } from '../view';
import { ALL_LINES, linesScene, ROW } from './linesScene';
import { shownMapIn, type ShownMap } from './shownMap';

/** Beyond this the columns would be taller than a canvas may be. */
const MOST_ITEMS = 600;

function hintText({ snapshot }: AppState, { info }: ShownMap, rows: number): string {
  if (rows > MOST_ITEMS) return say('webview.lines.tooLong', { count: rows });
  const names = {
    queries: sequenceName(snapshot, info.queries).toLowerCase(),
    keys: sequenceName(snapshot, info.keys).toLowerCase(),
  };
  return rows <= ALL_LINES ? say('webview.lines.sides', names) : say('webview.lines.point', names);
}

export const linesView = view((app, scope) => {
  const { state } = app;
  const canvas = el('canvas', { class: 'lines-canvas', role: 'img' });
  const scroller = el(
    'div',
    { class: 'lines-scroller', tabIndex: 0, role: 'region', aria: { label: say('webview.lines.label') } },
    canvas,
  );
  const note = el('p', { class: 'hint' });
  const element = el('div', { class: 'lines' }, note, scroller);
  let gutter = 110;

  const draw = (): void => {
    const { detail, palette, view: chosen, focus } = state;
    element.hidden = detail !== 'lines';
    const shown = shownMapIn(state);
    const width = scroller.clientWidth;
    if (!shown || width === 0 || element.hidden) return;
    const { map, info, rows: queries, columns: keys } = shown;
    const rows = Math.max(queries.items.length, keys.items.length);
    scroller.hidden = rows > MOST_ITEMS;
    setText(note, hintText(state, shown, rows));
    if (scroller.hidden) return;
    const about = {
      kind: kindName(info.kind),
      map: mapName(map, info),
      queries: queries.items.length,
      keys: keys.items.length,
    };
    setAttribute(canvas, 'aria-label', say('webview.lines.about', about));
    gutter = Math.min(130, width * 0.3);
    const isSelf = info.queries === info.keys;
    const focused = (sequence: KindInfo['queries'], direction: 'to' | 'from'): readonly number[] =>
      focus?.sequence === sequence && (!isSelf || chosen.direction === direction) ? focus.indices : [];
    const scene = linesScene({
      map,
      queries,
      keys,
      focusedQueries: focused(info.queries, 'to'),
      focusedKeys: focused(info.keys, 'from'),
      hide: chosen.hideSpecial[info.kind],
      byRow: chosen.scale === 'row',
      palette,
      font: getComputedStyle(scroller).fontFamily,
      width,
      gutter,
    });
    paintCanvas(canvas, scene, window.devicePixelRatio);
  };
  scope.draw(draw);
  scope.resize(scroller, draw);

  const under = (event: MouseEvent): (TokenRef & { readonly isQuery: boolean }) | undefined => {
    const shown = shownMapIn(state);
    if (!shown) return undefined;
    const frame = canvas.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const isQuery = x <= gutter;
    if (!isQuery && x < frame.width - gutter) return undefined;
    const axis = isQuery ? shown.rows : shown.columns;
    const index = axis.items[Math.floor((event.clientY - frame.top - 2) / ROW)]?.tokens[0];
    return index === undefined ? undefined : { sequence: axis.sequence, index, isQuery };
  };
  scope.listen(canvas, 'pointermove', (event) => {
    const at = under(event);
    // In a self-attention the side that is pointed at says which way to read.
    if (at && state.focus?.locked !== true) app.setDirection(at.isQuery ? 'to' : 'from');
    app.hover(at ?? null);
  });
  scope.listen(canvas, 'pointerleave', () => app.hover(null));
  scope.listen(canvas, 'click', (event) => {
    const at = under(event);
    if (at) app.lock(at, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  return element;
});
