/** The cells of a heat map: their exact numbers, and what they say in words. */
import { fromByte } from '../../../src/measure/bytes';
import { measureOf } from '../../../src/measure/measure';
import { exactNumber, roundedNumber } from '../../../src/measure/numbers';
import { measuredRow } from '../../../src/measure/rows';
import { sifted } from '../../../src/measure/sift';
import { say } from '../../../src/text/say';
import { axisIn } from '../../axes/axis';
import { sameIndices, weightsIn, type AppState } from '../../state/appState';
import { itemPhrase } from '../../state/shown/colouring';
import type { ShownMap } from './shownMap';

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The exact number of a cell, where its row is focused and its weights are there. */
export function exactAt(state: AppState, shown: ShownMap, { row, column }: Cell): number | undefined {
  const { map, info, rows } = shown;
  const { focus } = state;
  const isFocused = focus?.sequence === info.queries && sameIndices(focus.indices, rows.items[row]?.tokens ?? []);
  const weights = isFocused ? weightsIn(state, info.kind, 'query') : undefined;
  if (!weights) return undefined;
  const value = measuredRow(weights, map)[column];
  const limits = map.sifted?.limits;
  const isCut = map.sifted?.sieve.hide === true && shown.columns.items[column]?.special === true;
  if (value === undefined || !limits) return value;
  return isCut ? 0 : sifted(value, { least: limits.least[row] ?? 0, factor: limits.factor[row] ?? 1 });
}

/** A cell in words, with its number as exact as it is known. */
export function cellText(state: AppState, shown: ShownMap, cell: Cell): string {
  const { map, info } = shown;
  const measure = measureOf(map);
  const exact = exactAt(state, shown, cell);
  const rounded = fromByte(map.data[cell.row * map.keys + cell.column] ?? 0, measure);
  return say('webview.heat.cell', {
    query: itemPhrase(axisIn(state, info.queries), cell.row),
    key: shown.columns.items[cell.column]?.label ?? '',
    number: exact === undefined ? roundedNumber(rounded, measure) : exactNumber(exact, measure),
  });
}
