/** The chosen map as a heat map: queries are rows, keys columns; exact numbers under the pointer or the keyboard. */
import { measureOf } from '../../../src/measure/measure';
import { say } from '../../../src/text/say';
import { longestLabel } from '../../axes/axis';
import { button } from '../../controls/button';
import { el, setAttribute, setText } from '../../dom';
import { createHeatmap } from '../../render/heatmap';
import type { MatrixMark } from '../../render/scene';
import { measureWith, paintCanvas } from '../../render/paintCanvas';
import type { TokenRef } from '../../state/appState';
import { kindName, mapName, sequenceName } from '../../state/shown/names';
import { drawnBytes } from '../../state/shown/shownWeights';
import { rampOf } from '../../theme';
import { announcer } from '../announcer';
import { follow } from '../../state/frames';
import { newId, view, type View } from '../view';
import { heatScene } from './heatAxes';
import { cellText, exactAt, type Cell } from './heatCells';
import { clampStart, heatLayout, type HeatLayout } from './heatLayout';
import { shownMapIn } from './shownMap';

const MOST_HEIGHT = 640;
const ZOOM_STEP = 1.5;
const MOST_ZOOM = 256;
/** The longest label that room is made for, in characters. */
const LONGEST_LABEL = 16;

/** @param tools where its buttons go */
export const heatView = (tools: HTMLElement): View =>
  view((app, scope) => {
    const { state } = app;
    const helpId = newId('heat-help');
    const pixels = el('div', { class: 'heat-host' });
    const axes = el('canvas', { class: 'heat-axes', aria: { hidden: true } });
    const readout = el('p', { class: 'readout' });
    const spoken = announcer();
    const map = el(
      'div',
      {
        class: 'heat',
        role: 'application',
        tabIndex: 0,
        aria: {
          roledescription: say('webview.heat.role'),
          label: say('webview.heat.label'),
          describedby: helpId,
        },
      },
      pixels,
      axes,
    );
    const help = el('p', { class: 'hint', id: helpId }, say('webview.heat.help'));
    const element = el('div', { class: 'heat-view' }, readout, spoken.element, map, help);
    const heatmap = createHeatmap(pixels);
    scope.onDispose(() => heatmap.dispose());

    let zoom = 1;
    let firstRow = 0;
    let firstColumn = 0;
    let rows = 0;
    let columns = 0;
    let bytes: Uint8Array = new Uint8Array(0);
    let layout: HeatLayout | undefined;
    let cursor: Cell | null = null;
    /** True where the cursor was moved by the keyboard: the cell is then read out too. */
    let isByKey = false;
    /** True where the matrix or the colours have changed since they were drawn. */
    let changed = false;
    let lastDrawn = '';

    /** The number under the cursor: the byte at once, the exact one as soon as it is there. */
    const read = (): void => {
      const shown = shownMapIn(state);
      if (!shown) return;
      const { info } = shown;
      if (!cursor) {
        const names = {
          queries: sequenceName(state.snapshot, info.queries).toLowerCase(),
          keys: sequenceName(state.snapshot, info.keys).toLowerCase(),
        };
        setText(readout, say('webview.heat.axes', names));
        return;
      }
      const text = cellText(state, shown, cursor);
      setText(readout, text);
      if (isByKey && exactAt(state, shown, cursor) !== undefined) spoken.say(text);
    };

    const draw = (): void => {
      const shown = shownMapIn(state);
      const width = map.clientWidth;
      if (!shown || width === 0 || rows === 0) return;
      layout = heatLayout({
        width: width - 2,
        height: MOST_HEIGHT,
        rows,
        columns,
        rowLabel: longestLabel(shown.rows, LONGEST_LABEL),
        columnLabel: longestLabel(shown.columns, LONGEST_LABEL),
        zoom,
      });
      firstRow = clampStart(firstRow, layout.height / layout.cell, rows);
      firstColumn = clampStart(firstColumn, layout.width / layout.cell, columns);
      const ratio = window.devicePixelRatio;
      pixels.style.left = `${layout.left}px`;
      pixels.style.top = `${layout.top}px`;
      pixels.style.width = `${layout.width}px`;
      pixels.style.height = `${layout.height}px`;
      const { focus, palette } = state;
      const { info } = shown;
      const font = getComputedStyle(map).fontFamily;
      const scene = heatScene({
        layout,
        data: bytes,
        ramp: rampOf(palette, measureOf(shown.map)),
        rows: shown.rows,
        columns: shown.columns,
        firstRow,
        firstColumn,
        hide: state.view.hideSpecial[info.kind],
        cursor,
        focusedRows: focus?.sequence === info.queries ? focus.indices : [],
        focusedColumns: focus?.sequence === info.keys ? focus.indices : [],
        palette,
        font,
        measure: measureWith(axes, font),
      });
      paintCanvas(axes, scene, ratio, paintPixels(layout, ratio));
      map.dataset['backend'] = heatmap.backend();
    };
    /** The cells have a canvas of their own under the rest, which only changes when they do. */
    const paintPixels =
      ({ cell }: HeatLayout, ratio: number) =>
      ({ width, height, seen }: MatrixMark): boolean => {
        const viewport = {
          width: Math.round(width * ratio),
          height: Math.round(height * ratio),
          column: seen?.column ?? 0,
          row: seen?.row ?? 0,
          cell: cell * ratio,
          gap: cell >= 8 ? 1 : 0,
        };
        // A pointer that moves changes what lies over the pixels, not the pixels.
        const drawn = JSON.stringify(viewport);
        if (changed || drawn !== lastDrawn) heatmap.draw(viewport);
        changed = false;
        lastDrawn = drawn;
        return true;
      };
    const redraw = scope.onFrame(draw);

    scope.draw(() => {
      const shown = shownMapIn(state);
      const { detail, palette, view: chosen } = state;
      element.hidden = !shown || detail !== 'matrix';
      if (!shown || element.hidden) return;
      const { map: matrix, info } = shown;
      rows = matrix.queries;
      columns = matrix.keys;
      if (cursor && (cursor.row >= rows || cursor.column >= columns)) cursor = null;
      const hide = chosen.hideSpecial[info.kind];
      bytes = drawnBytes(matrix, shown.rows.items, shown.columns.items, hide, chosen.scale === 'row');
      heatmap.setMatrix(bytes, rows, columns);
      const { table, zero } = rampOf(palette, measureOf(matrix));
      heatmap.setTable(table, zero);
      changed = true;
      const about = { kind: kindName(info.kind), map: mapName(matrix, info), queries: rows, keys: columns };
      setAttribute(map, 'aria-label', say('webview.heat.about', about));
      redraw();
    });
    scope.draw(() => {
      follow(state.focus); // the axes show it
      read();
      redraw();
    });
    scope.resize(map, redraw);

    /** The first token that a row stands for. */
    const tokenAt = (row: number): TokenRef | undefined => {
      const axis = shownMapIn(state)?.rows;
      const index = axis?.items[row]?.tokens[0];
      return axis && index !== undefined ? { sequence: axis.sequence, index } : undefined;
    };
    const lock = (row: number, { shiftKey, ctrlKey, metaKey }: MouseEvent | KeyboardEvent): void => {
      const token = tokenAt(row);
      if (token) app.lock(token, shiftKey || ctrlKey || metaKey);
    };
    const moveTo = (row: number, column: number, byKey: boolean): void => {
      const token = tokenAt(row);
      if (!token || (cursor?.row === row && cursor.column === column)) return;
      cursor = { row, column };
      isByKey = byKey;
      app.hover(token);
      read();
      redraw();
    };
    const leave = (): void => {
      if (!cursor) return;
      cursor = null;
      app.hover(null);
      read();
      redraw();
    };
    const cellAt = (event: MouseEvent): Cell | undefined => {
      if (!layout) return undefined;
      const frame = map.getBoundingClientRect();
      const row = Math.floor(firstRow + (event.clientY - frame.top - layout.top) / layout.cell);
      const column = Math.floor(firstColumn + (event.clientX - frame.left - layout.left) / layout.cell);
      return row >= 0 && column >= 0 && row < rows && column < columns ? { row, column } : undefined;
    };
    /** Enlarges around a cell so that it stays where it is. */
    const zoomBy = (factor: number, around: Cell | undefined): void => {
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
    scope.listen(map, 'pointerdown', (event) => {
      drag = { x: event.clientX, y: event.clientY, row: firstRow, column: firstColumn, moved: false };
      if (zoom > 1) map.setPointerCapture(event.pointerId);
    });
    scope.listen(map, 'pointermove', (event) => {
      if (drag && layout && zoom > 1 && event.buttons === 1) {
        drag.moved ||= Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y) > 4;
        firstRow = drag.row - (event.clientY - drag.y) / layout.cell;
        firstColumn = drag.column - (event.clientX - drag.x) / layout.cell;
        redraw();
        return;
      }
      const at = cellAt(event);
      if (at) moveTo(at.row, at.column, false);
      else leave();
    });
    scope.listen(map, 'pointerleave', leave);
    scope.listen(map, 'click', (event) => {
      const at = cellAt(event);
      if (at && drag?.moved !== true) lock(at.row, event);
      drag = undefined;
    });
    scope.listen(
      map,
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
    scope.listen(map, 'blur', leave);
    scope.listen(map, 'keydown', (event) => {
      if (rows === 0 || !layout) return;
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
          if (cursor) lock(cursor.row, event);
          return;
        default:
          return;
      }
      event.preventDefault();
      row = Math.min(rows - 1, Math.max(0, row));
      column = Math.min(columns - 1, Math.max(0, column));
      firstRow = Math.min(row, Math.max(firstRow, row + 1 - layout.height / layout.cell));
      firstColumn = Math.min(column, Math.max(firstColumn, column + 1 - layout.width / layout.cell));
      moveTo(row, column, true);
    });

    const buttons = [
      button({
        label: say('webview.heat.zoomIn'),
        icon: 'zoom-in',
        iconOnly: true,
        press: () => zoomBy(ZOOM_STEP, undefined),
      }).element,
      button({
        label: say('webview.heat.zoomOut'),
        icon: 'zoom-out',
        iconOnly: true,
        press: () => zoomBy(1 / ZOOM_STEP, undefined),
      }).element,
      button({
        label: say('webview.heat.fit'),
        icon: 'screen-full',
        iconOnly: true,
        press: () => zoomBy(1 / MOST_ZOOM, undefined),
      }).element,
    ];
    tools.append(...buttons);
    scope.onDispose(() => tools.replaceChildren());
    return element;
  });
