/** A map as lines between two columns of items, as a scene. */
import { fromByte } from '../../../src/measure/bytes';
import { measureOf, reachOf } from '../../../src/measure/measure';
import type { MapMatrix } from '../../../src/attention/types';
import { itemsOf, type Axis } from '../../axes/axis';
import { cutLabel } from '../../format';
import type { Mark, Scene } from '../../render/scene';
import { isHidden } from '../../state/appState';
import { colourOf, type Palette } from '../../theme';

export const ROW = 18;
/** With up to so many items on each side every line is drawn; with more, only those of the focused items. */
export const ALL_LINES = 40;
/** Lines below this share of the scale are left out. */
const LEAST_SHARE = 5 / 255;

export interface LinesPicture {
  readonly map: MapMatrix;
  readonly queries: Axis;
  readonly keys: Axis;
  /** Focused tokens, where they are read as queries and as keys. */
  readonly focusedQueries: readonly number[];
  readonly focusedKeys: readonly number[];
  readonly hide: boolean;
  readonly byRow: boolean;
  readonly palette: Palette;
  readonly font: string;
  readonly width: number;
  /** Width of a column of labels. */
  readonly gutter: number;
}

const middleOf = (index: number): number => index * ROW + ROW / 2 + 2;

/** The numbers of the map, by query and key. */
function numbersOf(map: MapMatrix): (query: number, key: number) => number {
  const measure = measureOf(map);
  return (query, key) => fromByte(map.data[query * map.keys + key] ?? 0, measure);
}

/** The scene: queries on the left, keys on the right, a curve for each number that is drawn. */
export function linesScene(picture: LinesPicture): Scene {
  const { map, queries, keys, hide, byRow, palette, width, gutter } = picture;
  const number = numbersOf(map);
  const measure = measureOf(map);
  const reach = reachOf(measure);
  const strongQueries = new Set(itemsOf(queries, picture.focusedQueries));
  const strongKeys = new Set(itemsOf(keys, picture.focusedKeys));
  const any = strongQueries.size + strongKeys.size > 0;
  const rows = Math.max(queries.items.length, keys.items.length);
  const marks: Mark[] = [];

  /** The size that is drawn as the strongest line of a row. */
  const mostOf = (query: number): number => {
    if (!byRow) return reach;
    let most = 0;
    for (let key = 0; key < map.keys; key++)
      if (!isHidden(keys.items[key], hide)) most = Math.max(most, Math.abs(number(query, key)));
    return most > 0 ? most : reach;
  };
  for (const [query, item] of queries.items.entries()) {
    if (isHidden(item, hide) || (!any && rows > ALL_LINES)) continue;
    const most = mostOf(query);
    for (const [key, other] of keys.items.entries()) {
      const value = number(query, key);
      const isShown = !any || strongQueries.has(query) || strongKeys.has(key);
      if (Math.abs(value) / reach < LEAST_SHARE || !isShown || isHidden(other, hide)) continue;
      const share = Math.abs(value) / most;
      marks.push({
        shape: 'curve',
        from: { x: gutter + 4, y: middleOf(query) },
        leaving: { x: width / 2, y: middleOf(query) },
        arriving: { x: width / 2, y: middleOf(key) },
        to: { x: width - gutter - 4, y: middleOf(key) },
        stroke: value < 0 ? palette.lineBelow : palette.line,
        lineWidth: 0.75 + 2.5 * share,
        opacity: Math.min(1, (any ? 0.25 : 0.06) + share * 0.85),
        dashed: value < 0,
      });
    }
  }

  const column = (
    axis: Axis,
    x: number,
    align: 'left' | 'right',
    strong: ReadonlySet<number>,
    value: ((index: number) => number) | undefined,
  ): void => {
    for (const [index, item] of axis.items.entries()) {
      const hidden = isHidden(item, hide);
      const colour = value && !hidden ? colourOf(palette, measure, value(index)) : undefined;
      const isColoured = colour !== undefined && colour.fill !== '';
      const left = align === 'right' ? 0 : x - 4;
      if (isColoured)
        marks.push({
          shape: 'rect',
          x: left,
          y: middleOf(index) - ROW / 2 + 1,
          width: gutter,
          height: ROW - 2,
          fill: colour.fill,
        });
      const plain = hidden ? palette.muted : palette.foreground;
      marks.push({
        shape: 'text',
        x,
        y: middleOf(index),
        text: cutLabel(item.label, 18),
        align,
        colour: isColoured ? colour.text : plain,
        size: 12,
        bold: strong.has(index),
        opacity: hidden ? 0.6 : 1,
        room: gutter - 6,
      });
    }
  };
  const only = (set: ReadonlySet<number>): number | undefined =>
    set.size === 1 ? set.values().next().value : undefined;
  const query = only(strongQueries);
  const key = only(strongKeys);
  column(queries, gutter - 4, 'right', strongQueries, key === undefined ? undefined : (index) => number(index, key));
  column(
    keys,
    width - gutter + 4,
    'left',
    strongKeys,
    query === undefined ? undefined : (index) => number(query, index),
  );
  return { width, height: rows * ROW + 4, font: picture.font, marks };
}
