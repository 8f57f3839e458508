/** Keeps the chosen map, the overview and the focused tokens' weights in step with what is looked at. */
import { computed, effect } from '@preact/signals-core';
import type { AlignmentChoice, MapMatrix, MapRef, RoleTable } from '../../src/attention/types';
import type {
  AlignmentQuery,
  AtlasQuery,
  MapQuery,
  RolesQuery,
  TextAlignment,
  TokenQuery,
} from '../../src/protocol/engine';
import { sourceKey } from '../../src/measure/source';
import type { PanelApi } from '../../src/protocol/panel';
import { createAnswers, subjectKey, askedTokensOf, type Answers, type PresentText, type AskedTokens } from './answers';
import {
  activeRole,
  alignmentChoice,
  kindInfo,
  mapRef,
  sameIndices,
  type Answered,
  type FocusWeights,
  type SetState,
  type ShownAtlas,
} from './appState';
import { createLoader, type Loader } from './loader';
import { derived } from './store';

/** Bins along a side of an atlas cell. */
const ATLAS_CELL = 32;
/** A pointer that crosses tokens asks about those it rests on. */
const HOVER_DELAY = 24;
const CACHE_BYTES = 48 << 20;
/** Overviews are small, and soon of an older text: the present one and some neighbours are enough. */
const ATLAS_BYTES = 8 << 20;
const ROLES_BYTES = 1 << 20;

export interface Data {
  readonly answered: Readonly<Answered>;
  dispose(): void;
}

/** A question with all that it is about; nothing that comes back can be told from it by anybody else's guess. */
type Asked<Request> = Request & Required<AskedTokens>;

const sameMap = (one: MapRef, other: MapRef): boolean => mapName(one) === mapName(other);

const mapName = ({ kind, layer, head, measure, source, axis }: MapRef): string =>
  `${kind}/${layer}/${head}/${measure}/${sourceKey(source)}/${axis}`;

const focusName = ({ sequence, indices }: Pick<FocusWeights, 'sequence' | 'indices'>): string =>
  `${sequence}/${indices.join(',')}`;

/**
 * @param told called with what failed, and with null when something has come back
 */
export function loadData(state: Readonly<SetState>, api: PanelApi, told: (reason: unknown) => void): Data {
  const maps = createAnswers<MapMatrix>(CACHE_BYTES, ({ data }) => data.byteLength);
  const atlases = createAnswers<ShownAtlas>(ATLAS_BYTES, ({ data }) => data.byteLength);
  const weights = createAnswers<FocusWeights>(CACHE_BYTES, ({ list }) =>
    list.reduce((sum, { data }) => sum + data.byteLength, 0),
  );

  const roles = createAnswers<RoleTable>(ROLES_BYTES, ({ layers, heads }) => layers * heads * 80);

  /** The text on show, where it has tokens in both sequences of the chosen kind. */
  const text = computed((): PresentText | undefined => {
    const { snapshot } = state;
    return snapshot ? { id: snapshot.id, source: snapshot.source, target: snapshot.target } : undefined;
  });
  const wantedMap = computed((): MapRef | undefined => {
    const { snapshot, view } = state;
    const info = kindInfo(snapshot, view.kind);
    const isReady = snapshot && info && snapshot[info.queries].length > 0 && snapshot[info.keys].length > 0;
    return isReady ? { ...mapRef(view), kind: info.kind } : undefined;
  });

  const took = <Value>(answers: Answers<Value>, name: string, value: Value, subject: AskedTokens): void => {
    answers.put(subject, name, value);
    told(null);
  };

  const mapLoader = createLoader<Asked<MapQuery & MapRef>, MapMatrix>(
    (request, signal) => api.head(request, signal),
    (map, request) => took(maps, mapName(request), map, request),
    told,
    (running, next) => running.explanation !== next.explanation || !sameMap(running, next),
  );
  const atlasName = ({ kind, hideSpecial }: Pick<AtlasQuery, 'kind' | 'hideSpecial'>): string =>
    `${kind}/${hideSpecial}`;
  const atlasLoader = createLoader<Asked<AtlasQuery>, ShownAtlas>(
    async (request, signal) => ({ ...(await api.atlas(request, signal)), hideSpecial: request.hideSpecial }),
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
  const tokenLoader = createLoader<Asked<TokenQuery>, FocusWeights>(
    async (request, signal) => {
      const { sequence, indices } = request;
      return { sequence, indices, list: await api.tokenWeights(request, signal) };
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

  const stops = [
    effect(() => ask(mapLoader, text.value, wantedMap.value, mapName, maps)),
    effect(() => {
      const wanted = wantedMap.value;
      const { view } = state;
      const request = wanted && { kind: wanted.kind, hideSpecial: view.hideSpecial[wanted.kind], maxCell: ATLAS_CELL };
      ask(atlasLoader, text.value, request, atlasName, atlases);
    }),
    effect(() => ask(alignmentLoader, text.value, wantedAlignment.value, alignmentName, aligned)),
    effect(() => {
      const wanted = wantedMap.value;
      const isWanted = wanted && activeRole(state) !== null && state.ranking.on === 'text';
      ask(rolesLoader, text.value, isWanted ? { kind: wanted.kind } : undefined, rolesName, roles);
    }),
    effect(() => {
      const { focus } = state;
      const request = focus ? { sequence: focus.sequence, indices: focus.indices } : undefined;
      ask(tokenLoader, text.value, request, focusName, weights, HOVER_DELAY);
    }),
  ];

  const map = computed((): MapMatrix | null => {
    const wanted = wantedMap.value;
    if (!text.value || !wanted) return null;
    const exact = maps.exact(text.value, mapName(wanted));
    // Another head of the same kind stays, under its own name, until the chosen one is there.
    return exact ?? maps.newest(text.value, ({ kind }) => kind === wanted.kind) ?? null;
  });
  const atlas = computed((): ShownAtlas | null => {
    const wanted = wantedMap.value;
    if (!text.value || !wanted) return null;
    const hideSpecial = state.view.hideSpecial[wanted.kind];
    const exact = atlases.exact(text.value, atlasName({ kind: wanted.kind, hideSpecial }));
    return (
      exact ?? atlases.newest(text.value, (one) => one.kind === wanted.kind && one.hideSpecial === hideSpecial) ?? null
    );
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
    const { focus } = state;
    if (!text.value || !focus) return null;
    const isSame = ({ sequence, indices }: FocusWeights): boolean =>
      sequence === focus.sequence && sameIndices(indices, focus.indices);
    return weights.exact(text.value, focusName(focus)) ?? weights.newest(text.value, isSame) ?? null;
  });

  return {
    answered: derived<Answered>({
      map: () => map.value,
      atlas: () => atlas.value,
      weights: () => focused.value,
      roles: () => measured.value,
      alignment: () => alignment.value,
    }),
    dispose() {
      for (const stop of stops) stop();
      for (const loader of [mapLoader, atlasLoader, rolesLoader, alignmentLoader, tokenLoader]) loader.cancel();
    },
  };
}
