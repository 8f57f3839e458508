/** Answers that come late, or are of other tokens than those on show: what is shown is of what it says. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Token } from '../../src/attention/types';
import { ExplainError } from '../../src/errors';
import type { PanelApi } from '../../src/protocol/panel';
import type { SetState } from '../../webview/state/appState';
import { loadData, type Data } from '../../webview/state/asked/data';
import { engine, pageStore, writtenSnapshot } from './answeringEngine';

beforeAll(() => Object.assign(globalThis, { window: globalThis }));

function panel(api: PanelApi, target: readonly Token[]) {
  const told: unknown[] = [];
  const snapshot = writtenSnapshot('one', target);
  const { state, set } = pageStore(snapshot);
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
