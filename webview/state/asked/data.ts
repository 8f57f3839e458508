/** Keeps the chosen map, the overview and the focused tokens' weights in step with what is looked at. */
import { computed, effect } from '@preact/signals-core';
import { isProbed, type AlignmentChoice, type MeasureName, type RoleTable } from '../../../src/attention/types';
import type {
  AlignmentQuery,
  AtlasQuery,
  HeadsOffReport,
  HeadsOffRequest,
  LensReport,
  LensRequest,
  RolesQuery,
  TextAlignment,
} from '../../../src/protocol/engine';
import type { PanelApi } from '../../../src/protocol/panel';
import { createAnswers, presentText, type Answers, type AskedTokens, type PresentText } from './answers';
import { isScored } from '../shown/scoredBy';
import { activeRole, alignmentChoice, isAtRest, type Answered, type SetState, type ShownAtlas } from '../appState';
import { linksOf } from '../shown/cutLinks';
import { LENS_PLACES, lensPage, lensSequence } from '../shown/lensPages';
import { createLoader } from './loader';
import { askFor, probed, type Asked } from './questions';
import { derived } from '../store';
import { loadTextNumbers } from './textNumbers';

/** Bins along a side of an atlas cell. */
const ATLAS_CELL = 32;
/** Overviews are small and soon out of date: room for the present one and a few of its neighbours is enough. */
const ATLAS_BYTES = 8 << 20;
const ROLES_BYTES = 1 << 20;

export interface Data {
  readonly answered: Readonly<Answered>;
  dispose(): void;
}

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
  const atlases = createAnswers<ShownAtlas>(ATLAS_BYTES, ({ data }) => data.byteLength);
  const roles = createAnswers<RoleTable>(ROLES_BYTES, ({ layers, heads }) => layers * heads * 80);

  const without = createAnswers<HeadsOffReport>(
    ATLAS_BYTES,
    ({ tokens, written }) => 300 * (tokens.length + written.length),
  );

  const lenses = createAnswers<LensReport>(ATLAS_BYTES, ({ rows, layers }) => 600 * rows.length * layers.length);

  /** All of the text, whatever of it a measure was made of. */
  const present = computed(() => presentText(state.snapshot));
  const text = computed(textOnShow);
  const numbers = loadTextNumbers(state, textOnShow, api, told);
  const took = <Value>(answers: Answers<Value>, name: string, value: Value, subject: AskedTokens): void => {
    answers.put(subject, name, value);
    told(null);
  };

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
    if (numbers.wanted?.kind !== 'cross') return undefined;
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
  type OffQuery = Pick<HeadsOffRequest, 'off' | 'cut' | 'decoding'>;
  const offName = ({ off, cut, decoding }: OffQuery): string => JSON.stringify([off, cut ?? [], decoding ?? null]);
  const offLoader = createLoader<Asked<OffQuery>, HeadsOffReport>(
    (request, signal) => api.headsOff(request, signal),
    (report, request) => took(without, offName(request), report, request),
    told,
  );
  const wantedOff = computed((): OffQuery | undefined => {
    const { view, snapshot } = state;
    const cut = linksOf(view, snapshot);
    if (!isAtRest(snapshot) || !isScored(snapshot) || view.off.length + cut.length === 0) return undefined;
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
    const { length } = snapshot?.[lensSequence(snapshot)] ?? [];
    // A model with a task head makes no tokens of its stream.
    if (!isAtRest(snapshot) || view.lens === null || length === 0 || snapshot.model?.task) return undefined;
    return { from: lensPage(view.lens, length), count: LENS_PLACES };
  });

  const stops = [
    effect(() => askFor(lensLoader, present.value, wantedLens.value, lensName, lenses)),
    effect(() => askFor(offLoader, present.value, wantedOff.value, offName, without)),
    effect(() => {
      const wanted = numbers.wanted;
      const { view } = state;
      const request = wanted && {
        kind: wanted.kind,
        hideSpecial: view.hideSpecial[wanted.kind],
        maxCell: ATLAS_CELL,
        axis: wanted.axis,
        ...probed(wanted.measure),
      };
      askFor(atlasLoader, text.value, request, atlasName, atlases);
    }),
    effect(() => askFor(alignmentLoader, text.value, wantedAlignment.value, alignmentName, aligned)),
    effect(() => {
      const wanted = numbers.wanted;
      const isWanted = wanted && activeRole(state) !== null && state.ranking.on === 'text';
      askFor(rolesLoader, text.value, isWanted ? { kind: wanted.kind } : undefined, rolesName, roles);
    }),
  ];

  const atlas = computed((): ShownAtlas | null => {
    const wanted = numbers.wanted;
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
    const wanted = numbers.wanted;
    if (!text.value || !wanted) return null;
    const { kind } = wanted;
    return roles.exact(text.value, rolesName(wanted)) ?? roles.newest(text.value, (one) => one.kind === kind) ?? null;
  });
  return {
    answered: derived<Answered>({
      map: () => numbers.map,
      atlas: () => atlas.value,
      weights: () => numbers.weights,
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
      numbers.dispose();
      for (const loader of [atlasLoader, rolesLoader, alignmentLoader, offLoader, lensLoader]) loader.cancel();
    },
  };
}
