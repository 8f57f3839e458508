/**
 * How a focused token is read: of which kind of attention, in which role, by which numbers and on which scale. The panel
 * and the editor both ask here, so that they cannot disagree.
 */
import {
  ATTENTION_KINDS,
  type AttentionKind,
  type KindInfo,
  type MeasureFit,
  type MapRef,
  type RowCut,
  type RowLimits,
  type SequenceName,
  type Sieve,
  type Token,
  type TokenWeights,
} from '../attention/types';
import { measureOf, measureWithin, reachOf, type Measure } from './measure';
import { headWithin, measuredRow } from './rows';
import { siftColumn, siftRow } from './sift';

/** Which way attention is read in a self-attention: the keys that the token looks at, or the queries that look at it. */
export type Direction = 'to' | 'from';

/** What of the view a reading depends on. */
export interface ReadingView extends MapRef {
  readonly direction: Direction;
  /** Colour scale: the measure's own, or each row by its own largest number. */
  readonly scale: 'fixed' | 'row';
  readonly hideSpecial: Readonly<Record<AttentionKind, boolean>>;
  readonly cut: RowCut;
  readonly renormalise: boolean;
}

/** What is done to the rows of a kind before they are shown. */
export const sieveOf = (
  { cut, renormalise, hideSpecial }: Pick<ReadingView, 'cut' | 'renormalise' | 'hideSpecial'>,
  kind: AttentionKind,
): Sieve => ({ cut, renormalise, hide: hideSpecial[kind] });

/** A token's kind and role. */
export interface TokenRole {
  readonly info: KindInfo;
  readonly role: TokenWeights['role'];
  /** The sequence on the other side: whose tokens have the numbers. */
  readonly others: SequenceName;
}

/** The kinds that a model has, in the order in which they are shown. */
export function kindsInOrder(kinds: readonly KindInfo[]): readonly KindInfo[] {
  return ATTENTION_KINDS.flatMap((kind) => kinds.filter((info) => info.kind === kind));
}

/** The kind that can be shown for a token: the chosen one, else one that the token takes part in. */
export function kindFor(
  kinds: readonly KindInfo[],
  chosen: AttentionKind,
  sequence: SequenceName,
): KindInfo | undefined {
  const ordered = kindsInOrder(kinds);
  const has = (info: KindInfo): boolean => info.queries === sequence || info.keys === sequence;
  const info = ordered.find(({ kind }) => kind === chosen) ?? ordered[0];
  if (info && has(info)) return info;
  const others = ordered.filter(has);
  return others.find(({ kind }) => kind === 'cross') ?? others[0];
}

/** The role that a token is shown in, in a kind that it takes part in: in cross-attention a source token is a key. */
export function roleIn(info: KindInfo, sequence: SequenceName, direction: Direction): TokenRole {
  const isQuery = info.queries === info.keys ? direction === 'to' : info.queries === sequence;
  return { info, role: isQuery ? 'query' : 'key', others: isQuery ? info.keys : info.queries };
}

export function roleOf(
  kinds: readonly KindInfo[],
  view: Pick<ReadingView, 'kind' | 'direction'>,
  sequence: SequenceName,
): TokenRole | undefined {
  const info = kindFor(kinds, view.kind, sequence);
  return info && roleIn(info, sequence, view.direction);
}

/** A row of numbers with all that is needed to show them. */
export interface TokenReading {
  readonly measure: Measure;
  /** The sequence whose tokens have the numbers. */
  readonly sequence: SequenceName;
  readonly values: Float32Array;
  /** Tokens that the switch for special tokens takes out of the picture. */
  readonly isHidden: (index: number) => boolean;
  /** Multiplies numbers before they are coloured; 1 on the fixed scale. */
  readonly scale: number;
}

/** A row as it is shown: hidden tokens have no colour, and do not count as the row's largest. */
export function readingOfRow(
  values: Float32Array,
  kind: AttentionKind,
  sequence: SequenceName,
  tokens: readonly Pick<Token, 'special'>[],
  view: Pick<ReadingView, 'scale' | 'measure' | 'hideSpecial'>,
  fit?: MeasureFit,
): TokenReading {
  const measure = measureOf({ measure: view.measure, fit });
  const hide = view.hideSpecial[kind];
  const isHidden = (index: number): boolean => hide && tokens[index]?.special === true;
  if (view.scale === 'fixed') return { measure, sequence, values, isHidden, scale: 1 };
  const most = largest(values, isHidden);
  return { measure, sequence, values, isHidden, scale: most > 0 ? reachOf(measure) / most : 0 };
}

/** The size of the number that is farthest from 0, hidden tokens left out. */
function largest(values: Float32Array, isHidden: (index: number) => boolean = () => false): number {
  let most = 0;
  values.forEach((value, index) => {
    if (Math.abs(value) > most && !isHidden(index)) most = Math.abs(value);
  });
  return most;
}

/**
 * A token's row as it is shown, cut and renormalised as the view asks. A column's numbers are each cut by its own row, of
 * which the column does not know: `limits` comes with the map, and until it is there the column is whole.
 */
export function shownRow(
  entry: TokenWeights,
  info: KindInfo,
  tokens: readonly Pick<Token, 'special'>[],
  view: ReadingView,
  limits: RowLimits | undefined,
): Float32Array {
  const row = measuredRow(entry, { ...view, ...headWithin(info, view) });
  if (entry.role === 'key') return limits ? siftColumn(row, limits) : row;
  return siftRow(row, sieveOf(view, info.kind), measureOf(view), (index) => tokens[index]?.special === true);
}

/** The numbers of a focused token; undefined where there are none in its role (it has not been read yet). */
export function readingOf(
  weights: readonly TokenWeights[],
  { info, role, others }: TokenRole,
  tokens: readonly Pick<Token, 'special'>[],
  view: ReadingView,
  limits?: RowLimits,
): TokenReading | undefined {
  const entry = weights.find((one) => one.kind === info.kind && one.role === role);
  if (!entry) return undefined;
  // The numbers say what they are: weights stay weights, whatever is to be made of them.
  const shown = { ...view, measure: measureWithin(view.measure, entry.fit) };
  return readingOfRow(shownRow(entry, info, tokens, shown, limits), info.kind, others, tokens, shown, entry.fit);
}
