/** What a heat map shows, and what its cells say in words. */
import type { KindInfo, MapMatrix, Token } from '../../../src/attention/types';
import { fromByte } from '../../../src/measure/bytes';
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber, roundedNumber } from '../../../src/measure/numbers';
import { measuredRow } from '../../../src/measure/rows';
import { say } from '../../../src/text/say';
import { axisUpTo, tokenAxis, type Axis } from '../../axes/axis';
import { kindInfo, sameIndices, tokensOf, weightsIn, type AppState } from '../../state/appState';
import { tokenPhrase } from '../../state/colouring';

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

export function shownMapIn({ snapshot, view: chosen, map }: AppState): ShownMap | undefined {
  const info = kindInfo(snapshot, chosen.kind);
  if (!info || !map) return undefined;
  const axis = (sequence: KindInfo['queries'], length: number): Axis =>
    axisUpTo(tokenAxis(sequence, tokensOf(snapshot, sequence)), length);
  return { map, info, rows: axis(info.queries, map.queries), columns: axis(info.keys, map.keys) };
}

/** The exact number of a cell, where its row is focused and its weights are there. */
export function exactAt(state: AppState, { map, info, rows }: ShownMap, { row, column }: Cell): number | undefined {
  const { focus } = state;
  const isFocused = focus?.sequence === info.queries && sameIndices(focus.indices, rows.items[row]?.tokens ?? []);
  const weights = isFocused ? weightsIn(state, info.kind, 'query') : undefined;
  return weights && measuredRow(weights, map)[column];
}

/** An item in words: a decoder's token by what it is fed and predicts, others by their label. */
function itemPhrase(tokens: readonly Token[], { sequence, items }: Axis, index: number): string {
  const item = items[index];
  const [only] = item?.tokens ?? [];
  return item?.tokens.length === 1 && only !== undefined
    ? tokenPhrase(tokens, only, sequence === 'target')
    : say('webview.token.quoted', { token: item?.label ?? '' });
}

/** What a cell says: its number as exact as it is known. */
export function cellText(state: AppState, shown: ShownMap, cell: Cell): string {
  const { map, info } = shown;
  const measure = MEASURES[map.measure];
  const exact = exactAt(state, shown, cell);
  const rounded = fromByte(map.data[cell.row * map.keys + cell.column] ?? 0, measure);
  return say('webview.heat.cell', {
    query: itemPhrase(tokensOf(state.snapshot, info.queries), shown.rows, cell.row),
    key: shown.columns.items[cell.column]?.label ?? '',
    number: exact === undefined ? roundedNumber(rounded, measure) : exactNumber(exact, measure),
  });
}
