/** Draws every head of a kind as a small picture on one canvas. */
export interface AtlasPixels {
  readonly layers: number;
  readonly heads: number;
  readonly rows: number;
  readonly cols: number;
  /** [layer][head][rows][cols] bytes. */
  readonly data: Uint8Array;
}

/** Colours all cells into one RGBA picture `out` of (heads·cols) × (layers·rows) pixels; `table` has 256 RGBA colours. */
export function atlasImage(
  { layers, heads, rows, cols, data }: AtlasPixels,
  table: Uint8Array,
  out: Uint8ClampedArray,
): void {
  const colours = new Uint32Array(table.slice(0, 1024).buffer);
  const pixels = new Uint32Array(out.buffer, out.byteOffset, out.byteLength >> 2);
  const width = heads * cols;
  let from = 0;
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        let to = (layer * rows + row) * width + head * cols;
        for (let col = 0; col < cols; col++) pixels[to++] = colours[data[from++] ?? 0] ?? 0;
      }
    }
  }
}

/** Where the cells lie on the canvas, in CSS pixels. */
export interface AtlasLayout {
  readonly cell: number;
  readonly gap: number;
  /** Height of the sink-mass bar under each cell. */
  readonly bar: number;
}

/**
 * Draws the picture, a cell at a time without smoothing, and under each cell its sink mass as a bar.
 * `sinkMass` is [layer][head], 0 to 1.
 */
export function drawAtlas(
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  atlas: AtlasPixels & { readonly sinkMass: Float32Array },
  layout: AtlasLayout,
  colours: { readonly track: string; readonly bar: string },
  ratio: number,
): void {
  const { cell, gap, bar } = layout;
  const stepX = cell + gap;
  const stepY = cell + gap + bar;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (let layer = 0; layer < atlas.layers; layer++) {
    for (let head = 0; head < atlas.heads; head++) {
      const x = head * stepX;
      const y = layer * stepY;
      // Shrinking is smoothed, enlarging is not: bins stay bins.
      context.imageSmoothingEnabled = cell * ratio < Math.max(atlas.cols, atlas.rows);
      context.drawImage(picture, head * atlas.cols, layer * atlas.rows, atlas.cols, atlas.rows, x, y, cell, cell);
      if (bar > 1) {
        const mass = Math.min(1, Math.max(0, atlas.sinkMass[layer * atlas.heads + head] ?? 0));
        context.fillStyle = colours.track;
        context.fillRect(x, y + cell + bar - 1, cell, 1);
        context.fillStyle = colours.bar;
        context.fillRect(x, y + cell + 1, cell * mass, bar - 1);
      }
    }
  }
}
