/** A pinned explanation beside the one on show, as the page's state has it; no browser. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { KindInfo } from '../../src/attention/types';
import type { PanelApi, PanelRequests, PinnedMap } from '../../src/protocol/panel';
import type { AppState, SetState } from '../../webview/state/appState';
import { loadBeside } from '../../webview/state/pinned/beside';
import { loadData } from '../../webview/state/asked/data';
import { NO_ATTRIBUTION, NO_LESSON, WEIGHTS_ONLY } from '../../webview/state/emptyState';
import { isStandIn } from '../../webview/state/pinned/pinnedView';
import { derived, joined } from '../../webview/state/store';
import { engine, pageStore, writtenSnapshot } from './answeringEngine';

beforeAll(() => Object.assign(globalThis, { window: globalThis }));

const MAP: PinnedMap = { kind: 'decoder', layer: 0, head: 0, source: { type: 'head' } };

/** A page over several texts, each with its own engine; every token gives `share` to the first one and the rest to itself. */
function page(texts: Readonly<Record<string, { readonly share: number; readonly words: readonly string[] }>>) {
  const engines = new Map(
    Object.entries(texts).map(([id, { share, words }]) => {
      const own = engine();
      own.write(share, ...words);
      return [id, own];
    }),
  );
  const of = (id: string): ReturnType<typeof engine> => {
    const found = engines.get(id);
    if (!found) throw new Error(`There is no text ${id}.`);
    return found;
  };
  const api = {
    head: (request: PanelRequests['head']) => of(request.explanation).api.head(request),
    atlas: (request: PanelRequests['atlas']) => of(request.explanation).api.atlas(request),
    tokenWeights: (request: PanelRequests['tokenWeights']) => of(request.explanation).api.tokenWeights(request),
  } as unknown as PanelApi;
  const snapshot = (id: string, kinds?: readonly KindInfo[]) => writtenSnapshot(id, of(id).text(), kinds);
  const { state: values, set } = pageStore(snapshot('now'));
  set({ view: { ...values.view, axis: 'tokens' } });
  const text = () => values.snapshot ?? undefined;
  const data = loadData(values, text, api, () => undefined);
  const state: AppState = joined<AppState>(
    values,
    WEIGHTS_ONLY,
    data.answered,
    NO_LESSON,
    NO_ATTRIBUTION,
    derived({ difference: () => beside.difference }),
  );
  const beside = loadBeside(values, state, api);
  return {
    values,
    state,
    beside,
    view: (view: Partial<SetState['view']>) => set({ view: { ...values.view, ...view } }),
    pin: (id: string, kinds?: readonly KindInfo[]) =>
      set({ pinned: { id, map: MAP, snapshot: id === 'now' ? null : snapshot(id, kinds) } }),
    unpin: () => set({ pinned: null }),
    focus: (index: number) => set({ focus: { sequence: 'target', indices: [index], locked: true, from: 'panel' } }),
    answer: (id: string) => of(id).answerAll(),
  };
}

const TIRED = { share: 0.5, words: ['it', 'was', 'tired'] };
const WIDE = { share: 0.25, words: ['it', 'was', 'wide'] };

describe('a pinned explanation', () => {
  test('has the word in focus that stands for the one on show, and their rows’ difference', async () => {
    const { beside, state, pin, view, focus, answer } = page({ now: WIDE, before: TIRED });
    pin('before');
    view({ compare: { difference: true, heads: 'suited' } });
    focus(1);
    expect([beside.compared, state.difference]).toEqual(['waiting', undefined]);
    await answer('now');
    expect(beside.compared).toBe('waiting');
    await answer('before');
    // “was” gives a quarter to “it” and the rest to itself; in the pinned text half of it.
    expect(beside.state.focus).toMatchObject({ sequence: 'target', indices: [1] });
    expect([...(state.difference?.values ?? [])]).toEqual([-0.25, 0.25, 0]);
    expect([...(beside.state.difference?.values ?? [])]).toEqual([-0.25, 0.25, 0]);
    expect(state.difference?.measure).toMatchObject({ signed: true, range: [-1, 1] });
    view({ compare: { difference: false, heads: 'suited' } });
    expect(state.difference).toBeNull();
  });

  test('parts from the other one where the maps differ most, and in every head by so much', async () => {
    const { beside, pin, focus, answer } = page({ now: WIDE, before: TIRED });
    pin('before');
    await answer('now');
    await answer('before');
    // “tired” and “wide” are other words: their rows are not held against each other.
    expect(beside.parting).toMatchObject({ query: 1, now: expect.closeTo(0.25, 2) as number });
    expect(beside.parting?.beside).toBeCloseTo(0.5, 2);
    focus(1);
    await answer('now');
    await answer('before');
    expect([...(beside.headsApart ?? [])]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test('is pointed at by its own words: one that stands there only is looked at there only', () => {
    const { beside, values, pin, focus } = page({ now: { share: 0.5, words: ['it', 'was'] }, before: TIRED });
    pin('before');
    expect(beside.partnerOf({ sequence: 'target', index: 1 })).toEqual({ sequence: 'target', index: 1 });
    expect(beside.partnerOf({ sequence: 'target', index: 2 })).toBeNull();
    beside.lookAlone({ sequence: 'target', index: 2 });
    expect(beside.state.focus).toMatchObject({ indices: [2], locked: false });
    expect(values.focus).toBeNull();
    const alone = { gap: 'In the text above nothing stands beside “tired”.' };
    expect(beside.compared).toEqual(alone);
    // Nor is its row held against that of a word that is locked meanwhile.
    focus(1);
    expect([beside.compared, beside.headsApart]).toEqual([alone, undefined]);
    pin('now');
    expect(beside.state.focus).toMatchObject({ indices: [1], locked: true });
  });

  test('says of a word on show that nothing stands beside it', () => {
    const { beside, pin, focus } = page({ now: TIRED, before: { share: 0.5, words: ['it', 'was'] } });
    pin('before');
    focus(2);
    expect(beside.state.focus).toBeNull();
    expect(beside.compared).toEqual({ gap: 'In the pinned text nothing stands beside “tired”.' });
  });

  test('is read by its own head where it is the text on show, and by the heads on show where it is another', () => {
    const { beside, pin, view } = page({ now: WIDE, before: TIRED });
    view({ layer: 1, head: 1 });
    pin('now');
    expect(beside.state.view).toMatchObject({ layer: 0, head: 0 });
    pin('before');
    expect(beside.state.view).toMatchObject({ layer: 1, head: 1 });
    view({ compare: { difference: false, heads: 'own' } });
    expect(beside.state.view).toMatchObject({ layer: 0, head: 0 });
  });
});

describe('two that cannot be held against each other', () => {
  test('have no word in common: it is said, and there is no difference', () => {
    const { beside, state, pin, view } = page({ now: WIDE, before: { share: 0.5, words: ['cats', 'sleep'] } });
    pin('before');
    view({ compare: { difference: true, heads: 'suited' } });
    const { gap } = beside.compared as { readonly gap: string };
    expect(gap).toMatch(/^No word stands in both texts/);
    expect([state.difference, beside.state.difference, beside.parting]).toEqual([null, null, undefined]);
  });

  test('have other heads: the nearest of the pinned model stands in, and it is said so', () => {
    const { beside, values, pin, view } = page({ now: WIDE, before: TIRED });
    view({ layer: 1, head: 1 });
    const kind: KindInfo = { kind: 'decoder', layers: 1, heads: 1, kvHeads: 1, queries: 'target', keys: 'target' };
    pin('before', [kind]);
    expect(beside.state.view).toMatchObject({ layer: 0, head: 0 });
    expect(isStandIn(values)).toBe(true);
    pin('before');
    expect(isStandIn(values)).toBe(false);
  });

  test('have other kinds of attention: it is said', () => {
    const { beside, pin } = page({ now: WIDE, before: TIRED });
    const kind: KindInfo = { kind: 'encoder', layers: 1, heads: 1, kvHeads: 1, queries: 'source', keys: 'source' };
    pin('before', [kind]);
    const { gap } = beside.compared as { readonly gap: string };
    expect(gap).toMatch(/^The pinned model has no masked decoder self-attention, so/);
  });
});

test('what comes late of a pinned text that was replaced is neither shown nor told', async () => {
  const other = { share: 0.25, words: ['it', 'was', 'late'] };
  const { beside, pin, unpin, answer } = page({ now: WIDE, before: TIRED, other });
  pin('before');
  pin('other');
  await answer('before');
  expect([beside.state.map, beside.failure]).toEqual([null, null]);
  await answer('other');
  expect(beside.state.map?.data[3]).toBe(64);
  unpin();
  expect([beside.state.snapshot, beside.state.map, beside.parting]).toEqual([null, null, undefined]);
});
