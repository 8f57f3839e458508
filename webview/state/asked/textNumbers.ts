/** The two kinds of numbers that a text is coloured by: the chosen map, and the focused tokens' weights. */
import { computed, effect } from '@preact/signals-core';
import type { MapMatrix, MapRef } from '../../../src/attention/types';
import { meanReceivedInSteps } from '../../../src/measure/meanReceived';
import { sieveOf } from '../../../src/measure/reading';
import { isSifting, sieveKey } from '../../../src/measure/sift';
import { sourceKey } from '../../../src/measure/source';
import type { MapQuery } from '../../../src/protocol/engine';
import type { PanelApi } from '../../../src/protocol/panel';
import { axisIn } from '../../axes/axis';
import { createAnswers, type Answers, type AskedTokens, type PresentText } from './answers';
import { hasNoRowYet, kindInfo, mapRef, shownAxis, type FocusWeights, type SetState } from '../appState';
import { createLoader } from './loader';
import { askFor, probed, type Asked } from './questions';

/** How long the pointer rests on a token before its numbers are asked for, in milliseconds. */
const HOVER_DELAY = 24;
const CACHE_BYTES = 48 << 20;

export type WantedMap = MapRef & Pick<MapQuery, 'sieve'>;

const mapName = ({ kind, layer, head, measure, source, axis, sieve }: WantedMap): string =>
  `${kind}/${layer}/${head}/${measure}/${sourceKey(source)}/${axis}/${sieve ? sieveKey(sieve) : ''}`;

type FocusQuery = Omit<FocusWeights, 'list'>;

const focusName = ({ sequence, indices, axis, rollout = -1, measure }: FocusQuery): string =>
  `${sequence}/${measure ?? 'weight'}/${axis}/${rollout}/${indices.join(',')}`;

export interface TextNumbers {
  /** The map that is to be on show; undefined where there is none. */
  readonly wanted: WantedMap | undefined;
  /** The one that is there: the head before it, of the same kind, until the wanted one has come. */
  readonly map: MapMatrix | null;
  readonly weights: FocusWeights | null;
  dispose(): void;
}

/** A map of more numbers than these is summed in steps before it is on show: to sum 16 million holds the page up for 30 ms. */
const MUCH = 2 << 20;

/** Makes what a large map's text is coloured by, letting the page hear its user in between. */
async function meansAhead(state: Readonly<SetState>, map: MapMatrix, signal: AbortSignal): Promise<void> {
  const info = kindInfo(state.snapshot, map.kind);
  if (!info || map.data.length <= MUCH) return;
  const { items } = axisIn(state, info.queries);
  const steps = meanReceivedInSteps(map, info, items, state.view.hideSpecial[info.kind]);
  while (steps.next().done !== true && !signal.aborted) await new Promise((resolve) => setTimeout(resolve));
}

/**
 * @param state with the view as it is on show
 * @param textOnShow the text that numbers are asked about
 * @param told called with what failed, and with null when something has come back
 */
export function loadTextNumbers(
  state: Readonly<SetState>,
  textOnShow: () => PresentText | undefined,
  api: Pick<PanelApi, 'head' | 'tokenWeights'>,
  told: (reason: unknown) => void,
): TextNumbers {
  const maps = createAnswers<MapMatrix>(CACHE_BYTES, ({ data }) => data.byteLength);
  const weights = createAnswers<FocusWeights>(CACHE_BYTES, ({ list }) =>
    list.reduce((sum, { data }) => sum + data.byteLength, 0),
  );
  const text = computed(textOnShow);
  const wantedMap = computed((): WantedMap | undefined => {
    const { snapshot, view } = state;
    const info = kindInfo(snapshot, view.kind);
    const isReady =
      snapshot?.early === false && info && snapshot[info.queries].length > 0 && snapshot[info.keys].length > 0;
    // Who asked for what has no row would wait for an answer that is empty, and for the next one after it.
    if (!isReady || hasNoRowYet(snapshot, info.kind)) return undefined;
    const sieve = sieveOf(view, info.kind);
    return { ...mapRef(view, shownAxis(state)), kind: info.kind, ...(isSifting(sieve) && { sieve }) };
  });
  const wantedFocus = computed((): FocusQuery | undefined => {
    const { focus, view } = state;
    if (!focus) return undefined;
    const { sequence, indices } = focus;
    const rollout = view.source.type === 'rollout' ? view.layer : undefined;
    return { sequence, indices, axis: shownAxis(state), rollout, ...probed(view.measure) };
  });

  const took = <Value>(answers: Answers<Value>, name: string, value: Value, subject: AskedTokens): void => {
    answers.put(subject, name, value);
    told(null);
  };
  const mapLoader = createLoader<Asked<WantedMap>, MapMatrix>(
    async (request, signal) => {
      const map = await api.head(request, signal);
      await meansAhead(state, map, signal);
      return map;
    },
    (map, request) => took(maps, mapName(request), map, request),
    told,
    (running, next) => running.explanation !== next.explanation || mapName(running) !== mapName(next),
  );
  const tokenLoader = createLoader<Asked<FocusQuery>, FocusWeights>(
    async ({ rollout, ...request }, signal) => {
      const { sequence, indices, axis, measure } = request;
      const query = rollout === undefined ? request : { ...request, rollout };
      const list = await api.tokenWeights(query, signal);
      return { sequence, indices, axis, rollout, ...(measure && { measure }), list };
    },
    (focused, request) => took(weights, focusName(request), focused, request),
    told,
    (running, next) => running.explanation !== next.explanation || focusName(running) !== focusName(next),
  );
  const stops = [
    effect(() => askFor(mapLoader, text.value, wantedMap.value, mapName, maps)),
    effect(() => askFor(tokenLoader, text.value, wantedFocus.value, focusName, weights, HOVER_DELAY)),
  ];

  const map = computed((): MapMatrix | null => {
    const wanted = wantedMap.value;
    if (!text.value || !wanted) return null;
    const exact = maps.exact(text.value, mapName(wanted));
    // The head before, of the same kind, stays on show under its own name until the chosen one is there.
    return exact ?? maps.newest(text.value, ({ kind, axis }) => kind === wanted.kind && axis === wanted.axis) ?? null;
  });
  const focused = computed((): FocusWeights | null => {
    const wanted = wantedFocus.value;
    if (!text.value || !wanted) return null;
    const name = focusName(wanted);
    return weights.exact(text.value, name) ?? weights.newest(text.value, (one) => focusName(one) === name) ?? null;
  });
  return {
    get wanted() {
      return wantedMap.value;
    },
    get map() {
      return map.value;
    },
    get weights() {
      return focused.value;
    },
    dispose() {
      for (const stop of stops) stop();
      for (const loader of [mapLoader, tokenLoader]) loader.cancel();
    },
  };
}
