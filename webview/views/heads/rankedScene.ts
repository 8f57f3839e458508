/** Heads in the order of a role's score: a small picture of each, from left to right and from top to bottom. */
import { zeroByte } from '../../../src/measure/bytes';
import { MEASURES } from '../../../src/measure/measure';
import type { Mark, Scene } from '../../render/scene';
import type { ShownAtlas } from '../../state/appState';
import type { RankedHead } from '../../state/shown/ranking';
import { rampOf, type Palette } from '../../theme';

/** Sizes in CSS pixels: of a picture, of a place across and down, and how many places there are across. */
export interface RankedLayout {
  readonly cell: number;
  readonly across: number;
  readonly down: number;
  readonly columns: number;
}

/** @param atlas null while it is on its way: the places stay empty */
export function rankedScene(
  heads: readonly RankedHead[],
  { cell, across, down, columns }: RankedLayout,
  atlas: ShownAtlas | null,
  palette: Palette,
): Scene {
  const rows = Math.ceil(heads.length / columns);
  const frame = { width: Math.min(columns, heads.length) * across, height: rows * down, font: '' };
  // Heads are ranked one by one; a measure that takes a layer's heads together has no pictures of them.
  if (!atlas || atlas.fit?.measure === 'contribution') return { ...frame, marks: [] };
  const size = atlas.rows * atlas.cols;
  const { table } = rampOf(palette, MEASURES.weight);
  const marks = heads.map(({ layer, head }, index): Mark => {
    const at = layer * atlas.heads + head;
    return {
      shape: 'matrix',
      x: (index % columns) * across + (across - cell) / 2,
      y: Math.floor(index / columns) * down + 3,
      width: cell,
      height: cell,
      rows: atlas.rows,
      columns: atlas.cols,
      data: atlas.data.subarray(at * size, (at + 1) * size),
      table,
      zero: zeroByte(MEASURES.weight),
    };
  });
  return { ...frame, marks };
}
