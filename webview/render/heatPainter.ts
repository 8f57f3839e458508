/** What part of the matrix is seen, and how large. All pixels are device pixels. */
export interface HeatViewport {
  readonly width: number;
  readonly height: number;
  /** Column and row (may be fractional) at the top left corner. */
  readonly column: number;
  readonly row: number;
  /** Pixels of a cell's side; below 1 a pixel shows that of the cells under it which is farthest from zero. */
  readonly cell: number;
  /** Pixels of background between cells, 0 or 1. */
  readonly gap: number;
}

/** Rows of pixels, from the top. */
export interface Band {
  readonly top: number;
  readonly height: number;
}

/** Draws one matrix. Every implementation gives the same pixels for the same call. */
export interface HeatPainter {
  /** Bytes row-major [rows][columns]. */
  setMatrix(data: Uint8Array, rows: number, columns: number): void;
  /**
   * 256 RGBA colours, and which of them is zero: it is shown outside the matrix and in gaps, and where a pixel covers
   * several cells the one farthest from it is shown.
   */
  setTable(table: Uint8Array, zero: number): void;
  /** @param band only these rows of pixels; the others stay as they are, where the size stays. All of them if left out */
  draw(viewport: HeatViewport, band?: Band): void;
  dispose(): void;
}
