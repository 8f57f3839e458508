/** The heat map as a scene: its cells, and over them labels, crosshair, hidden rows and columns. */
import type { Axis } from '../../axes/axis';
import { itemsOf } from '../../axes/axis';
import { cutLabel } from '../../format';
import type { Ramp } from '../../render/ramp';
import type { Mark, MeasureText, Scene } from '../../render/scene';
import { isHidden } from '../../state/appState';
import type { Palette } from '../../theme';
import type { HeatLayout } from './heatLayout';

export interface HeatPicture {
  readonly layout: HeatLayout;
  /** The cells as they are drawn, and their colours. */
  readonly data: Uint8Array;
  readonly ramp: Ramp;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly hide: boolean;
  /** The cell under the pointer or the keyboard. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
  /** Focused tokens of either sequence. */
  readonly focusedRows: readonly number[];
  readonly focusedColumns: readonly number[];
  readonly palette: Palette;
  readonly font: string;
  readonly measure: MeasureText;
}

const LONGEST = 16;
const SIZE = 11;
/** Numbered labels keep this far apart, in CSS pixels. */
const APART = 28;
/** A numbered label this near to the cursor's makes room for it. */
const NEAR = 14;

/** One side's labels: all where they fit, else every nth as a number, and the strong ones always. */
interface Side {
  readonly axis: Axis;
  readonly seen: readonly number[];
  readonly strong: ReadonlySet<number>;
  readonly cursor: number | undefined;
  /** Where a label goes, and how much room it has. */
  readonly at: (index: number) => {
    readonly x: number;
    readonly y: number;
    readonly angle?: number;
    readonly room: number;
  };
  readonly align: 'left' | 'right';
}

function labelsOf(side: Side, { layout, hide, palette, measure }: HeatPicture): readonly Mark[] {
  const { axis, seen, strong, cursor } = side;
  const every = layout.labels ? 1 : niceStep(APART / layout.cell);
  const isNear = (index: number): boolean => cursor !== undefined && Math.abs(index - cursor) < NEAR / layout.cell;
  return seen.flatMap((index): readonly Mark[] => {
    const item = axis.items[index];
    const bold = strong.has(index) || index === cursor;
    if (!item || (!bold && (index % every !== 0 || (!layout.labels && isNear(index))))) return [];
    const { x, y, angle, room } = side.at(index);
    const isNamed = bold || layout.labels;
    return [
      {
        shape: 'text',
        x,
        y,
        ...(angle === undefined ? {} : { angle }),
        text: fitted(isNamed ? item.label : String(index + 1), room, bold, measure),
        align: side.align,
        colour: bold ? palette.foreground : palette.muted,
        size: SIZE,
        bold,
        opacity: isHidden(item, hide) ? 0.6 : 1,
      },
    ];
  });
}

/** The scene of a heat map and its axes, in CSS pixels. */
export function heatScene(axes: HeatPicture): Scene {
  const { layout, palette, cursor, rows, columns, firstRow, firstColumn, hide } = axes;
  const { left, top, right, width, height, cell } = layout;
  const x = (column: number): number => left + (column - firstColumn) * cell;
  const y = (row: number): number => top + (row - firstRow) * cell;
  const seenColumns = range(firstColumn, width / cell, columns.items.length);
  const seenRows = range(firstRow, height / cell, rows.items.length);
  const marks: Mark[] = [
    {
      shape: 'matrix',
      x: left,
      y: top,
      width,
      height,
      rows: rows.items.length,
      columns: columns.items.length,
      data: axes.data,
      seen: { row: firstRow, column: firstColumn, rows: height / cell, columns: width / cell },
      table: axes.ramp.table,
      zero: axes.ramp.zero,
    },
  ];

  // Hidden special tokens: their cells are not zero, they are not shown; a hatch says so.
  const across = (column: number): { readonly x: number; readonly width: number } =>
    inside(x(column), cell, left, left + width);
  const down = (row: number): { readonly x: number; readonly width: number } => inside(y(row), cell, top, top + height);
  for (const column of seenColumns)
    if (isHidden(columns.items[column], hide))
      marks.push({ shape: 'hatch', ...across(column), y: top, height, stroke: palette.border });
  for (const row of seenRows) {
    if (!isHidden(rows.items[row], hide)) continue;
    const { x: from, width: size } = down(row);
    marks.push({ shape: 'hatch', x: left, width, y: from, height: size, stroke: palette.border });
  }
  if (cell >= 2 || palette.highContrast)
    marks.push(frame(left - 0.5, top - 0.5, width + 1, height + 1, palette.border, 1));

  marks.push(
    ...labelsOf(
      {
        axis: rows,
        seen: seenRows,
        strong: new Set(itemsOf(rows, axes.focusedRows)),
        cursor: cursor?.row,
        at: (row) => ({ x: left - 5, y: y(row) + cell / 2, room: left - 8 }),
        align: 'right',
      },
      axes,
    ),
    ...labelsOf(
      {
        axis: columns,
        seen: seenColumns,
        strong: new Set(itemsOf(columns, axes.focusedColumns)),
        cursor: cursor?.column,
        at: (column) => ({ x: x(column) + cell / 2 + 1, y: top - 5, angle: -Math.PI / 3, room: (top - 8) / 0.87 }),
        align: 'left',
      },
      axes,
    ),
  );

  if (cursor) {
    const size = Math.max(1, cell);
    const box = Math.max(3, cell) + 2;
    marks.push(
      { ...frame(left - 0.5, y(cursor.row) - 0.5, width + 1, size + 1, palette.foreground, 1), opacity: 0.55 },
      { ...frame(x(cursor.column) - 0.5, top - 0.5, size + 1, height + 1, palette.foreground, 1), opacity: 0.55 },
      frame(x(cursor.column) - 1, y(cursor.row) - 1, box, box, palette.focus, 2),
    );
  }
  // One pixel more than the map, for its frame.
  return { width: left + width + right, height: top + height + 1, font: axes.font, marks };
}

const frame = (x: number, y: number, width: number, height: number, stroke: string, lineWidth: number) =>
  ({ shape: 'rect', x, y, width, height, stroke, lineWidth }) as const;

/** The part of [start, start + size) that lies between `least` and `most`. */
function inside(
  start: number,
  size: number,
  least: number,
  most: number,
): { readonly x: number; readonly width: number } {
  const from = Math.max(least, start);
  return { x: from, width: Math.max(0, Math.min(most, start + size) - from) };
}

/** The cells in sight. */
function range(first: number, seen: number, all: number): readonly number[] {
  const from = Math.max(0, Math.floor(first));
  return Array.from({ length: Math.max(0, Math.min(all, Math.ceil(first + seen)) - from) }, (_, index) => from + index);
}

/** 1, 2, 5, 10, 20, 50, … not below `least`. */
function niceStep(least: number): number {
  for (let power = 1; ; power *= 10) for (const factor of [1, 2, 5]) if (factor * power >= least) return factor * power;
}

/** A label cut so that it fits its room. */
function fitted(text: string, room: number, bold: boolean, measure: MeasureText): string {
  let shown = cutLabel(text, LONGEST);
  for (let length = LONGEST - 1; length > 1 && measure(shown, SIZE, bold) > room; length--)
    shown = cutLabel(text, length);
  return shown;
}
