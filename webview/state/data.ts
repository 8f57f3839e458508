/** Keeps the chosen map, the overview and the focused tokens' weights in step with what is looked at. */
import { computed, effect } from '@preact/signals-core';
import {
  isProbed,
  type AlignmentChoice,
  type MapMatrix,
  type MapRef,
  type MeasureName,
  type ProbedMeasure,
  type RoleTable,
} from '../../src/attention/types';
import type {
  AlignmentQuery,
  AtlasQuery,
  HeadsOffReport,
  HeadsOffRequest,
  LensReport,
  LensRequest,
  MapQuery,
  RolesQuery,
  TextAlignment,
} from '../../src/protocol/engine';
import { sieveOf } from '../../src/measure/reading';
import { isSifting, sieveKey } from '../../src/measure/sift';
import { sourceKey } from '../../src/measure/source';
import type { PanelApi } from '../../src/protocol/panel';
import {
  createAnswers,
  subjectKey,
  askedTokensOf,
  presentText,
  type Answers,
  type PresentText,
  type AskedTokens,
} from './answers';
import {
  activeRole,
  alignmentChoice,
  kindInfo,
  mapRef,
  shownAxis,
  type Answered,
  type FocusWeights,
  type SetState,
  type ShownAtlas,
} from './appState';
import { linksOf } from './cutLinks';
import { LENS_PLACES, lensPage, lensSequence } from './lensPages';
import { createLoader, type Loader } from './loader';
import { derived } from './store';

/** Bins along a side of an atlas cell. */
const ATLAS_CELL = 32;
/** How long the pointer rests on a token before its numbers are asked for, in milliseconds. */
const HOVER_DELAY = 24;
const CACHE_BYTES = 48 << 20;
/** Overviews are small and soon out of date: room for the present one and a few of its neighbours is enough. */
const ATLAS_BYTES = 8 << 20;
const ROLES_BYTES = 1 << 20;

export interface Data {
  readonly answered: Readonly<Answered>;
  dispose(): void;
}

/** A question with the tokens that it is about, under which its answer is kept. */
type Asked<Request> = Request & Required<AskedTokens>;

type WantedMap = MapRef & Pick<MapQuery, 'sieve'>;

const sameMap = (one: WantedMap, other: WantedMap): boolean => mapName(one) === mapName(other);

const mapName = ({ kind, layer, head, measure, source, axis, sieve }: WantedMap): string =>
  `${kind}/${layer}/${head}/${measure}/${sourceKey(source)}/${axis}/${sieve ? sieveKey(sieve) : ''}`;

type FocusQuery = Omit<FocusWeights, 'list'>;

const focusName = ({ sequence, indices, axis, rollout = -1, measure }: FocusQuery): string =>
  `${sequence}/${measure ?? 'weight'}/${axis}/${rollout}/${indices.join(',')}`;

/** The measure to ask for in place of the weights, where there is one. */
const probed = (measure: MeasureName): { readonly measure?: ProbedMeasure } => (isProbed(measure) ? { measure } : {});

/**
 * @param state with the view as it is on show
 * @param textOnShow the text that numbers are asked about
 * @param told called with what failed, and with null when something has come back
 */
export function loadData(
  state: Readonly<SetState>,
  textOnShow: () => PresentText | undefined,
  api: PanelApi,
  told: (reason: unknown) => void,
): Data {
  const maps = createAnswers<MapMatrix>(CACHE_BYTES, ({ data }) => data.byteLength);
  const atlases = createAnswers<ShownAtlas>(ATLAS_BYTES, ({ data }) => data.byteLength);
  const weights = createAnswers<FocusWeights>(CACHE_BYTES, ({ list }) =>
    list.reduce((sum, { data }) => sum + data.byteLength, 0),
  );

  const roles = createAnswers<RoleTable>(ROLES_BYTES, ({ layers, heads }) => layers * heads * 80);

  const without = createAnswers<HeadsOffReport>(
    ATLAS_BYTES,
    ({ tokens, written }) => 300 * (tokens.length + written.length),
  );

  const lenses = createAnswers<LensReport>(ATLAS_BYTES, ({ rows, layers }) => 600 * rows.length * layers.length);

  /** All of the text, whatever of it a measure was made of. */
  const present = computed(() => presentText(state.snapshot));
  const text = computed(textOnShow);
  const wantedMap = computed((): WantedMap | undefined => {
    const { snapshot, view } = state;
    const info = kindInfo(snapshot, view.kind);
    const isReady =
      snapshot?.early === false && info && snapshot[info.queries].length > 0 && snapshot[info.keys].length > 0;
    if (!isReady) return undefined;
    const sieve = sieveOf(view, info.kind);
    return { ...mapRef(view, shownAxis(state)), kind: info.kind, ...(isSifting(sieve) && { sieve }) };
  });

  const wantedFocus = computed((): FocusQuery | undefined => {
    const { focus, view } = state;
    if (!focus) return undefined;
    const rollout = view.source.type === 'rollout' ? view.layer : undefined;
    return {
      sequence: focus.sequence,
      indices: focus.indices,
      axis: shownAxis(state),
      rollout,
      ...probed(view.measure),
    };
  });

  const took = <Value>(answers: Answers<Value>, name: string, value: Value, subject: AskedTokens): void => {
    answers.put(subject, name, value);
    told(null);
  };

  const mapLoader = createLoader<Asked<WantedMap>, MapMatrix>(
    (request, signal) => api.head(request, signal),
    (map, request) => took(maps, mapName(request), map, request),
    told,
    (running, next) => running.explanation !== next.explanation || !sameMap(running, next),
  );
  type OverviewQuery = AtlasQuery & Pick<ShownAtlas, 'axis'>;
  const atlasName = ({
    kind,
    hideSpecial,
    axis,
    measure = 'weight',
  }: Pick<OverviewQuery, 'kind' | 'hideSpecial' | 'axis'> & { readonly measure?: MeasureName }): string =>
    `${kind}/${hideSpecial}/${axis}/${isProbed(measure) ? measure : 'weight'}`;
  const atlasLoader = createLoader<Asked<OverviewQuery>, ShownAtlas>(
    async (request, signal) => {
      const { hideSpecial, axis } = request;
      return { ...(await api.atlas(request, signal)), hideSpecial, axis };
    },
    (atlas, request) => took(atlases, atlasName(request), atlas, request),
    told,
    (running, next) => running.explanation !== next.explanation || atlasName(running) !== atlasName(next),
  );
  const rolesName = ({ kind }: Pick<RolesQuery, 'kind'>): string => kind;
  const rolesLoader = createLoader<Asked<RolesQuery>, RoleTable>(
    (request, signal) => api.roles(request, signal),
    (table, request) => took(roles, rolesName(request), table, request),
    told,
    (running, next) => running.explanation !== next.explanation || running.kind !== next.kind,
  );
  const aligned = createAnswers<TextAlignment>(ATLAS_BYTES, ({ data }) => data.byteLength);
  const wantedAlignment = computed((): AlignmentChoice | undefined => {
    if (wantedMap.value?.kind !== 'cross') return undefined;
    const { source, layer, head, reading } = alignmentChoice(state);
    return { source, layer, head, reading };
  });
  const alignmentName = ({ source, layer, head, reading }: AlignmentChoice): string =>
    `${source}/${layer}/${head}/${reading}`;
  const alignmentLoader = createLoader<Asked<AlignmentQuery>, TextAlignment>(
    (request, signal) => api.alignment(request, signal),
    (answer, request) => took(aligned, alignmentName(request), answer, request),
    told,
    (running, next) => running.explanation !== next.explanation || alignmentName(running) !== alignmentName(next),
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

  /** Asks for what is wanted unless it is there. */
  const ask = <Request>(
    loader: Loader<Asked<Request>>,
    present: PresentText | undefined,
    request: Request | undefined,
    name: (request: Request) => string,
    answers: Pick<Answers<unknown>, 'exact'>,
    delay = 0,
  ): void => {
    if (!present || !request || answers.exact(present, name(request)) !== undefined) {
      loader.cancel();
      return;
    }
    const subject = askedTokensOf(present);
    loader.request(`${subjectKey(subject)}/${name(request)}`, { ...request, ...subject }, delay);
  };

  type OffQuery = Pick<HeadsOffRequest, 'off' | 'cut' | 'decoding'>;
  const offName = ({ off, cut, decoding }: OffQuery): string => JSON.stringify([off, cut ?? [], decoding ?? null]);
  const offLoader = createLoader<Asked<OffQuery>, HeadsOffReport>(
    (request, signal) => api.headsOff(request, signal),
    (report, request) => took(without, offName(request), report, request),
    told,
  );
  const wantedOff = computed((): OffQuery | undefined => {
    const { view, snapshot } = state;
    const isAtRest = snapshot?.status === 'done' || snapshot?.status === 'paused';
    const cut = linksOf(view, snapshot);
    if (!isAtRest || view.off.length + cut.length === 0) return undefined;
    return { off: view.off, ...(cut.length > 0 && { cut }), ...(snapshot.decoding && { decoding: snapshot.decoding }) };
  });

  type LensQuery = Pick<LensRequest, 'from' | 'count'>;
  const lensName = ({ from, count }: LensQuery): string => `${from}+${count}`;
  const lensLoader = createLoader<Asked<LensQuery>, LensReport>(
    (request, signal) => api.lens(request, signal),
    (report, request) => took(lenses, lensName(request), report, request),
    told,
  );
  const wantedLens = computed((): LensQuery | undefined => {
    const { view, snapshot } = state;
    const isAtRest = snapshot?.status === 'done' || snapshot?.status === 'paused';
    const { length } = snapshot?.[lensSequence(snapshot)] ?? [];
    // A model with a task head makes no tokens of its stream.
    if (!isAtRest || view.lens === null || length === 0 || snapshot.model?.task) return undefined;
    return { from: lensPage(view.lens, length), count: LENS_PLACES };
  });

  const stops = [
    effect(() => ask(lensLoader, present.value, wantedLens.value, lensName, lenses)),
    effect(() => ask(offLoader, present.value, wantedOff.value, offName, without)),
    effect(() => ask(mapLoader, text.value, wantedMap.value, mapName, maps)),
    effect(() => {
      const wanted = wantedMap.value;
      const { view } = state;
      const request = wanted && {
        kind: wanted.kind,
        hideSpecial: view.hideSpecial[wanted.kind],
        maxCell: ATLAS_CELL,
        axis: wanted.axis,
        ...probed(wanted.measure),
      };
      ask(atlasLoader, text.value, request, atlasName, atlases);
    }),
    effect(() => ask(alignmentLoader, text.value, wantedAlignment.value, alignmentName, aligned)),
    effect(() => {
      const wanted = wantedMap.value;
      const isWanted = wanted && activeRole(state) !== null && state.ranking.on === 'text';
      ask(rolesLoader, text.value, isWanted ? { kind: wanted.kind } : undefined, rolesName, roles);
    }),
    effect(() => {
      ask(tokenLoader, text.value, wantedFocus.value, focusName, weights, HOVER_DELAY);
    }),
  ];

  const map = computed((): MapMatrix | null => {
    const wanted = wantedMap.value;
    if (!text.value || !wanted) return null;
    const exact = maps.exact(text.value, mapName(wanted));
    // The head before, of the same kind, stays on show under its own name until the chosen one is there.
    return exact ?? maps.newest(text.value, ({ kind, axis }) => kind === wanted.kind && axis === wanted.axis) ?? null;
  });
  const atlas = computed((): ShownAtlas | null => {
    const wanted = wantedMap.value;
    if (!text.value || !wanted) return null;
    const name = atlasName({ ...wanted, hideSpecial: state.view.hideSpecial[wanted.kind] });
    const isLike = (one: ShownAtlas): boolean =>
      atlasName({ ...one, ...probed(one.fit?.measure ?? 'weight') }) === name;
    return atlases.exact(text.value, name) ?? atlases.newest(text.value, isLike) ?? null;
  });
  const alignment = computed((): TextAlignment | null => {
    const wanted = wantedAlignment.value;
    if (!text.value || !wanted) return null;
    const isWanted = (one: TextAlignment): boolean => alignmentName(one) === alignmentName(wanted);
    return aligned.exact(text.value, alignmentName(wanted)) ?? aligned.newest(text.value, isWanted) ?? null;
  });
  const measured = computed((): RoleTable | null => {
    const wanted = wantedMap.value;
    if (!text.value || !wanted) return null;
    const { kind } = wanted;
    return roles.exact(text.value, rolesName(wanted)) ?? roles.newest(text.value, (one) => one.kind === kind) ?? null;
  });
  const focused = computed((): FocusWeights | null => {
    const wanted = wantedFocus.value;
    if (!text.value || !wanted) return null;
    const name = focusName(wanted);
    return weights.exact(text.value, name) ?? weights.newest(text.value, (one) => focusName(one) === name) ?? null;
  });

  return {
    answered: derived<Answered>({
      map: () => map.value,
      atlas: () => atlas.value,
      weights: () => focused.value,
      roles: () => measured.value,
      alignment: () => alignment.value,
      without: () => {
        const wanted = wantedOff.value;
        return (present.value && wanted && without.exact(present.value, offName(wanted))) ?? null;
      },
      lens: () => {
        const wanted = wantedLens.value;
        return (present.value && wanted && lenses.exact(present.value, lensName(wanted))) ?? null;
      },
    }),
    dispose() {
      for (const stop of stops) stop();
      for (const loader of [mapLoader, atlasLoader, rolesLoader, alignmentLoader, tokenLoader, offLoader, lensLoader])
        loader.cancel();
    },
  };
}
