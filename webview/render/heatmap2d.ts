import type { HeatPainter } from './heatPainter';

/** Range of cells under one pixel, and whether the pixel is a gap. Shared arithmetic with the shader in heatmapGl. */
function spans(
  start: number,
  cell: number,
  gap: number,
  pixels: number,
  cells: number,
): { readonly from: Int32Array; readonly to: Int32Array } {
  const from = new Int32Array(pixels);
  const to = new Int32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const low = Math.floor(start + (pixel + 0.5) / cell);
    const inGap = gap > 0 && start * cell + pixel + 0.5 - low * cell < gap;
    const first = cell >= 1 ? low : Math.floor(start + pixel / cell);
    const last = cell >= 1 ? low : Math.max(first, Math.ceil(start + (pixel + 1) / cell) - 1);
    if (inGap || last < 0 || first >= cells) {
      from[pixel] = 1; // an empty range
      to[pixel] = 0;
    } else {
      from[pixel] = Math.max(0, first);
      to[pixel] = Math.min(cells - 1, last);
    }
  }
  return { from, to };
}

/** The Canvas2D painter: fills only the pixels seen, one pass over them. */
export function create2dHeatmap(canvas: HTMLCanvasElement): HeatPainter {
  const context = canvas.getContext('2d', { alpha: false });
  let data = new Uint8Array(0);
  let rows = 0;
  let columns = 0;
  let zero = 0;
  const colours = new Uint32Array(256);
  return {
    setMatrix(next, nextRows, nextColumns) {
      data = next as Uint8Array<ArrayBuffer>;
      rows = nextRows;
      columns = nextColumns;
    },
    setTable(table, nextZero) {
      zero = nextZero;
      // Bytes as they lie in memory: ImageData and the table are both RGBA.
      colours.set(new Uint32Array(table.slice(0, 1024).buffer));
    },
    draw({ width, height, column, row, cell, gap }, band = { top: 0, height }) {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      if (!context || width === 0 || band.height === 0) return;
      const image = context.createImageData(width, band.height);
      const pixels = new Uint32Array(image.data.buffer);
      const across = spans(column, cell, gap, width, columns);
      const down = spans(row, cell, gap, height, rows);
      for (let y = band.top, at = 0; y < band.top + band.height; y++) {
        const firstRow = down.from[y] ?? 1;
        const lastRow = down.to[y] ?? 0;
        for (let x = 0; x < width; x++, at++) {
          const first = across.from[x] ?? 1;
          const last = across.to[x] ?? 0;
          let most = zero;
          for (let r = firstRow; r <= lastRow; r++) {
            for (let c = first, i = r * columns + first; c <= last; c++, i++) {
              const value = data[i] ?? 0;
              if (Math.abs(value - zero) > Math.abs(most - zero)) most = value;
            }
          }
          pixels[at] = colours[most] ?? 0;
        }
      }
      context.putImageData(image, 0, band.top);
    },
    dispose() {
      data = new Uint8Array(0);
    },
  };
}
