/** The state and everything that can be done to it; the views know only this. */
import { isAbort, toExplainError } from '../../src/errors';
import type { Direction } from '../../src/measure/reading';
import type { AttentionKind, HeadPlace, SequenceName } from '../../src/attention/types';
import { moved, type PickedHeads } from '../../src/measure/headSets';
import { ONE_HEAD, type HeadCounts } from '../../src/measure/source';
import { unitsOf, wholeUnits } from '../../src/measure/units';
import { DEFAULT_VIEW } from '../../src/protocol/defaultView';
import type { HeadCosts, InputWithoutReport, LeftOutCosts } from '../../src/protocol/engine';
import type {
  ExplanationSnapshot,
  PanelApi,
  PanelRequests,
  PanelState,
  TokenFocus,
  ViewState,
} from '../../src/protocol/panel';
import { withNews } from '../../src/protocol/snapshotChange';
import { loadBeside, type PinnedBeside } from './beside';
import { loadData } from './data';
import { NO_ATTRIBUTION, NO_LESSON, NOTHING_ANSWERED, WEIGHTS_ONLY } from './emptyState';
import { measureOnShow } from './shownMeasure';
import { connect } from './host';
import {
  canMask,
  kindInfo,
  type MeasureState,
  sameFocus,
  shownAxis,
  tokensOf,
  validView,
  validFocus,
  type AppState,
  type SetState,
  type TokenRef,
} from './appState';
import { cutPlaces, keptLinks, linksOf, toggledLinks } from './cutLinks';
import { draw } from './frames';
import { loadAttribution } from './attributionData';
import { loadLesson } from './lessonData';
import { switchable, switched } from './switchedOff';
import { createGradual } from './gradual';
import { chosenLabel, chosenOutput, lockedInput, pieceMethod, piecesOf } from './pieces';
import { readRanking, type Ranking } from './ranking';
import { sentViews } from './sentViews';
import { createStore, derived, joined } from './store';
import { readPalette, watchTheme } from '../theme';

/** How long the pointer rests on a token before the host is told, which marks it in the editor; in milliseconds. */
const FOCUS_DELAY = 60;

/** Requests about the explanation on show: its id is filled in when they are made. */
type ShownMethod =
  | 'generation'
  | 'branch'
  | 'force'
  | 'mask'
  | 'setChat'
  | 'setDecoding'
  | 'openBeam'
  | 'setSpecialsAsText'
  | 'setPair'
  | 'chooseWindow'
  | 'cancel'
  | 'retry'
  | 'reveal';
type ShownApi = {
  readonly [Method in ShownMethod]: (request: Omit<PanelRequests[Method], 'explanation'>) => Promise<void>;
};

export interface App {
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
  /** The pointer or the keyboard is on a token, or on none. */
  hover(token: TokenRef | null): void;
  /** The pointer or the keyboard is on a word of the alignment. */
  lookAt(sequence: SequenceName, indices: readonly number[]): void;
  /** Locks a token, or frees it when it is the locked one; `add` takes it together with those locked. */
  lock(token: TokenRef, add: boolean): void;
  free(): void;
  setDirection(direction: Direction): void;
  setDetail(detail: AppState['detail']): void;
  setRanking(ranking: Ranking): void;
  /** Switches the picked heads off; on where all of them are off. */
  switchHeads(): void;
  /** Cuts the links from these tokens to those, in the picked heads or everywhere; joins them again where they are cut. */
  cutLinks(kind: AttentionKind, queries: readonly number[], keys: readonly number[], everywhere: boolean): void;
  /** Measures what each head of the chosen kind is worth to the output; what is known when it is stopped stays. */
  rankHeads(): void;
  stopRanking(): void;
  /** Stops what is computed for the lesson. */
  stopLesson(): void;
  /** Measures what each word or sentence of the input is worth to the output, or to its locked tokens. */
  rankPieces(): void;
  stopPieces(): void;
  /** Forgets what pieces are worth, and so takes their colours from the editor. */
  forgetPieces(): void;
  /** Leaves the locked tokens of the input out together, and computes the output without them. */
  leaveOutLocked(): void;
  stopShortening(): void;
  chooseStep(step: number): void;
  /** Masks those of the source tokens that can be masked, or frees them where all of them are masked; the text is then read again. */
  toggleMasks(indices: readonly number[]): void;
  unmaskAll(): void;
  /** Keeps the explanation on show, with its map, to be compared with what is explained after it. */
  pin(): void;
  unpin(): void;
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
  const told = (reason: unknown): void => (reason === null ? set({ failure: null }) : fail(reason));
  const measured = from === 'panel' ? measureOnShow(values, api, told) : undefined;
  const looked = measured
    ? joined<SetState & { readonly measure: MeasureState }>(
        values,
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
    derived({ difference: () => (beside ? beside.difference : null) }),
  );
  const beside: PinnedBeside | undefined = from === 'panel' ? loadBeside(values, state, api) : undefined;

  const headRanking = createGradual<HeadCosts>((costing, costs) =>
    set({ costing, ...(costs !== undefined && { costs }) }),
  );
  const pieceRanking = createGradual<LeftOutCosts>((leaving, leftOut) =>
    set({ leaving, ...(leftOut !== undefined && { leftOut }) }),
  );
  const shortening = createGradual<InputWithoutReport>((isRunning, shortened) =>
    set({ shortening: isRunning, ...(shortened !== undefined && { shortened }) }),
  );

  const takeSnapshot = (snapshot: ExplanationSnapshot | null): Partial<SetState> => {
    const other = snapshot?.id !== state.snapshot?.id;
    // What is being computed belongs to the text before.
    if (other) for (const question of [headRanking, pieceRanking, shortening]) question.stop();
    return {
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
        focus: validFocus(pulled.explanation, pulled.focus),
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
      if (focus?.from !== from && state.snapshot?.id === explanation)
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

  let timer: number | undefined;
  const tellFocus = (focus: TokenFocus | null, delay: number): void => {
    clearTimeout(timer);
    const explanation = state.snapshot?.id;
    if (explanation === undefined) return;
    timer = window.setTimeout(() => void api.setFocus({ explanation, focus }).catch(fail), delay);
  };
  const setFocus = (focus: TokenFocus | null, delay: number): void => {
    if (sameFocus(state.focus, focus)) return;
    set({ focus, second: null });
    tellFocus(focus, delay);
  };

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

  /** Fills in which explanation a request is about: the one on show. */
  const shown =
    (method: ShownMethod) =>
    (request: object): Promise<void> => {
      const explanation = state.snapshot?.id;
      const calls = api as unknown as Readonly<Record<ShownMethod, (request: object) => Promise<void>>>;
      return explanation === undefined ? Promise.resolve() : calls[method]({ ...request, explanation });
    };
  const shownApi: App['api'] = {
    generation: shown('generation'),
    branch: shown('branch'),
    force: shown('force'),
    mask: shown('mask'),
    setChat: shown('setChat'),
    setDecoding: shown('setDecoding'),
    openBeam: shown('openBeam'),
    setSpecialsAsText: shown('setSpecialsAsText'),
    setPair: shown('setPair'),
    chooseWindow: shown('chooseWindow'),
    cancel: shown('cancel'),
    retry: shown('retry'),
    reveal: shown('reveal'),
    copy: (request) => api.copy(request),
    command: (request) => api.command(request),
  };

  // The masks that were asked for last. The snapshot lacks them while the model reads the text anew, and a further mask must keep them.
  let asked: readonly number[] | null = null;
  const mask = (indices: readonly number[]): void => {
    asked = indices;
    const settled = (): void => {
      if (asked === indices) asked = null;
    };
    app.act(shownApi.mask({ indices }).finally(settled));
  };

  const rankHeads = async (): Promise<void> => {
    const { snapshot, view } = state;
    if (snapshot)
      await headRanking.start((signal) =>
        api.headCosts({ explanation: snapshot.id, kind: view.kind, ...chosenLabel(snapshot, view) }, signal),
      );
  };
  const rankPieces = async (): Promise<void> => {
    const { snapshot, view, focus } = state;
    if (!snapshot) return;
    const { by, manner } = view.leave;
    const request = {
      explanation: snapshot.id,
      ranges: piecesOf(snapshot, by),
      manner,
      method: pieceMethod(view),
      ...chosenOutput(snapshot, focus),
      ...chosenLabel(snapshot, view),
    };
    await pieceRanking.start((signal) => api.leaveOut(request, signal));
  };
  const leaveOutLocked = async (): Promise<void> => {
    const { snapshot, view, focus } = state;
    if (!snapshot) return;
    const request = {
      explanation: snapshot.id,
      ranges: lockedInput(snapshot, focus),
      manner: view.leave.manner,
      ...(snapshot.decoding && { decoding: snapshot.decoding }),
    };
    await shortening.start((signal) => api.inputWithout(request, signal));
  };

  /** All tokens of the word that a token is in; the token alone where tokens are shown. */
  const wholeItem = ({ sequence, index }: TokenRef): readonly number[] => {
    const whole = wholeUnits(unitsOf(tokensOf(state.snapshot, sequence), shownAxis(state)), [index]);
    return whole.length === 0 ? [index] : whole;
  };

  const aboutPinned = (method: 'unpin' | 'retry'): void => {
    const explanation = state.pinned?.id;
    if (explanation !== undefined) app.act(api[method]({ explanation }));
  };

  let besideApp: App['beside'] = null;
  const app: App = {
    state,
    api: shownApi,
    act: (request) => void request.catch(fail),
    setView(patch) {
      // A rollout is made of weights, so choosing another measure leaves it.
      const leaves = patch.measure !== undefined && patch.measure !== 'weight' && values.view.source.type === 'rollout';
      const view = validView(state.snapshot, { ...values.view, ...(leaves && { source: ONE_HEAD }), ...patch });
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
    rankHeads: () => app.act(rankHeads()),
    stopRanking: () => headRanking.stop(),
    rankPieces: () => app.act(rankPieces()),
    stopPieces: () => pieceRanking.stop(),
    forgetPieces() {
      const explanation = state.snapshot?.id;
      if (explanation !== undefined) app.act(api.forgetLeftOut({ explanation }));
    },
    leaveOutLocked: () => app.act(leaveOutLocked()),
    stopShortening: () => shortening.stop(),
    hover(token) {
      const { focus } = state;
      const isLocked = token !== null && focus?.sequence === token.sequence && focus.indices.includes(token.index);
      if (focus?.locked === true) set({ second: isLocked ? null : token });
      else setFocus(token && { sequence: token.sequence, indices: wholeItem(token), locked: false, from }, FOCUS_DELAY);
    },
    lookAt(sequence, indices) {
      if (state.focus?.locked !== true)
        setFocus({ sequence, indices, locked: false, from, by: 'alignment' }, FOCUS_DELAY);
    },
    lock(token, add) {
      const { focus } = state;
      const { sequence, index } = token;
      const own = wholeItem(token);
      const locked = focus?.locked === true && focus.sequence === sequence ? focus.indices : [];
      const has = locked.includes(index);
      const alone = has && locked.every((one) => own.includes(one)) ? [] : own;
      const together = has
        ? locked.filter((other) => !own.includes(other))
        : [...new Set([...locked, ...own])].sort((a, b) => a - b);
      const indices = add ? together : alone;
      setFocus(
        indices.length === 0
          ? { sequence, indices: own, locked: false, from }
          : { sequence, indices, locked: true, from },
        0,
      );
    },
    free: () => setFocus(null, 0),
    setDirection(direction) {
      if (direction !== state.view.direction) app.setView({ direction });
    },
    setDetail: (detail) => set({ detail }),
    setRanking: (ranking) => set({ ranking }),
    stopLesson: () => lesson?.cancel(),
    chooseStep: (step) => set({ step }),
    toggleMasks(indices) {
      const { snapshot } = state;
      const wanted = indices.filter((index) => canMask(snapshot, { sequence: 'source', index }));
      if (!snapshot || wanted.length === 0) return;
      const now = asked ?? snapshot.masked;
      mask(
        wanted.every((index) => now.includes(index))
          ? now.filter((index) => !wanted.includes(index))
          : [...new Set([...now, ...wanted])].sort((a, b) => a - b),
      );
    },
    unmaskAll: () => mask([]),
    pin() {
      const { snapshot, view } = state;
      const { kind, layer, head, source } = view;
      if (snapshot) app.act(api.pin({ explanation: snapshot.id, map: { kind, layer, head, source } }));
    },
    unpin: () => aboutPinned('unpin'),
    readPinned: () => aboutPinned('retry'),
    get beside() {
      return besideApp;
    },
    dispose() {
      clearTimeout(timer);
      measured?.dispose();
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
