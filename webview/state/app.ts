/** The state and everything that can be done to it; the views know only this. */
import { isAbort, toExplainError } from '../../src/errors';
import type { Direction } from '../../src/measure/reading';
import type { AttentionKind, HeadPlace, HeadRef } from '../../src/attention/types';
import { moved, type PickedHeads } from '../../src/measure/headSets';
import { ONE_HEAD, type HeadCounts } from '../../src/measure/source';
import { DEFAULT_VIEW } from '../../src/protocol/defaultView';
import type { Intervention } from '../../src/protocol/engine';
import type { ExplanationSnapshot, PanelApi, PanelRequests, PanelState, ViewState } from '../../src/protocol/panel';
import { withNews } from '../../src/protocol/snapshotChange';
import { createMasks, type AskedMasks } from './asked/askedMasks';
import { loadBeside, type PinnedBeside } from './pinned/beside';
import { loadData } from './asked/data';
import { NO_ATTRIBUTION, NO_LESSON, NOTHING_ANSWERED, WEIGHTS_ONLY } from './emptyState';
import { whatIsThereMeanwhile } from './shown/meanwhile';
import { measureOnShow } from './shown/shownMeasure';
import { connect } from './host';
import { kindInfo, validFocus, validView, type AppState, type MeasureState, type SetState } from './appState';
import { cutPlaces, keptLinks, linksOf, toggledLinks } from './shown/cutLinks';
import { draw } from './frames';
import { loadAttribution } from './attribution/attributionData';
import { loadLesson } from './lesson/lessonData';
import { createOutputCosts, type OutputCosts } from './asked/outputCosts';
import { createPointing, type Pointing } from './pointing';
import { switchable, switched } from './shown/switchedOff';
import { readRanking, type Ranking } from './shown/ranking';
import { sentViews } from './asked/sentViews';
import { shownApiOf, type ShownApi } from './asked/shownApi';
import { createStore, derived, joined } from './store';
import { readPalette, watchTheme } from '../theme';

export interface App extends Pointing, OutputCosts, AskedMasks {
  /** Always the present state; what a drawing reads of it is followed. */
  readonly state: AppState;
  readonly api: ShownApi & Pick<PanelApi, 'copy' | 'command'>;
  /** Runs a request of the user's; what fails is shown. */
  act(request: Promise<unknown>): void;
  setView(patch: Partial<ViewState>): void;
  /** Chooses a head by itself; a rollout goes to its layer. */
  pickHead(layer: number, head: number): void;
  /** Moves to another layer or head, as the lists in the toolbar do: what shows a whole layer shows the other one. */
  moveTo(place: Partial<HeadPlace>): void;
  /** Picks several heads, made of those that are picked now. */
  pickHeads(pick: (before: PickedHeads, counts: HeadCounts) => PickedHeads): void;
  setDirection(direction: Direction): void;
  setDetail(detail: AppState['detail']): void;
  setRanking(ranking: Ranking): void;
  /** Switches the picked heads off; on where all of them are off. */
  switchHeads(): void;
  /** Cuts the links from these tokens to those, in the picked heads or everywhere; joins them again where they are cut. */
  cutLinks(kind: AttentionKind, queries: readonly number[], keys: readonly number[], everywhere: boolean): void;
  /** Stops what is computed for the lesson. */
  stopLesson(): void;
  chooseStep(step: number): void;
  /** Keeps the explanation on show, with its map, to be compared with what is explained after it. */
  pin(): void;
  unpin(): void;
  /** Explains the text again without pieces of what is on show, beside the plain one, which is pinned; null puts everything back. */
  intervene(intervention: Intervention | null): void;
  /** Reads the pinned text again, after what went wrong with it. */
  readPinned(): void;
  /** The pinned explanation, and the same app about it, for views that stand beside those of the one on show; null in the generation view. */
  readonly beside: (PinnedBeside & { readonly app: App }) | null;
  /** Stops listening to the host, the theme and the page; what runs is stopped. */
  dispose(): void;
}

/** Makes the state of a page and connects it to the host. @param from which page it is: the generation view asks for no attention */
export function createApp(from: 'panel' | 'generation'): App {
  const host = connect();
  const { api } = host.client;
  const saved = host.load();
  const { state: values, set } = createStore<SetState>({
    connected: false,
    snapshot: null,
    view: validView(null, { ...DEFAULT_VIEW, direction: saved.direction === 'from' ? 'from' : 'to' }),
    focus: null,
    second: null,
    detail: saved.detail === 'lines' ? 'lines' : 'matrix',
    recipe: saved.recipe ?? null,
    ranking: readRanking(saved.ranking),
    scores: null,
    pinned: null,
    costs: null,
    costing: false,
    leftOut: null,
    leaving: false,
    shortened: null,
    shortening: false,
    failure: null,
    palette: readPalette(),
    step: -1,
  });

  const fail = (reason: unknown): void => {
    if (isAbort(reason)) return;
    const failure = toExplainError(reason).toValue();
    // The text has changed since the question was made. A snapshot with the new text is on its way, so there is nothing to tell.
    if (failure.code !== 'TEXT_CHANGED') set({ failure });
  };
  host.client.onWrong(fail);
  const told = (reason: unknown): void => (reason === null ? set({ failure: null }) : fail(reason));
  const meanwhile = whatIsThereMeanwhile(values);
  const onShow = joined<SetState>(values, derived({ view: () => meanwhile.view }));
  const measured = from === 'panel' ? measureOnShow(onShow, api, told) : undefined;
  const looked = measured
    ? joined<SetState & { readonly measure: MeasureState }>(
        onShow,
        derived({ view: () => measured.view, measure: () => measured.state }),
      )
    : undefined;
  const data = measured && looked ? loadData(looked, () => measured.text, api, told) : undefined;
  const lesson = from === 'panel' ? loadLesson(values, api, told) : undefined;
  const attribution = from === 'panel' ? loadAttribution(values, api, told) : undefined;
  const state: AppState = joined<AppState>(
    looked ?? values,
    looked ? {} : WEIGHTS_ONLY,
    data?.answered ?? NOTHING_ANSWERED,
    lesson?.state ?? NO_LESSON,
    attribution?.state ?? NO_ATTRIBUTION,
    derived({ awaited: () => meanwhile.awaited, difference: () => (beside ? beside.difference : null) }),
  );
  const beside: PinnedBeside | undefined = from === 'panel' ? loadBeside(values, state, api) : undefined;

  const act = (request: Promise<unknown>): void => void request.catch(fail);
  const outputCosts = createOutputCosts(state, set, api, act);

  const focused = createPointing(from, state, set, api, fail);

  const takeSnapshot = (snapshot: ExplanationSnapshot | null): Partial<SetState> => {
    const other = snapshot?.id !== state.snapshot?.id;
    // What is being computed belongs to the text before.
    if (other) outputCosts.stopAll();
    // The same tokens, read with other heads off: what was measured of them is of another run.
    const isOtherRun = JSON.stringify(headsOffIn(snapshot)) !== JSON.stringify(headsOffIn(values.snapshot));
    return {
      ...(isOtherRun && { costs: null, leftOut: null, shortened: null }),
      snapshot,
      view: validView(snapshot, values.view),
      focus: validFocus(snapshot, state.focus),
      second: null,
      failure: other ? null : state.failure,
      step: other || (snapshot && state.step >= snapshot.steps.length) ? -1 : state.step,
    };
  };

  /** What the host knows to be measured: what is being measured here is told as it comes. */
  const measuredBefore = ({ costs, leftOut }: Pick<PanelState, 'costs' | 'leftOut'>): Partial<SetState> => ({
    ...(!values.costing && { costs }),
    ...(!values.leaving && { leftOut }),
  });

  const views = sentViews((view) => set({ view: validView(state.snapshot, view) }));

  const pull = async (): Promise<void> => {
    try {
      const pulled: PanelState = await api.state({});
      set({
        ...takeSnapshot(pulled.explanation),
        connected: true,
        view: validView(pulled.explanation, views.areOnTheirWay ? values.view : pulled.view),
        // What was pointed at since it was asked is newer than what it answers.
        focus: validFocus(pulled.explanation, focused.isOnItsWay ? state.focus : pulled.focus),
        recipe: pulled.recipe,
        scores: pulled.scores,
        pinned: pulled.pinned,
        ...measuredBefore(pulled),
      });
    } catch (reason) {
      fail(reason);
    }
  };

  const stops = [
    host.client.on('explanation', (news) => {
      const known = state.snapshot;
      const snapshot = withNews(known, news);
      // What was missed while the page was hidden, or before it had the whole, is asked for.
      if (snapshot === undefined) {
        if (state.connected) void pull();
        return;
      }
      if (snapshot !== known) set(takeSnapshot(snapshot));
    }),
    host.client.on('recipe', (recipe) => set({ recipe })),
    host.client.on('scores', (scores) => set({ scores })),
    host.client.on('pinned', (pinned) => set({ pinned })),
    host.client.on('measured', (known) => set(measuredBefore(known))),
    host.client.on('view', (view) => views.told(view)),
    host.client.on('focus', ({ explanation, focus }) => {
      if (focus?.from !== from && state.snapshot?.id === explanation && !focused.isOnItsWay)
        set({ focus: validFocus(state.snapshot, focus), second: null });
    }),
    host.client.on('measuring', (news) => measured?.progressed(news)),
    host.client.on('costs', ({ explanation, sofar }) => {
      if (state.costing && explanation === state.snapshot?.id) set({ costs: sofar });
    }),
    host.client.on('leftOut', ({ explanation, sofar }) => {
      if (state.leaving && explanation === state.snapshot?.id) set({ leftOut: sofar });
    }),
    watchTheme((palette) => set({ palette })),
  ];

  const onVisible = (): void => {
    if (document.visibilityState === 'visible') void pull();
  };
  document.addEventListener('visibilitychange', onVisible);
  stops.push(() => document.removeEventListener('visibilitychange', onVisible));
  stops.push(
    draw(() => {
      const { snapshot, view, focus, detail, ranking, recipe, connected } = values;
      // Before the first answer there is nothing better to keep than what was saved.
      if (!connected) return;
      const locked = focus?.locked === true ? focus : null;
      const explanation = snapshot?.id ?? null;
      host.save({ version: 1, explanation, view, focus: locked, detail, ranking, recipe });
    }),
  );
  void pull();

  const shownApi = shownApiOf(api, () => state.snapshot?.id);
  const masks = createMasks(state, shownApi, act);

  const mapOnShow = (): PanelRequests['pin']['map'] => {
    const { kind, layer, head, source } = state.view;
    return { kind, layer, head, source };
  };

  const aboutPinned = (method: 'unpin' | 'retry'): void => {
    const explanation = state.pinned?.id;
    if (explanation !== undefined) app.act(api[method]({ explanation }));
  };

  let besideApp: App['beside'] = null;
  const app: App = {
    state,
    ...focused.pointing,
    ...outputCosts,
    ...masks,
    api: { ...shownApi, copy: (request) => api.copy(request), command: (request) => api.command(request) },
    act,
    setView(patch) {
      // A rollout is made of weights, so choosing another measure leaves it.
      const leaves = patch.measure !== undefined && patch.measure !== 'weight' && values.view.source.type === 'rollout';
      // Who picks heads of what is on show meanwhile goes on looking at that.
      const picks = patch.layer !== undefined || patch.head !== undefined || patch.source !== undefined;
      const { kind, layer, head } = picks ? state.view : values.view;
      const place = { kind, layer, head, ...(leaves && { source: ONE_HEAD }) };
      const view = validView(state.snapshot, { ...values.view, ...place, ...patch });
      set({ view });
      const explanation = state.snapshot?.id;
      if (explanation !== undefined) app.act(views.send(api.setView({ explanation, view })));
    },
    pickHead: (layer, head) => {
      const { source, measure } = state.view;
      // A measure that takes a layer's heads together has no head to pick: the one that was chosen stays.
      const place = measure === 'contribution' ? { layer } : { layer, head };
      app.setView({ ...place, source: source.type === 'rollout' ? source : ONE_HEAD });
    },
    moveTo(place) {
      const { layer, head, source } = state.view;
      const info = kindInfo(state.snapshot, state.view.kind);
      const to = { layer, head, ...place };
      app.setView({ ...to, source: info ? moved({ chosen: { layer, head }, source }, to, info) : source });
    },
    pickHeads(pick) {
      const { layer, head, source } = state.view;
      const info = kindInfo(state.snapshot, state.view.kind);
      if (!info) return;
      const next = pick({ chosen: { layer, head }, source }, info);
      app.setView({ ...next.chosen, source: next.source });
    },
    switchHeads() {
      const { view, snapshot } = state;
      const heads = switchable(view, kindInfo(snapshot, view.kind));
      if (heads.length > 0) app.setView({ off: switched(view.off, heads) });
    },
    cutLinks(kind, queries, keys, everywhere) {
      const { view, snapshot } = state;
      const info = kindInfo(snapshot, kind);
      if (!snapshot || !info) return;
      const links = cutPlaces(view, info, everywhere).map((place) => ({ kind, ...place, queries, keys }));
      app.setView({ cutLinks: keptLinks(toggledLinks(linksOf(view, snapshot), links), snapshot) });
    },
    setDirection(direction) {
      if (direction !== state.view.direction) app.setView({ direction });
    },
    setDetail: (detail) => set({ detail }),
    setRanking: (ranking) => set({ ranking }),
    stopLesson: () => lesson?.cancel(),
    chooseStep: (step) => set({ step }),
    pin() {
      const { snapshot } = state;
      if (snapshot) app.act(api.pin({ explanation: snapshot.id, map: mapOnShow() }));
    },
    intervene(intervention) {
      const { snapshot } = state;
      if (snapshot) app.act(api.intervene({ explanation: snapshot.id, intervention, map: mapOnShow() }));
    },
    unpin: () => aboutPinned('unpin'),
    readPinned: () => aboutPinned('retry'),
    get beside() {
      return besideApp;
    },
    dispose() {
      focused.dispose();
      measured?.dispose();
      meanwhile.dispose();
      data?.dispose();
      lesson?.dispose();
      beside?.dispose();
      attribution?.dispose();
      for (const stop of stops) stop();
      host.client.dispose();
    },
  };
  if (beside) besideApp = Object.assign(beside, { app: appBeside(app, beside) });
  return app;
}

const headsOffIn = (snapshot: ExplanationSnapshot | null): readonly HeadRef[] => snapshot?.intervention?.off ?? [];

/** An app about the pinned explanation: what is pointed at there is pointed at in the text on show, where that has it. */
function appBeside(app: App, beside: PinnedBeside): App {
  const { state, partnerOf, lookAlone } = beside;
  return {
    ...app,
    state,
    beside: null,
    api: { ...app.api, reveal: () => Promise.resolve() },
    hover(token) {
      const partner = token && partnerOf(token);
      lookAlone(partner ? null : token);
      app.hover(partner);
    },
    lock(token, add) {
      const partner = partnerOf(token);
      if (partner) app.lock(partner, add);
    },
    lookAt: () => undefined,
    toggleMasks: () => undefined,
  };
}
