/** What a heat map shows, and what its cells say in words. */
import type { KindInfo, MapMatrix } from '../../../src/attention/types';
import { fromByte } from '../../../src/measure/bytes';
import { measureOf } from '../../../src/measure/measure';
import { exactNumber, roundedNumber } from '../../../src/measure/numbers';
import { measuredRow } from '../../../src/measure/rows';
import { sifted } from '../../../src/measure/sift';
import { say } from '../../../src/text/say';
import { axisIn, axisUpTo, type Axis } from '../../axes/axis';
import { kindInfo, sameIndices, weightsIn, type AppState } from '../../state/appState';
import { itemPhrase } from '../../state/colouring';

export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface ShownMap {
  readonly map: MapMatrix;
  readonly info: KindInfo;
  readonly rows: Axis;
  readonly columns: Axis;
}

export function shownMapIn(state: AppState): ShownMap | undefined {
  const { snapshot, view: chosen, map } = state;
  const info = kindInfo(snapshot, chosen.kind);
  if (!info || !map) return undefined;
  const axis = (sequence: KindInfo['queries'], length: number): Axis => axisUpTo(axisIn(state, sequence), length);
  return { map, info, rows: axis(info.queries, map.queries), columns: axis(info.keys, map.keys) };
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
