/** Where a matrix and its axes lie within the given width and height, in CSS pixels. */
export interface HeatRoom {
  readonly width: number;
  /** Most height the map may take. */
  readonly height: number;
  readonly rows: number;
  readonly columns: number;
  /** Longest row and column label, in characters. */
  readonly rowLabel: number;
  readonly columnLabel: number;
  /** 1 fits everything in; more enlarges. */
  readonly zoom: number;
}

export interface HeatLayout {
  readonly left: number;
  readonly top: number;
  /** Room that the last slanted column labels lean into. */
  readonly right: number;
  /** Of the matrix, without the axes. */
  readonly width: number;
  readonly height: number;
  readonly cell: number;
  /** Cells narrower than this have no label of their own. */
  readonly labels: boolean;
}

const LARGEST_CELL = 34;
const LABEL_CELL = 11;
const CHARACTER = 7;
/** How far a label of height 1 leans over: the tangent of 30 degrees. */
const LEAN = 0.577;
/** The largest cell that zooming reaches. */
const ZOOMED_CELL = 48;

/** Divides the room between labels and cells; the cells stay square. */
export function heatLayout({ width, height, rows, columns, rowLabel, columnLabel, zoom }: HeatRoom): HeatLayout {
  const labelLeft = Math.min(110, Math.max(24, rowLabel * CHARACTER + 16));
  const labelTop = Math.min(96, Math.max(20, columnLabel * CHARACTER * 0.82 + 14));
  const right = labelTop * LEAN;
  const base = Math.min(
    LARGEST_CELL,
    (width - labelLeft - right) / Math.max(1, columns),
    (height - labelTop) / Math.max(1, rows),
  );
  const cell = Math.min(Math.max(base, ZOOMED_CELL), base * zoom);
  // Whole pixels where there are enough of them: cells of one size.
  const even = cell >= 4 ? Math.floor(cell) : cell;
  return {
    left: labelLeft,
    top: labelTop,
    right,
    width: Math.max(1, Math.floor(Math.min(width - labelLeft - right, even * columns))),
    height: Math.max(1, Math.floor(Math.min(height - labelTop, even * rows))),
    cell: even,
    labels: even >= LABEL_CELL,
  };
}

/** Keeps `start` such that `seen` of `all` cells fill the window. */
export function clampStart(start: number, seen: number, all: number): number {
  return Math.max(0, Math.min(start, all - seen));
}
