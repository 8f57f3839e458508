/** Answers that come late, or are of other tokens than those on show: what is shown is of what it says. */
import { beforeAll, describe, expect, test } from 'vitest';
import { AttentionStore } from '../../src/attention/attentionStore';
import type { KindInfo, Token } from '../../src/attention/types';
import { ExplainError } from '../../src/errors';
import { atlasOf, heldOf, mapOf, tokenWeightsOf } from '../../src/engine/weights/maps';
import { DEFAULT_VIEW } from '../../src/protocol/defaultView';
import type { PanelApi, PanelRequests } from '../../src/protocol/panel';
import { validView, type SetState } from '../../webview/state/appState';
import { loadData, type Data } from '../../webview/state/data';
import { NO_RANKING } from '../../webview/state/ranking';
import { createStore } from '../../webview/state/store';
import { EMPTY_SNAPSHOT } from './host';
import { token } from './syntheticRun';

beforeAll(() => Object.assign(globalThis, { window: globalThis }));

const KIND: KindInfo = { kind: 'decoder', layers: 2, heads: 2, kvHeads: 2, queries: 'target', keys: 'target' };
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A model that has written some tokens, and answers when it is told to. */
function engine() {
  const text: Token[] = [];
  const store = new AttentionStore([KIND], true);
  const waiting: (() => void)[] = [];
  /** Writes tokens; each gives the weight `share` to the first and the rest to itself. */
  const write = (share: number, ...words: readonly string[]): void => {
    for (const word of words) {
      text.push(token(word, Math.round(share * 100) + text.length * 7));
      for (let layer = 0; layer < 2; layer++) {
        const row = new Float32Array(2 * text.length);
        for (let head = 0; head < 2; head++) {
          row[head * text.length] = share;
          row[(head + 1) * text.length - 1] = (row[(head + 1) * text.length - 1] ?? 0) + 1 - share;
        }
        store.append({ kind: 'decoder', layer, heads: 2, queries: 1, keys: text.length, data: row }, text.length - 1);
      }
    }
  };
  const about = ({ of }: PanelRequests['head'] | PanelRequests['atlas'] | PanelRequests['tokenWeights']) => {
    return heldOf({ store, source: [], target: [...text] }, of);
  };
  /** As in the worker: what is asked is answered from what is there when its turn comes. */
  const later = <T>(answer: () => T | Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => waiting.push(() => void Promise.resolve().then(answer).then(resolve, reject)));
  const api = {
    head: (request: PanelRequests['head']) => later(() => mapOf(about(request), request)),
    atlas: (request: PanelRequests['atlas']) => later(() => atlasOf(about(request), request)),
    tokenWeights: (request: PanelRequests['tokenWeights']) => later(() => tokenWeightsOf(about(request), request)),
  } as unknown as PanelApi;
  return {
    api,
    write,
    restart: (): void => {
      store.truncate(1);
      text.length = 1;
    },
    text: (): readonly Token[] => [...text],
    answerAll: async (): Promise<void> => {
      // Until nothing has been asked for longer than a pointer's rest on a token is waited for (24 ms).
      for (let quiet = 0; quiet < 12; quiet++) {
        if (waiting.length > 0) quiet = 0;
        for (const answer of waiting.splice(0)) answer();
        await pause();
      }
    },
  };
}

function panel(api: PanelApi, target: readonly Token[]) {
  const told: unknown[] = [];
  const model = { kinds: [KIND] } as unknown as NonNullable<SetState['snapshot']>['model'];
  const snapshot = { ...EMPTY_SNAPSHOT, model, target };
  const { state, set } = createStore<SetState>({
    connected: true,
    snapshot,
    view: validView(snapshot, { ...DEFAULT_VIEW, kind: 'decoder' }),
    focus: null,
    second: null,
    detail: 'matrix',
    recipe: null,
    costs: null,
    costing: false,
    leftOut: null,
    leaving: false,
    shortened: null,
    shortening: false,
    failure: null,
    palette: {} as SetState['palette'],
    ranking: NO_RANKING,
    scores: null,
    pinned: null,
    step: -1,
  });
  const data: Data = loadData(
    state,
    () => (state.snapshot ? { ...state.snapshot } : undefined),
    api,
    (reason) => told.push(reason),
  );
  return {
    told,
    data,
    view: (view: Partial<SetState['view']>) => set({ view: { ...state.view, ...view } }),
    show: (tokens: readonly Token[]) => set({ snapshot: { ...snapshot, target: tokens } }),
    focus: (index: number) => set({ focus: { sequence: 'target', indices: [index], locked: true, from: 'panel' } }),
  };
}

describe('what comes back is shown only under what it is of', () => {
  test('an answer has the rows of the tokens that were asked about, however many there are by then', async () => {
    const { api, write, text, answerAll } = engine();
    write(0.5, 'a', 'b');
    const page = panel(api, text());
    write(0.5, 'c', 'd'); // before the question has its turn
    await answerAll();
    expect([page.data.answered.map?.queries, page.data.answered.map?.keys]).toEqual([2, 2]);
    expect(page.data.answered.atlas?.rows).toBe(2);
    page.show(text());
    // What holds for the first two tokens still does, until the rest is there.
    expect(page.data.answered.map?.queries).toBe(2);
    await answerAll();
    expect(page.data.answered.map?.queries).toBe(4);
  });

  test('after Restart nothing of the dropped generation is there, whatever was on its way', async () => {
    const { api, write, restart, text, answerAll } = engine();
    write(0.5, 'a', 'b', 'c', 'd');
    const page = panel(api, text());
    page.focus(2);
    await answerAll();
    expect(page.data.answered.map?.queries).toBe(4);
    expect(page.data.answered.weights?.list[0]?.length).toBe(4);

    restart();
    write(0.25, 'x'); // another token of other weights, as long as the page still shows the four
    page.show(text());
    expect([page.data.answered.map, page.data.answered.weights, page.data.answered.atlas]).toEqual([null, null, null]);
    await answerAll();
    expect(page.data.answered.map?.queries).toBe(2);
    expect([...(page.data.answered.map?.data ?? [])]).toEqual([255, 0, 64, 191]);

    // Back to a text as long as the first: its answers are not that one's.
    write(0.25, 'y', 'z');
    page.show(text());
    await answerAll();
    expect([...(page.data.answered.map?.data.subarray(4, 6) ?? [])]).toEqual([64, 191]);
  });

  test('a question about tokens that are gone is not answered, and is no failure that anybody is shown', async () => {
    const { api, write, restart, text, answerAll } = engine();
    write(0.5, 'a', 'b', 'c');
    const page = panel(api, text());
    restart();
    write(0.25, 'x', 'y'); // as long as before
    await answerAll();
    expect(page.data.answered.map).toBeNull();
    const codes = page.told.map((reason) => (reason instanceof ExplainError ? reason.code : reason));
    expect(new Set(codes)).toEqual(new Set(['TEXT_CHANGED']));
  });

  test('another head stays under its own name until the chosen one is there; another kind’s never does', async () => {
    const { api, write, text, answerAll } = engine();
    write(0.5, 'a', 'b');
    const page = panel(api, text());
    await answerAll();
    page.view({ layer: 1, head: 1, measure: 'difference' });
    expect(page.data.answered.map).toMatchObject({ layer: 0, head: 0, measure: 'weight' });
    await answerAll();
    expect(page.data.answered.map).toMatchObject({ layer: 1, head: 1, measure: 'difference' });
    // Both heads are the same here: nothing differs from their mean.
    expect([...(page.data.answered.map?.data ?? [])]).toEqual([128, 128, 128, 128]);
    page.data.dispose();
  });
});
