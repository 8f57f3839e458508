/**
 * The pinned explanation beside the one on show: a state of its own that the same views draw, in the same view, with the
 * words in focus that stand for those in focus on show.
 */
import { computed, effect, signal } from '@preact/signals-core';
import type { SequenceName } from '../../../src/attention/types';
import { isAbort, toExplainError, type ErrorValue } from '../../../src/errors';
import { matchUnits } from '../../../src/measure/compare/matching';
import { asOther, type Parting } from '../../../src/measure/compare/parting';
import { say } from '../../../src/text/say';
import type { PanelApi, TokenFocus } from '../../../src/protocol/panel';
import { axisIn, itemAt, itemsOf } from '../../axes/axis';
import { validFocus, type AppState, type Colouring, type SetState, type TokenRef } from '../appState';

import {
  aloneIn,
  comparedRows,
  headsApart,
  partingOf,
  type ComparedRows,
  type Matchings,
  type RowPair,
} from './comparison';
import { NO_ATTRIBUTION, NO_LESSON, NOTHING_ANSWERED } from '../emptyState';
import { pinnedSnapshot, pinnedView } from './pinnedView';
import { measureOnShow } from '../shown/shownMeasure';
import { derived, joined } from '../store';
import { loadTextNumbers } from '../asked/textNumbers';

export interface PinnedBeside {
  /** The pinned explanation as views read it; without one its snapshot is null. */
  readonly state: AppState;
  readonly compared: ComparedRows;
  readonly parting: Parting | undefined;
  /** The words that stand for each other. */
  readonly matchings: Matchings;
  /** [layer][head] */
  readonly headsApart: Float32Array | undefined;
  /** Why its numbers could not be had. */
  readonly failure: ErrorValue | null;
  /** Colours of the difference on the side of the text on show: undefined on its way, null where there is none. */
  readonly difference: Colouring | null | undefined;
  /** The token on show that stands for a token of the pinned text; null where none does. */
  readonly partnerOf: (token: TokenRef) => TokenRef | null;
  /** The pointer or the keyboard is on a token that stands in the pinned text only; null: no longer. */
  readonly lookAlone: (token: TokenRef | null) => void;
  dispose(): void;
}

/**
 * @param values what is set
 * @param shown the state of the explanation on show, complete once this function has returned
 */
export function loadBeside(
  values: Readonly<SetState>,
  shown: AppState,
  api: Pick<PanelApi, 'head' | 'tokenWeights' | 'measure'>,
): PinnedBeside {
  /** With the explanation that it is about: another one that is pinned since has not failed. */
  const failed = signal<{ readonly of: string; readonly error: ErrorValue } | null>(null);
  const alone = signal<TokenRef | null>(null);
  const told = (reason: unknown): void => {
    const of = values.pinned?.id;
    if (isAbort(reason)) return;
    const error = reason === null ? null : toExplainError(reason).toValue();
    if (error?.code !== 'TEXT_CHANGED') failed.value = error && of !== undefined ? { of, error } : null;
  };

  const matchings = computed((): Matchings => ({ source: matchingOf('source'), target: matchingOf('target') }));
  const matchingOf = (sequence: SequenceName): Matchings['source'] => {
    const units = (of: AppState) => axisIn(of, sequence).items.map(({ unit }) => unit);
    return matchUnits(units(shown), units(state));
  };

  /** The tokens of the pinned text that stand for some tokens of the one on show; none where not all have partners. */
  const partners = (sequence: SequenceName, tokens: readonly number[]): readonly number[] => {
    const { items } = axisIn(state, sequence);
    const { toOther } = matchings.value[sequence];
    const found = itemsOf(axisIn(shown, sequence), tokens).map((at) => items[toOther[at] ?? -1]);
    return found.includes(undefined) ? [] : found.flatMap((item) => item?.tokens ?? []);
  };
  const focus = computed((): TokenFocus | null => {
    const own = alone.value;
    if (own) return { sequence: own.sequence, indices: tokensAt(own), locked: false, from: 'panel' };
    const { focus: looked } = values;
    if (!looked) return null;
    const { by: _alignment, ...rest } = looked;
    const indices = partners(looked.sequence, looked.indices);
    return indices.length === 0 ? null : validFocus(state.snapshot, { ...rest, from: 'host', indices });
  });
  const tokensAt = ({ sequence, index }: TokenRef): readonly number[] => {
    const axis = axisIn(state, sequence);
    return axis.items[itemAt(axis, index)]?.tokens ?? [index];
  };
  const second = computed((): TokenRef | null => {
    const other = values.second;
    const index = other ? partners(other.sequence, [other.index])[0] : undefined;
    return other && index !== undefined ? { sequence: other.sequence, index } : null;
  });

  const snapshot = computed(() => pinnedSnapshot(values));
  const view = computed(() => pinnedView(values));
  const set = joined<SetState>(
    values,
    derived({
      snapshot: () => snapshot.value,
      view: () => view.value,
      focus: () => focus.value,
      second: () => second.value,
    }),
  );
  const measured = measureOnShow(set, api, told);
  const looked = joined<SetState & Pick<AppState, 'measure'>>(
    set,
    derived({ view: () => measured.view, measure: () => measured.state }),
  );
  const numbers = loadTextNumbers(looked, () => measured.text, api, told);

  const compared = computed(() => (alone.value ? aloneIn(state) : comparedRows(shown, state, matchings.value)));
  const parting = computed(() => partingOf(shown, state, matchings.value));
  const apart = computed(() => (alone.value ? undefined : headsApart(shown, state, matchings.value)));
  /** The rows whose difference is to be coloured. */
  const coloured = (): RowPair | null | undefined => {
    if (!values.view.compare.difference || !snapshot.value) return null;
    const rows = compared.value;
    if (rows === 'waiting') return undefined;
    return 'gap' in rows ? null : rows;
  };
  const differenceOn = (side: 'now' | 'pinned'): Colouring | null | undefined => {
    const rows = coloured();
    if (!rows) return rows;
    const { sequence, isHidden } = rows[side];
    const { measure, scale, matching } = rows;
    const numbers = side === 'now' ? rows.difference : asOther(rows.difference, matching);
    return { measure, sequence, values: numbers, isHidden, scale, what: say('webview.compare.differsBy') };
  };
  const difference = computed(() => differenceOn('now'));
  const state = joined<AppState>(
    looked,
    NOTHING_ANSWERED,
    NO_LESSON,
    NO_ATTRIBUTION,
    derived({
      awaited: () => null,
      map: () => numbers.map,
      weights: () => numbers.weights,
      difference: () => differenceOn('pinned'),
    }),
  );
  // A token that is looked at alone is of the text that was pinned then.
  const stop = effect(() => {
    if (values.pinned?.id !== undefined) alone.value = null;
  });

  return {
    state,
    get compared() {
      return compared.value;
    },
    get matchings() {
      return matchings.value;
    },
    get parting() {
      return parting.value;
    },
    get headsApart() {
      return apart.value;
    },
    get failure() {
      return failed.value !== null && failed.value.of === values.pinned?.id ? failed.value.error : null;
    },
    get difference() {
      return difference.value;
    },
    partnerOf: (token) => {
      const { sequence } = token;
      const at = matchings.peek()[sequence].toOne[itemAt(axisIn(state, sequence), token.index)] ?? -1;
      const index = axisIn(shown, sequence).items[at]?.tokens[0];
      return index === undefined ? null : { sequence, index };
    },
    lookAlone: (token) => {
      alone.value = token;
    },
    dispose() {
      stop();
      measured.dispose();
      numbers.dispose();
    },
  };
}
