/** An alignment as a grid: written words are rows, source words columns. */
import { toBytes } from '../../../src/measure/bytes';
import { MEASURES } from '../../../src/measure/measure';
import { longestLabel, type Axis } from '../../axes/axis';
import { textLabel } from '../../format';
import { rampOf } from '../../theme';
import { heatScene } from '../matrix/heatAxes';
import { heatLayout } from '../matrix/heatLayout';
import type { AlignmentPicture, DrawnAlignment, LineWord, WordBox } from './alignmentScene';

const MOST_HEIGHT = 480;
const LONGEST = 16;

const axisOf = (sequence: Axis['sequence'], line: readonly LineWord[]): Axis => ({
  sequence,
  items: line.map(({ text, unit }) => ({ label: textLabel(text), special: false, tokens: [unit.from], unit })),
});

export function alignmentGrid({
  source,
  target,
  share,
  focus,
  palette,
  font,
  measure,
  width,
}: AlignmentPicture): DrawnAlignment {
  const rows = axisOf('target', target);
  const columns = axisOf('source', source);
  const layout = heatLayout({
    width,
    height: MOST_HEIGHT,
    rows: target.length,
    columns: source.length,
    rowLabel: longestLabel(rows, LONGEST),
    columnLabel: longestLabel(columns, LONGEST),
    zoom: 1,
  });
  const shares = Float32Array.from({ length: target.length * source.length }, (_, at) =>
    share(target[Math.floor(at / source.length)]?.word ?? 0, source[at % source.length]?.word ?? 0),
  );
  const of = (side: 'source' | 'target', line: readonly LineWord[]): readonly number[] =>
    line.flatMap(({ word, unit }) => (focus?.side === side && focus.word === word ? [unit.from] : []));
  const scene = heatScene({
    layout,
    data: toBytes(shares, MEASURES.weight),
    ramp: rampOf(palette, MEASURES.weight),
    rows,
    columns,
    firstRow: 0,
    firstColumn: 0,
    hide: false,
    cursor: null,
    focusedRows: of('target', target),
    focusedColumns: of('source', source),
    palette,
    font,
    measure,
  });
  const { left, top, cell } = layout;
  const boxes = {
    target: target.map(({ word }, at): WordBox => ({ word, x: 0, y: top + at * cell, width: left + layout.width })),
    source: source.map(({ word }, at): WordBox => ({ word, x: left + at * cell, y: 0, width: cell })),
  };
  return { scene, boxes };
}
