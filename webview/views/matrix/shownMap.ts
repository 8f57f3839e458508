/** The chosen map as it is drawn, as a matrix or as lines. */
import type { KindInfo, MapMatrix } from '../../../src/attention/types';
import { axisIn, axisUpTo, type Axis } from '../../axes/axis';
import { kindInfo, type AppState } from '../../state/appState';

/** A map with its axes: rows are queries, columns keys, as far as the map has got in the text. */
export interface ShownMap {
  readonly map: MapMatrix;
  readonly info: KindInfo;
  readonly rows: Axis;
  readonly columns: Axis;
}

/** Undefined where there is no model, or no map of the chosen kind has come yet. */
export function shownMapIn(state: AppState): ShownMap | undefined {
  const { snapshot, view: chosen, map } = state;
  const info = kindInfo(snapshot, chosen.kind);
  if (!info || !map) return undefined;
  const axis = (sequence: KindInfo['queries'], length: number): Axis => axisUpTo(axisIn(state, sequence), length);
  return { map, info, rows: axis(info.queries, map.queries), columns: axis(info.keys, map.keys) };
}
