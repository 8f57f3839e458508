/** Keeps the chosen head, the atlas and the focused token's weights in step with what is looked at. */
import type { Atlas, AttentionKind, HeadMatrix, HeadRef } from '../../src/attention/types';
import type { PanelApi } from '../../src/protocol/panel';
import { createLoader, ByteCache } from './loader';
import { contentKey, kindInfo, weightsKey, type AppState, type FocusWeights } from './appState';
import type { Store } from './store';

/** Bins along a side of an atlas cell. */
const ATLAS_CELL = 32;
/** A pointer that crosses tokens asks about those it rests on. */
const HOVER_DELAY = 24;
const CACHE_BYTES = 48 << 20;

export function loadData(store: Store<AppState>, api: PanelApi, failed: (reason: unknown) => void): void {
  const heads = new ByteCache<HeadMatrix>(CACHE_BYTES);
  const tokens = new ByteCache<FocusWeights>(CACHE_BYTES);

  const headLoader = createLoader<{ readonly explanation: string } & HeadRef, HeadMatrix>(
    (request, signal) => api.head(request, signal),
    (head, _request, key) => {
      heads.set(key, head, head.data.byteLength);
      store.set({ head, failure: null });
    },
    failed,
    (running, next) =>
      running.kind !== next.kind ||
      running.layer !== next.layer ||
      running.head !== next.head ||
      running.explanation !== next.explanation,
  );
  const atlasLoader = createLoader<
    {
      readonly explanation: string;
      readonly kind: AttentionKind;
      readonly hideSpecial: boolean;
      readonly maxCell: number;
    },
    Atlas
  >(
    (request, signal) => api.atlas(request, signal),
    (atlas) => store.set({ atlas, failure: null }),
    failed,
    (running, next) =>
      running.kind !== next.kind ||
      running.hideSpecial !== next.hideSpecial ||
      running.explanation !== next.explanation,
  );
  const tokenLoader = createLoader<Omit<FocusWeights, 'list' | 'key'> & { readonly explanation: string }, FocusWeights>(
    async (request, signal) => ({ ...request, key: '', list: await api.tokenWeights(request, signal) }),
    (answer, _request, key) => {
      const weights = { ...answer, key };
      tokens.set(
        key,
        weights,
        weights.list.reduce((sum, { data }) => sum + data.byteLength, 0),
      );
      store.set({ weights, failure: null });
    },
    failed,
  );

  store.watch(
    ({ snapshot, view }) => {
      const info = kindInfo(snapshot, view.kind);
      const ready = snapshot && info && snapshot[info.queries].length > 0 && snapshot[info.keys].length > 0;
      return [
        ready ? contentKey(snapshot, [info.queries, info.keys]) : '',
        ready ? info.kind : undefined,
        view.layer,
        view.head,
        view.hideSpecial,
      ] as const;
    },
    ([content, kind, layer, head, hideSpecial], { snapshot }) => {
      if (kind === undefined || !snapshot) {
        headLoader.cancel();
        atlasLoader.cancel();
        store.set({ head: null, atlas: null });
        return;
      }
      const explanation = snapshot.id;
      const key = `${content}/${kind}/${layer}/${head}`;
      const known = heads.get(key);
      if (known) {
        headLoader.cancel();
        store.set({ head: known });
      } else headLoader.request(key, { explanation, kind, layer, head });
      const hide = hideSpecial[kind];
      atlasLoader.request(`${content}/${kind}/${hide}`, { explanation, kind, maxCell: ATLAS_CELL, hideSpecial: hide });
    },
  );

  store.watch(
    ({ snapshot, focus }) => [snapshot && focus ? weightsKey(snapshot, focus) : ''] as const,
    ([key], { snapshot, focus }) => {
      if (!snapshot || !focus) {
        tokenLoader.cancel();
        store.set({ weights: null });
        return;
      }
      const known = tokens.get(key);
      if (known) {
        tokenLoader.cancel();
        store.set({ weights: known });
      } else
        tokenLoader.request(
          key,
          { explanation: snapshot.id, sequence: focus.sequence, indices: focus.indices },
          HOVER_DELAY,
        );
    },
  );
}
