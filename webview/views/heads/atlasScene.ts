/** Every head as a small picture, with its sink mass as a bar under it. */
import { zeroByte } from '../../../src/measure/bytes';
import { MEASURES } from '../../../src/measure/measure';
import type { HeadCosts } from '../../../src/protocol/engine';
import { mostCost } from '../../state/shown/switchedOff';
import type { Mark, Scene } from '../../render/scene';
import type { ShownAtlas } from '../../state/appState';
import { rampOf, type Palette } from '../../theme';

/** Sizes in CSS pixels: of a head's picture, between pictures, of the bar under each. */
export interface AtlasLayout {
  readonly cell: number;
  readonly gap: number;
  readonly bar: number;
}

/**
 * @param atlas null while it is on its way: the places stay empty
 * @param worth what switching off each head costs, in place of its sink mass
 */
export function atlasScene(
  layers: number,
  heads: number,
  { cell, gap, bar }: AtlasLayout,
  atlas: ShownAtlas | null,
  palette: Palette,
  worth: HeadCosts | null,
): Scene {
  const frame = { width: heads * (cell + gap), height: layers * (cell + gap + bar), font: '' };
  if (!atlas || atlas.layers !== layers || atlas.heads !== heads) return { ...frame, marks: [] };
  const { rows, cols, data, sinkMass } = atlas;
  const { table } = rampOf(palette, MEASURES.weight);
  const most = worth ? mostCost(worth) : 0;
  const signed = rampOf(palette, MEASURES.difference).fill;
  const barOf = (at: number): { readonly share: number; readonly fill: string } => {
    if (!worth) return { share: Math.min(1, Math.max(0, sinkMass[at] ?? 0)), fill: palette.muted };
    const cost = worth.costs[at] ?? NaN;
    // The colours of a change: what costs lowers the output's log probability.
    const fill = signed[cost < 0 ? 255 : 1] ?? palette.muted;
    return { share: Number.isNaN(cost) || most === 0 ? 0 : Math.abs(cost) / most, fill };
  };
  const marks: Mark[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const at = layer * heads + head;
      const x = head * (cell + gap);
      const y = layer * (cell + gap + bar);
      const picture = data.subarray(at * rows * cols, (at + 1) * rows * cols);
      marks.push({
        shape: 'matrix',
        x,
        y,
        width: cell,
        height: cell,
        rows,
        columns: cols,
        data: picture,
        table,
        zero: zeroByte(MEASURES.weight),
      });
      if (bar <= 1) continue;
      const { share, fill } = barOf(at);
      marks.push(
        { shape: 'rect', x, y: y + cell + bar - 1, width: cell, height: 1, fill: palette.border },
        { shape: 'rect', x, y: y + cell + 1, width: cell * share, height: bar - 1, fill },
      );
    }
  }
  return { ...frame, marks };
}
