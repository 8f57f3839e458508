/** The chosen head as a heat map: queries are rows, keys columns; exact numbers under the pointer or the keyboard. */
import { sequenceName, type App } from '../../state/app';
import { tokenPhrase } from '../../state/colouring';
import { button } from '../../controls/button';
import { el, setAttribute, setText } from '../../dom';
import { exactWeight, headName, layerName, tokenLabel } from '../../format';
import { KIND_NAMES, kindInfo, tokensOf, weightsIn, type AppState } from '../../state/appState';
import { createHeatmap } from '../../render/heatmap';
import { drawnBytes, rowOf } from '../../state/shownWeights';
import { drawAxes } from './heatAxes';
import { clampStart, heatLayout, type HeatLayout } from './heatLayout';

const MOST_HEIGHT = 640;
const ZOOM_STEP = 1.5;
const MOST_ZOOM = 256;

export function heatView(app: App): { readonly element: HTMLElement; readonly tools: readonly HTMLElement[] } {
  const { store } = app;
  const pixels = el('div', { class: 'heat-host' });
  const axes = el('canvas', { class: 'heat-axes', aria: { hidden: true } });
  const readout = el('p', { class: 'readout', role: 'status', aria: { live: 'polite' } });
  const map = el(
    'div',
    {
      class: 'heat',
      role: 'application',
      tabIndex: 0,
      aria: { roledescription: 'heat map', label: 'Heat map of the chosen head', describedby: 'heat-help' },
    },
    pixels,
    axes,
  );
  const help = el(
    'p',
    { class: 'hint', id: 'heat-help' },
    'Rows look at columns. Arrow keys move, Enter locks the row’s token, + and − zoom, Ctrl and the wheel too.',
  );
  const element = el('div', { class: 'heat-view' }, readout, map, help);
  const heatmap = createHeatmap(pixels);

  let zoom = 1;
  let firstRow = 0;
  let firstColumn = 0;
  let rows = 0;
  let columns = 0;
  let layout: HeatLayout | undefined;
  let cursor: { row: number; column: number } | null = null;
  let scheduled = false;
  /** The matrix or the colours are other than those drawn. */
  let changed = false;
  let lastDrawn = '';

  /** The number under the cursor: the byte at once, the exact one as soon as it is there. */
  const sentence = (state: AppState): string => {
    const { snapshot, view, head, focus } = state;
    const info = kindInfo(snapshot, view.kind);
    if (!info || !head || head.kind !== info.kind) return '';
    if (!cursor)
      return `Rows: ${sequenceName(snapshot, info.queries).toLowerCase()} (queries). Columns: ${sequenceName(snapshot, info.keys).toLowerCase()} (keys).`;
    const { row, column } = cursor;
    const entry =
      focus?.sequence === info.queries && focus.indices.length === 1 && focus.indices[0] === row
        ? weightsIn(state, info.kind, 'query')
        : undefined;
    const exact = entry ? rowOf(entry, head.layer, head.head)[column] : undefined;
    const number =
      exact === undefined ? `≈ ${((head.data[row * columns + column] ?? 0) / 255).toFixed(2)}` : exactWeight(exact);
    return `${tokenPhrase(tokensOf(snapshot, info.queries), row, info.queries === 'target')} → “${tokenLabel(tokensOf(snapshot, info.keys)[column])}”: ${number}`;
  };

  const draw = (): void => {
    scheduled = false;
    const state = store.get();
    const info = kindInfo(state.snapshot, state.view.kind);
    const width = map.clientWidth;
    if (!info || width === 0 || rows === 0) return;
    const queryTokens = tokensOf(state.snapshot, info.queries).slice(0, rows);
    const keyTokens = tokensOf(state.snapshot, info.keys).slice(0, columns);
    const longest = (tokens: typeof queryTokens): number =>
      tokens.reduce((most, token) => Math.max(most, Math.min(16, tokenLabel(token).length)), 1);
    layout = heatLayout({
      width: width - 2,
      height: MOST_HEIGHT,
      rows,
      columns,
      rowLabel: longest(queryTokens),
      columnLabel: longest(keyTokens),
      zoom,
    });
    firstRow = clampStart(firstRow, layout.height / layout.cell, rows);
    firstColumn = clampStart(firstColumn, layout.width / layout.cell, columns);
    const ratio = window.devicePixelRatio;
    pixels.style.left = `${layout.left}px`;
    pixels.style.top = `${layout.top}px`;
    pixels.style.width = `${layout.width}px`;
    pixels.style.height = `${layout.height}px`;
    const viewport = {
      width: Math.round(layout.width * ratio),
      height: Math.round(layout.height * ratio),
      column: firstColumn,
      row: firstRow,
      cell: layout.cell * ratio,
      gap: layout.cell >= 8 ? 1 : 0,
    };
    // A pointer that moves changes what lies over the pixels, not the pixels.
    const drawn = JSON.stringify(viewport);
    if (changed || drawn !== lastDrawn) heatmap.draw(viewport);
    changed = false;
    lastDrawn = drawn;
    const { focus } = state;
    drawAxes(axes, {
      layout,
      rows: queryTokens,
      columns: keyTokens,
      firstRow,
      firstColumn,
      hide: state.view.hideSpecial[info.kind],
      cursor,
      focusedRows: focus?.sequence === info.queries ? focus.indices : [],
      focusedColumns: focus?.sequence === info.keys ? focus.indices : [],
      palette: state.palette,
      font: getComputedStyle(map).fontFamily,
      ratio,
    });
    map.dataset['backend'] = heatmap.backend();
  };
  const redraw = (): void => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  };

  store.watch(
    ({ head, snapshot, view, palette, detail }) =>
      [head, view.hideSpecial, view.scale, snapshot?.source, snapshot?.target, palette, detail] as const,
    ([head], { snapshot, view, palette, detail }) => {
      const info = kindInfo(snapshot, view.kind);
      element.hidden = !head || head.kind !== info?.kind || detail !== 'matrix';
      if (element.hidden || !head || !info || head.kind !== info.kind) return;
      if (rows !== head.queries || columns !== head.keys) {
        rows = head.queries;
        columns = head.keys;
        if (cursor && (cursor.row >= rows || cursor.column >= columns)) cursor = null;
      }
      const bytes = drawnBytes(
        head,
        tokensOf(snapshot, info.queries),
        tokensOf(snapshot, info.keys),
        view.hideSpecial[info.kind],
        view.scale === 'row',
      );
      heatmap.setMatrix(bytes, rows, columns);
      heatmap.setTable(palette.ramp.table);
      changed = true;
      setAttribute(
        map,
        'aria-label',
        `${KIND_NAMES[info.kind]}, ${layerName(head.layer, info)}, ${headName(head.head)}: heat map of ${rows} queries by ${columns} keys`,
      );
      redraw();
    },
  );
  store.watch(
    ({ focus, weights, head, view, snapshot }) => [focus, weights, head, view, snapshot?.target] as const,
    (_selected, state) => {
      setText(readout, sentence(state));
      redraw();
    },
  );
  new ResizeObserver(redraw).observe(map);

  const moveTo = (row: number, column: number): void => {
    const info = kindInfo(store.get().snapshot, store.get().view.kind);
    if (!info || rows === 0) return;
    if (cursor?.row === row && cursor.column === column) return;
    cursor = { row, column };
    app.hover({ sequence: info.queries, index: row });
    setText(readout, sentence(store.get()));
    redraw();
  };
  const leave = (): void => {
    if (!cursor) return;
    cursor = null;
    app.hover(null);
    setText(readout, sentence(store.get()));
    redraw();
  };
  const cellAt = (event: MouseEvent): { row: number; column: number } | undefined => {
    if (!layout) return undefined;
    const frame = map.getBoundingClientRect();
    const row = Math.floor(firstRow + (event.clientY - frame.top - layout.top) / layout.cell);
    const column = Math.floor(firstColumn + (event.clientX - frame.left - layout.left) / layout.cell);
    return row >= 0 && column >= 0 && row < rows && column < columns ? { row, column } : undefined;
  };
  /** Enlarges around a cell so that it stays where it is. */
  const zoomBy = (factor: number, around: { row: number; column: number } | undefined): void => {
    if (!layout) return;
    const next = Math.min(MOST_ZOOM, Math.max(1, zoom * factor));
    const at = around ?? {
      row: firstRow + layout.height / layout.cell / 2,
      column: firstColumn + layout.width / layout.cell / 2,
    };
    firstRow = at.row - (at.row - firstRow) * (zoom / next);
    firstColumn = at.column - (at.column - firstColumn) * (zoom / next);
    zoom = next;
    redraw();
  };

  let drag: { x: number; y: number; row: number; column: number; moved: boolean } | undefined;
  map.addEventListener('pointerdown', (event) => {
    drag = { x: event.clientX, y: event.clientY, row: firstRow, column: firstColumn, moved: false };
    if (zoom > 1) map.setPointerCapture(event.pointerId);
  });
  map.addEventListener('pointermove', (event) => {
    if (drag && layout && zoom > 1 && event.buttons === 1) {
      drag.moved ||= Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y) > 4;
      firstRow = drag.row - (event.clientY - drag.y) / layout.cell;
      firstColumn = drag.column - (event.clientX - drag.x) / layout.cell;
      redraw();
      return;
    }
    const at = cellAt(event);
    if (at) moveTo(at.row, at.column);
    else leave();
  });
  map.addEventListener('pointerleave', leave);
  map.addEventListener('click', (event) => {
    const info = kindInfo(store.get().snapshot, store.get().view.kind);
    const at = cellAt(event);
    if (info && at && drag?.moved !== true)
      app.lock({ sequence: info.queries, index: at.row }, event.shiftKey || event.ctrlKey || event.metaKey);
    drag = undefined;
  });
  map.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && zoom === 1) return; // the page scrolls
      event.preventDefault();
      if (event.ctrlKey) zoomBy(event.deltaY < 0 ? 1.25 : 0.8, cellAt(event));
      else if (layout) {
        firstRow += event.deltaY / layout.cell;
        firstColumn += event.deltaX / layout.cell;
        redraw();
      }
    },
    { passive: false },
  );
  map.addEventListener('blur', leave);
  map.addEventListener('keydown', (event) => {
    const info = kindInfo(store.get().snapshot, store.get().view.kind);
    if (!info || rows === 0 || !layout) return;
    const page = Math.max(1, Math.floor(layout.height / layout.cell) - 1);
    let { row, column } = cursor ?? { row: Math.floor(firstRow), column: Math.floor(firstColumn) - 1 };
    switch (event.key) {
      case 'ArrowRight':
        column++;
        break;
      case 'ArrowLeft':
        column--;
        break;
      case 'ArrowDown':
        row++;
        break;
      case 'ArrowUp':
        row--;
        break;
      case 'PageDown':
        row += page;
        break;
      case 'PageUp':
        row -= page;
        break;
      case 'Home':
        column = 0;
        break;
      case 'End':
        column = columns - 1;
        break;
      case '+':
      case '=':
        zoomBy(ZOOM_STEP, cursor ?? undefined);
        event.preventDefault();
        return;
      case '-':
        zoomBy(1 / ZOOM_STEP, cursor ?? undefined);
        event.preventDefault();
        return;
      case 'Enter':
      case ' ':
        event.preventDefault();
        if (cursor)
          app.lock({ sequence: info.queries, index: cursor.row }, event.shiftKey || event.ctrlKey || event.metaKey);
        return;
      default:
        return;
    }
    event.preventDefault();
    row = Math.min(rows - 1, Math.max(0, row));
    column = Math.min(columns - 1, Math.max(0, column));
    firstRow = Math.min(row, Math.max(firstRow, row + 1 - layout.height / layout.cell));
    firstColumn = Math.min(column, Math.max(firstColumn, column + 1 - layout.width / layout.cell));
    moveTo(row, column);
  });

  const tools = [
    button({ label: 'Zoom in', icon: 'zoom-in', iconOnly: true, press: () => zoomBy(ZOOM_STEP, undefined) }).element,
    button({ label: 'Zoom out', icon: 'zoom-out', iconOnly: true, press: () => zoomBy(1 / ZOOM_STEP, undefined) })
      .element,
    button({ label: 'Fit', icon: 'screen-full', iconOnly: true, press: () => zoomBy(1 / MOST_ZOOM, undefined) })
      .element,
  ];
  return { element, tools };
}
