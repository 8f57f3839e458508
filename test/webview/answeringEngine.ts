/** A model that has written some tokens and answers when it is told to, and the state of a page about them; no browser. */
import { AttentionStore } from '../../src/attention/attentionStore';
import type { KindInfo, Token } from '../../src/attention/types';
import { atlasOf, heldOf, mapOf, tokenWeightsOf } from '../../src/engine/weights/maps';
import { DEFAULT_VIEW } from '../../src/protocol/defaultView';
import type { ExplanationSnapshot, PanelApi, PanelRequests } from '../../src/protocol/panel';
import { validView, type SetState } from '../../webview/state/appState';
import { NO_RANKING } from '../../webview/state/shown/ranking';
import { createStore, type Store } from '../../webview/state/store';
import { EMPTY_SNAPSHOT } from './host';
import { token } from './syntheticRun';

const KIND: KindInfo = { kind: 'decoder', layers: 2, heads: 2, kvHeads: 2, queries: 'target', keys: 'target' };
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A model that has written some tokens, and answers when it is told to. */
export function engine() {
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

/** An explanation of a model that only writes. */
export const writtenSnapshot = (
  id: string,
  target: readonly Token[],
  kinds: readonly KindInfo[] = [KIND],
): ExplanationSnapshot => ({
  ...EMPTY_SNAPSHOT,
  id,
  model: { kinds } as unknown as NonNullable<SetState['snapshot']>['model'],
  target,
});

/** What is set in a page that shows it. */
export const pageStore = (snapshot: ExplanationSnapshot): Store<SetState> =>
  createStore<SetState>({
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
