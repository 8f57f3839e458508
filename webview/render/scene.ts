/**
 * What a drawing is made of, before anybody draws it: marks with place, colour and label. A view makes a scene of its
 * numbers; a painter puts it on a canvas or into an SVG. Lengths are CSS pixels, colours are CSS colours.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface RectMark extends Box {
  readonly shape: 'rect';
  readonly fill?: string;
  readonly stroke?: string;
  readonly lineWidth?: number;
  readonly opacity?: number;
  /** What the mark means in words, for pictures that can hold a text (SVG titles). */
  readonly label?: string;
}

/** A cubic Bézier curve. */
export interface CurveMark {
  readonly shape: 'curve';
  readonly from: Point;
  readonly leaving: Point;
  readonly arriving: Point;
  readonly to: Point;
  readonly stroke: string;
  readonly lineWidth: number;
  readonly opacity: number;
  /** Numbers below zero are dashed: their colour is not all that tells them apart. */
  readonly dashed?: boolean;
  /** True for a line without round caps, so that a wide band ends exactly at its points. */
  readonly flat?: boolean;
  readonly label?: string;
}

/** A line of text, its middle at `y`. */
export interface TextMark extends Point {
  readonly shape: 'text';
  readonly text: string;
  readonly align: 'left' | 'right';
  readonly colour: string;
  readonly size: number;
  readonly bold?: boolean;
  /** Clockwise round its point, in radians. */
  readonly angle?: number;
  readonly opacity?: number;
  /** The most width that it may take. */
  readonly room?: number;
}

/** Slanted lines over what is not shown: an empty place would say that there is nothing. */
export interface HatchMark extends Box {
  readonly shape: 'hatch';
  readonly stroke: string;
}

export interface CellRange {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Coloured cells, row-major [rows][columns]; the part of them that is seen fills the box. */
export interface MatrixMark extends Box {
  readonly shape: 'matrix';
  readonly rows: number;
  readonly columns: number;
  readonly data: Uint8Array;
  /** The part that is seen, in cells; fractions are parts of a cell. All of it where left out. */
  readonly seen?: CellRange;
  /** 256 RGBA colours, and which of them is zero. */
  readonly table: Uint8Array;
  readonly zero: number;
  readonly label?: string;
}

export type Mark = RectMark | CurveMark | TextMark | HatchMark | MatrixMark;

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Font family of its texts. */
  readonly font: string;
  readonly marks: readonly Mark[];
}

/** Measures how wide a text is, in CSS pixels. */
export type MeasureText = (text: string, size: number, bold: boolean) => number;

/** How far apart the lines of a hatch are. */
export const HATCH_STEP = 6;

/** The part of a matrix that is seen. */
export const seenOf = ({ seen, rows, columns }: MatrixMark): CellRange => seen ?? { row: 0, column: 0, rows, columns };
