/** Draws what lies over the heat map: labels, crosshair, hidden rows and columns. One Canvas2D. */
import type { Token } from '../../../src/attention/types';
import { cutLabel, tokenLabel } from '../../format';
import { isHidden } from '../../state/appState';
import type { Palette } from '../../theme';
import type { HeatLayout } from './heatLayout';

export interface AxesScene {
  readonly layout: HeatLayout;
  readonly rows: readonly Token[];
  readonly columns: readonly Token[];
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly hide: boolean;
  /** The cell under the pointer or the keyboard. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
  readonly focusedRows: readonly number[];
  readonly focusedColumns: readonly number[];
  readonly palette: Palette;
  readonly font: string;
  readonly ratio: number;
}

const LONGEST = 16;

export function drawAxes(canvas: HTMLCanvasElement, scene: AxesScene): void {
  const { layout, palette, ratio, cursor } = scene;
  const { left, top, right, width, height, cell } = layout;
  const context = canvas.getContext('2d');
  if (!context) return;
  // One pixel more than the map, for its frame.
  canvas.width = Math.round((left + width + right) * ratio);
  canvas.height = Math.round((top + height + 1) * ratio);
  canvas.style.width = `${left + width + right}px`;
  canvas.style.height = `${top + height + 1}px`;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, left + width + right, top + height + 1);
  context.font = `11px ${scene.font}`;
  context.textBaseline = 'middle';

  const x = (column: number): number => left + (column - scene.firstColumn) * cell;
  const y = (row: number): number => top + (row - scene.firstRow) * cell;
  const seenColumns = range(scene.firstColumn, width / cell, scene.columns.length);
  const seenRows = range(scene.firstRow, height / cell, scene.rows.length);

  // Hidden special tokens: their cells are not zero, they are not shown; a hatch says so.
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = palette.border;
  context.lineWidth = 1;
  for (const column of seenColumns)
    if (isHidden(scene.columns[column], scene.hide)) hatch(context, x(column), top, cell, height);
  for (const row of seenRows) if (isHidden(scene.rows[row], scene.hide)) hatch(context, left, y(row), width, cell);
  context.restore();

  if (cell >= 2 || palette.highContrast) {
    context.strokeStyle = palette.border;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  }

  // Labels: all where they fit, else every nth as a number, and the cursor's always.
  const every = layout.labels ? 1 : niceStep(28 / cell);
  const strong = (list: readonly number[], index: number, at: number | undefined): boolean =>
    list.includes(index) || index === at;
  context.textAlign = 'right';
  for (const row of seenRows) {
    const is = strong(scene.focusedRows, row, cursor?.row);
    if (!is && (row % every !== 0 || (!layout.labels && near(row, cursor?.row, 14 / cell)))) continue;
    label(
      context,
      is || layout.labels ? tokenLabel(scene.rows[row]) : String(row + 1),
      left - 5,
      y(row) + cell / 2,
      0,
      left - 8,
      is,
      scene,
      isHidden(scene.rows[row], scene.hide),
    );
  }
  context.textAlign = 'left';
  for (const column of seenColumns) {
    const is = strong(scene.focusedColumns, column, cursor?.column);
    if (!is && (column % every !== 0 || (!layout.labels && near(column, cursor?.column, 14 / cell)))) continue;
    label(
      context,
      is || layout.labels ? tokenLabel(scene.columns[column]) : String(column + 1),
      x(column) + cell / 2 + 1,
      top - 5,
      -Math.PI / 3,
      (top - 8) / 0.87,
      is,
      scene,
      isHidden(scene.columns[column], scene.hide),
    );
  }

  if (cursor) {
    context.strokeStyle = palette.foreground;
    context.globalAlpha = 0.55;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, y(cursor.row) - 0.5, width + 1, Math.max(1, cell) + 1);
    context.strokeRect(x(cursor.column) - 0.5, top - 0.5, Math.max(1, cell) + 1, height + 1);
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.strokeStyle = palette.focus;
    context.strokeRect(x(cursor.column) - 1, y(cursor.row) - 1, Math.max(3, cell) + 2, Math.max(3, cell) + 2);
  }
}

/** The cells in sight. */
function range(first: number, seen: number, all: number): readonly number[] {
  const from = Math.max(0, Math.floor(first));
  return Array.from({ length: Math.max(0, Math.min(all, Math.ceil(first + seen)) - from) }, (_, index) => from + index);
}

const near = (index: number, cursor: number | undefined, cells: number): boolean =>
  cursor !== undefined && Math.abs(index - cursor) < cells;

/** 1, 2, 5, 10, 20, 50, … not below `least`. */
function niceStep(least: number): number {
  for (let power = 1; ; power *= 10) for (const factor of [1, 2, 5]) if (factor * power >= least) return factor * power;
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  for (let at = -height; at < width; at += 6) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.globalAlpha = 0.6;
  context.stroke();
  context.restore();
}

function label(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  angle: number,
  room: number,
  strong: boolean,
  scene: AxesScene,
  hidden: boolean,
): void {
  let shown = cutLabel(text, LONGEST);
  for (let length = LONGEST - 1; length > 1 && context.measureText(shown).width > room; length--)
    shown = cutLabel(text, length);
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  context.globalAlpha = hidden ? 0.6 : 1;
  context.fillStyle = strong ? scene.palette.foreground : scene.palette.muted;
  if (strong) context.font = `bold 11px ${scene.font}`;
  context.fillText(shown, 0, 0);
  context.restore();
}
