/** The state and everything that can be done to it; the views know only this. */
import { isAbort, toExplainError } from '../../src/errors';
import type { SequenceName } from '../../src/attention/types';
import { DEFAULT_VIEW } from '../../src/protocol/defaultView';
import type {
  ExplanationSnapshot,
  PanelApi,
  PanelRequests,
  PanelState,
  TokenFocus,
  ViewState,
} from '../../src/protocol/panel';
import { withNews } from '../../src/protocol/snapshotChange';
import { loadData } from './data';
import { connect } from './host';
import { canMask, sameFocus, validView, type AppState, type Direction, type TokenRef } from './appState';
import { createStore, type Store } from './store';
import { readPalette, watchTheme } from '../theme';

/** Hovering is told to the host (for the editor) when the pointer rests this long. */
const FOCUS_DELAY = 60;

/** Requests about the explanation that is shown when they are made: its name is filled in. */
type ShownMethod =
  | 'generation'
  | 'branch'
  | 'force'
  | 'mask'
  | 'setChat'
  | 'setSpecialsAsText'
  | 'chooseWindow'
  | 'cancel'
  | 'retry'
  | 'reveal';
type ShownApi = {
  readonly [Method in ShownMethod]: (request: Omit<PanelRequests[Method], 'explanation'>) => Promise<void>;
};

export interface App {
  readonly store: Store<AppState>;
  readonly api: ShownApi & Pick<PanelApi, 'copy' | 'command'>;
  /** Runs a request of the user's; what fails is shown. */
  act(request: Promise<unknown>): void;
  setView(patch: Partial<ViewState>): void;
  pickHead(layer: number, head: number): void;
  /** The pointer or the keyboard is on a token, or on none. */
  hover(token: TokenRef | null): void;
  /** Locks a token, or frees it when it is the locked one; `add` takes it together with those locked. */
  lock(token: TokenRef, add: boolean): void;
  free(): void;
  setDirection(direction: Direction): void;
  setDetail(detail: AppState['detail']): void;
  chooseStep(step: number): void;
  /** Masks those of the source tokens that can be masked, or frees them where all of them are masked; the text is then read again. */
  toggleMasks(indices: readonly number[]): void;
  unmaskAll(): void;
}

/** Drops indices that the sequence no longer has (a branch can shorten it). */
function validFocus(snapshot: ExplanationSnapshot | null, focus: TokenFocus | null): TokenFocus | null {
  if (!focus || !snapshot) return null;
  const { length } = snapshot[focus.sequence];
  if (focus.indices.every((index) => index < length)) return focus;
  const indices = focus.indices.filter((index) => index < length);
  return indices.length === 0 ? null : { ...focus, indices };
}

export function createApp(from: 'panel' | 'generation'): App {
  const host = connect();
  const { api } = host.client;
  const saved = host.load();
  const store = createStore<AppState>({
    connected: false,
    snapshot: null,
    view: DEFAULT_VIEW,
    focus: null,
    second: null,
    direction: saved.direction === 'from' ? 'from' : 'to',
    detail: saved.detail === 'lines' ? 'lines' : 'matrix',
    recipe: saved.recipe ?? null,
    head: null,
    atlas: null,
    weights: null,
    failure: null,
    palette: readPalette(),
    step: -1,
  });

  const fail = (reason: unknown): void => {
    if (!isAbort(reason)) store.set({ failure: toExplainError(reason).toValue() });
  };

  const takeSnapshot = (snapshot: ExplanationSnapshot | null): Partial<AppState> => {
    const state = store.get();
    const other = snapshot?.id !== state.snapshot?.id;
    return {
      snapshot,
      view: validView(snapshot, state.view),
      focus: validFocus(snapshot, state.focus),
      second: null,
      failure: other ? null : state.failure,
      step: other || (snapshot && state.step >= snapshot.steps.length) ? -1 : state.step,
    };
  };

  const pull = async (): Promise<void> => {
    try {
      const state: PanelState = await api.state({});
      store.set({
        ...takeSnapshot(state.explanation),
        connected: true,
        view: validView(state.explanation, state.view),
        focus: validFocus(state.explanation, state.focus),
        recipe: state.recipe,
      });
    } catch (reason) {
      fail(reason);
    }
  };

  host.client.on('explanation', (news) => {
    const { snapshot: known, connected } = store.get();
    const snapshot = withNews(known, news);
    // What was missed while the page was hidden, or before it had the whole, is asked for.
    if (snapshot === undefined) {
      if (connected) void pull();
      return;
    }
    if (snapshot !== known) store.set(takeSnapshot(snapshot));
  });
  host.client.on('recipe', (recipe) => store.set({ recipe }));
  host.client.on('view', (view) => store.set({ view: validView(store.get().snapshot, view) }));
  host.client.on('focus', ({ explanation, focus }) => {
    const { snapshot } = store.get();
    if (focus?.from !== from && snapshot?.id === explanation)
      store.set({ focus: validFocus(snapshot, focus), second: null });
  });

  let timer: number | undefined;
  const tellFocus = (focus: TokenFocus | null, delay: number): void => {
    clearTimeout(timer);
    const explanation = store.get().snapshot?.id;
    if (explanation === undefined) return;
    timer = window.setTimeout(() => api.setFocus({ explanation, focus }).catch(fail), delay);
  };
  const setFocus = (focus: TokenFocus | null, delay: number): void => {
    if (sameFocus(store.get().focus, focus)) return;
    store.set({ focus, second: null });
    tellFocus(focus, delay);
  };

  watchTheme((palette) => store.set({ palette }));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void pull();
  });
  store.watch(
    ({ snapshot, view, focus, direction, detail, recipe, connected }) => [
      snapshot?.id,
      view,
      focus?.locked === true ? focus : null,
      direction,
      detail,
      recipe,
      connected,
    ],
    ([explanation, view, focus, direction, detail, recipe, connected]) => {
      // Before the first answer there is nothing better to keep than what was saved.
      if (connected)
        host.save({ version: 1, explanation: explanation ?? null, view, focus, direction, detail, recipe });
    },
  );
  if (from === 'panel') loadData(store, api, fail);
  void pull();

  /** Fills in which explanation a request is about: the one on show. */
  const shown =
    (method: ShownMethod) =>
    (request: object): Promise<void> => {
      const explanation = store.get().snapshot?.id;
      const calls = api as unknown as Readonly<Record<ShownMethod, (request: object) => Promise<void>>>;
      return explanation === undefined ? Promise.resolve() : calls[method]({ ...request, explanation });
    };
  const shownApi: App['api'] = {
    generation: shown('generation'),
    branch: shown('branch'),
    force: shown('force'),
    mask: shown('mask'),
    setChat: shown('setChat'),
    setSpecialsAsText: shown('setSpecialsAsText'),
    chooseWindow: shown('chooseWindow'),
    cancel: shown('cancel'),
    retry: shown('retry'),
    reveal: shown('reveal'),
    copy: (request) => api.copy(request),
    command: (request) => api.command(request),
  };

  // A second mask must not lose the first while the model is still reading the text with that one.
  let asked: readonly number[] | null = null;
  const mask = (indices: readonly number[]): void => {
    asked = indices;
    const settled = (): void => {
      if (asked === indices) asked = null;
    };
    app.act(shownApi.mask({ indices }).finally(settled));
  };

  const app: App = {
    store,
    api: shownApi,
    act: (request) => void request.catch(fail),
    setView(patch) {
      const { snapshot } = store.get();
      const view = validView(snapshot, { ...store.get().view, ...patch });
      store.set({ view });
      if (snapshot) app.act(api.setView({ explanation: snapshot.id, view }));
    },
    pickHead: (layer, head) => app.setView({ layer, head }),
    hover(token) {
      const { focus } = store.get();
      const isLocked = token !== null && focus?.sequence === token.sequence && focus.indices.includes(token.index);
      if (focus?.locked === true) store.set({ second: isLocked ? null : token });
      else setFocus(token && { sequence: token.sequence, indices: [token.index], locked: false, from }, FOCUS_DELAY);
    },
    lock({ sequence, index }, add) {
      const { focus } = store.get();
      const locked = focus?.locked === true && focus.sequence === sequence ? focus.indices : [];
      const has = locked.includes(index);
      const indices = add
        ? has
          ? locked.filter((other) => other !== index)
          : [...locked, index].sort((a, b) => a - b)
        : has && locked.length === 1
          ? []
          : [index];
      setFocus(
        indices.length === 0
          ? { sequence, indices: [index], locked: false, from }
          : { sequence, indices, locked: true, from },
        0,
      );
    },
    free: () => setFocus(null, 0),
    setDirection: (direction) => store.set({ direction }),
    setDetail: (detail) => store.set({ detail }),
    chooseStep: (step) => store.set({ step }),
    toggleMasks(indices) {
      const { snapshot } = store.get();
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
  };
  return app;
}

/** A sequence's name as people call it, which depends on the family. */
export function sequenceName(snapshot: ExplanationSnapshot | null, sequence: SequenceName): string {
  if (sequence === 'source') return snapshot?.model?.family === 'encoder-only' ? 'Text' : 'Source';
  return snapshot?.model?.family === 'decoder-only' ? 'Prompt and continuation' : 'Generated';
}
