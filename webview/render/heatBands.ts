/**
 * A picture of many cells in bands: where a pixel shows one of the many cells that lie under it, each of them is looked at, which takes a
 * machine without a graphics card some time, and the page must hear its user in between.
 */
import type { Band, HeatViewport } from './heatPainter';

/** Most cells that are looked at in one frame. */
const MOST_CELLS = 1e6;

/** The bands of a picture from top to bottom, at least one. Those of a picture whose pixels show a cell each are all of it. */
export function bandsOf(
  { width, height, cell }: Pick<HeatViewport, 'width' | 'height' | 'cell'>,
  rows: number,
  columns: number,
): readonly Band[] {
  const seen = (pixels: number, cells: number): number => (cell < 1 ? Math.min(cells, pixels / cell) : 0);
  const count = Math.max(1, Math.min(height, Math.ceil((seen(width, columns) * seen(height, rows)) / MOST_CELLS)));
  const edge = (index: number): number => Math.round((index * height) / count);
  return Array.from({ length: count }, (_, index) => ({ top: edge(index), height: edge(index + 1) - edge(index) }));
}
