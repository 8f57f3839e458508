/** The pinned explanation held against the one on show: what differs, where they part, and why nothing can be said. */
import type { MapMatrix, SequenceName } from '../../../src/attention/types';
import { fromByte } from '../../../src/measure/bytes';
import { hasPartners, type Matching } from '../../../src/measure/compare/matching';
import {
  differenceBetween,
  mostParted,
  partedHeads,
  rowDifference,
  type Parting,
  type RowAt,
} from '../../../src/measure/compare/parting';
import { measureOf, reachOf, type Measure } from '../../../src/measure/measure';
import type { TokenReading } from '../../../src/measure/reading';
import { measuredHeads } from '../../../src/measure/rows';
import { sourceKey } from '../../../src/measure/source';
import { isWord } from '../../../src/measure/units';
import { say } from '../../../src/text/say';
import { axisIn } from '../../axes/axis';
import { focusRole, isHidden, kindInfo, measureIn, weightsIn, type AppState } from '../appState';
import { namesOf, ownColouring } from '../shown/colouring';
import { kindName, sequenceName } from '../shown/names';

/** From the units of the text on show to those of the pinned one. */
export type Matchings = Readonly<Record<SequenceName, Matching>>;

/** Two rows that stand for each other. */
export interface RowPair {
  readonly now: TokenReading;
  readonly pinned: TokenReading;
  /** Of the difference. */
  readonly measure: Measure;
  /** [units of the text on show]; NaN where a unit stands there only. */
  readonly difference: Float32Array;
  /** Multiplies differences before they are coloured. */
  readonly scale: number;
  readonly matching: Matching;
}

/** What is coloured on both sides: two rows, `waiting` while they are on their way, or the reason why there are none. */
export type ComparedRows = RowPair | 'waiting' | { readonly gap: string };

const NO_ROW = new Float32Array();

/** Why the two cannot be held against each other as they are shown, as a sentence; '' where they can. */
function gapBetween(shown: AppState, pinned: AppState, matchings: Matchings): string {
  const info = kindInfo(shown.snapshot, shown.view.kind);
  if (!info) return '';
  const kind = kindName(info.kind).toLowerCase();
  if (pinned.view.kind !== info.kind) return say('webview.compare.noKind', { kind });
  const sequence = focusRole(shown)?.others ?? info.keys;
  if (!hasPartners(matchings[sequence]))
    return say('webview.compare.nothingInCommon', { sequence: sequenceName(shown.snapshot, sequence) });
  const { focus } = shown;
  if (!focus || pinned.focus) return '';
  return say('webview.compare.onlyShown', { who: namesOf(axisIn(shown, focus.sequence), focus.indices) });
}

/** What is said of a token that is looked at in the pinned text and stands for none on show. */
export function aloneIn(pinned: AppState): ComparedRows {
  const { focus } = pinned;
  const who = focus ? namesOf(axisIn(pinned, focus.sequence), focus.indices) : '';
  return { gap: say('webview.compare.onlyPinned', { who }) };
}

export function comparedRows(shown: AppState, pinned: AppState, matchings: Matchings): ComparedRows {
  const gap = gapBetween(shown, pinned, matchings);
  // A word of the alignment is shown with its aligned words, which the pinned text has no numbers of; and while a measure is
  // being made, what is on show are weights.
  const isMaking = shown.measure.making !== null || pinned.measure.making !== null;
  if (gap !== '' || isMaking || shown.focus?.by === 'alignment') return { gap };
  const [now, beside] = [ownColouring(shown), ownColouring(pinned)];
  if (!now || !beside || now.sequence !== beside.sequence) return 'waiting';
  if (now.measure.name !== beside.measure.name) return { gap: say('webview.compare.otherMeasure') };
  const matching = matchings[now.sequence];
  const measure = differenceBetween(now.measure, beside.measure);
  const difference = rowDifference(now.values, beside.values, matching);
  const most = difference.reduce((all, value, at) => {
    const size = now.isHidden(at) || Number.isNaN(value) ? 0 : Math.abs(value);
    return Math.max(all, size);
  }, 0);
  const scale = shown.view.scale === 'row' && most > 0 ? reachOf(measure) / most : 1;
  return { now, pinned: beside, measure, difference, scale, matching };
}

/** True for the map that a view asks for, false for the one before it. */
const isOnShow = (map: MapMatrix | null, { view }: AppState): map is MapMatrix =>
  map?.kind === view.kind &&
  map.layer === view.layer &&
  map.head === view.head &&
  map.measure === view.measure &&
  sourceKey(map.source) === sourceKey(view.source);

const rowsOf = (map: MapMatrix): RowAt => {
  const measure = measureOf(map);
  return (at) =>
    at < 0 || at >= map.queries
      ? NO_ROW
      : Float32Array.from(map.data.subarray(at * map.keys, (at + 1) * map.keys), (byte) => fromByte(byte, measure));
};

/** The word whose rows differ most in the maps on show, of those that both texts have; undefined where none differs, or not yet. */
export function partingOf(shown: AppState, pinned: AppState, matchings: Matchings): Parting | undefined {
  const info = kindInfo(shown.snapshot, shown.view.kind);
  if (!info || !isOnShow(shown.map, shown) || !isOnShow(pinned.map, pinned)) return undefined;
  if (shown.map.kind !== pinned.map.kind || shown.map.measure !== pinned.map.measure) return undefined;
  const hide = shown.view.hideSpecial[info.kind];
  const queries = axisIn(shown, info.queries).items;
  const keys = axisIn(shown, info.keys).items;
  return mostParted(rowsOf(shown.map), rowsOf(pinned.map), matchings[info.queries], matchings[info.keys], {
    // Marks look at this and that; it is words that a reader asks about.
    query: (at) => isHidden(queries[at], hide) || queries[at]?.unit === undefined || !isWord(queries[at].unit),
    key: (at) => isHidden(keys[at], hide),
  });
}

/** How far the focused token's rows part in each head, [layer][head]; undefined where the two have not the same heads. */
export function headsApart(shown: AppState, pinned: AppState, matchings: Matchings): Float32Array | undefined {
  const role = focusRole(shown);
  if (!role || !pinned.focus) return undefined;
  const now = weightsIn(shown, role.info.kind, role.role);
  const beside = weightsIn(pinned, role.info.kind, role.role);
  if (!now || now.layers !== beside?.layers || now.heads !== beside.heads) return undefined;
  const measure = measureIn(shown, now);
  if (measure.name !== measureIn(pinned, beside).name) return undefined;
  const rows = ({ length }: typeof now, numbers: Float32Array): RowAt => {
    return (head) => numbers.subarray(head * length, (head + 1) * length);
  };
  const { items } = axisIn(shown, role.others);
  return partedHeads(
    rows(now, measuredHeads(now, measure.name)),
    rows(beside, measuredHeads(beside, measure.name)),
    now.layers * now.heads,
    matchings[role.others],
    (at) => isHidden(items[at], shown.view.hideSpecial[role.info.kind]),
  );
}
