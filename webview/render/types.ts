/** What part of the matrix is seen, and how large. All pixels are device pixels. */
export interface HeatViewport {
  readonly width: number;
  readonly height: number;
  /** Column and row (may be fractional) at the top left corner. */
  readonly column: number;
  readonly row: number;
  /** Pixels of a cell's side; below 1 a pixel shows the largest of the cells under it. */
  readonly cell: number;
  /** Pixels of background between cells, 0 or 1. */
  readonly gap: number;
}

/** Draws one matrix. Every implementation gives the same pixels for the same call. */
export interface HeatPainter {
  /** Bytes row-major [rows][columns]. */
  setMatrix(data: Uint8Array, rows: number, columns: number): void;
  /** 256 RGBA colours. Outside the matrix and in gaps entry 0 is shown. */
  setTable(table: Uint8Array): void;
  draw(viewport: HeatViewport): void;
  dispose(): void;
}
