/** A view stands wherever it is mounted, as often as it is mounted, and leaves nothing behind. */
import { build } from 'esbuild';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bundles } from '../../esbuild.config.mjs';
import type { Page } from 'playwright-core';
import type { Token, TokenWeights } from '../../src/attention/types';
import { ExplainError } from '../../src/errors';
import { CROSS_VIEW } from './crossView';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();

interface Lab {
  readonly ends: (() => void)[];
  endApp(): void;
}
interface Counts {
  readonly page: number;
  readonly observers: number;
}

/** Counts what listens to the page itself, and what watches elements. */
const COUNTING = `
  window.counts = { page: 0, observers: 0 };
  for (const target of [window, document]) {
    const add = target.addEventListener, remove = target.removeEventListener;
    const known = new Set();
    target.addEventListener = function (type, listener, options) { if (!known.has(listener)) { known.add(listener); window.counts.page++; } return add.call(this, type, listener, options); };
    target.removeEventListener = function (type, listener, options) { if (known.delete(listener)) window.counts.page--; return remove.call(this, type, listener, options); };
  }
  for (const name of ['ResizeObserver', 'MutationObserver']) {
    const Original = window[name];
    window[name] = class extends Original {
      observe(...args) { if (!this.counted) { this.counted = true; window.counts.observers++; } return super.observe(...args); }
      disconnect() { if (this.counted) { this.counted = false; window.counts.observers--; } return super.disconnect(); }
    };
  }`;

let script = '';
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createApp } from './state/app';
        import { panelView } from './views/frame/panelView';
        const app = createApp('panel');
        const before = { ...window.counts };
        const places = [0, 1].map((place) => {
          const node = document.createElement('div');
          node.id = 'place-' + place;
          document.getElementById('app').append(node);
          return node;
        });
        const ends = places.map((place) => panelView(place, app));
        window.lab = { ends, before, endApp: () => app.dispose() };`,
      resolveDir: join(import.meta.dirname, '../../webview'),
      loader: 'ts',
    },
    bundle: true,
    format: 'iife',
    write: false,
    target: 'chrome128',
    // As the product is built, so that the toolkit keeps to the page's policy.
    plugins: bundles.find(({ entryPoints }) => entryPoints && 'webview' in entryPoints)?.plugins ?? [],
  });
  script = outputFiles[0]?.text ?? '';
});

test('two panels in one page: both follow, no id is there twice, and one that goes leaves the other as it is', async () => {
  const host = await realRun();
  const { page } = await open({ view: 'panel', host, script, before: COUNTING, width: 1000, height: 2400 });
  for (const place of [0, 1]) await page.locator(`#place-${place} .heat-pixels`).waitFor();
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    const referred = [...document.querySelectorAll('[aria-controls], [aria-labelledby], [aria-describedby]')].flatMap(
      (node) =>
        ['aria-controls', 'aria-labelledby', 'aria-describedby'].flatMap((name) => node.getAttribute(name) ?? []),
    );
    return {
      doubled: ids.filter((id, index) => ids.indexOf(id) !== index),
      // A list that is closed refers to nothing.
      lost: referred.filter((id) => id !== '' && !ids.includes(id)),
    };
  });
  expect(twice).toEqual({ doubled: [], lost: [] });

  // One token is looked at in both.
  await page.locator('#place-0 [data-sequence=source] .token[data-index="3"]').click();
  await page.locator('#place-1 [data-sequence=source] .token.locked[data-index="3"]').waitFor();
  await page.locator('#place-1 .ranked-token').first().waitFor();

  const counts = (): Promise<Counts> => page.evaluate(() => ({ ...(Reflect.get(window, 'counts') as Counts) }));
  const both = await counts();
  const none = await page.evaluate(() => Reflect.get(Reflect.get(window, 'lab') as Lab, 'before') as Counts);
  await page.evaluate(() => (Reflect.get(window, 'lab') as Lab).ends[0]?.());
  expect(await page.locator('#place-0 > *').count()).toBe(0);
  const one = await counts();
  expect(one.page - none.page).toBe((both.page - none.page) / 2);
  expect(one.observers).toBeLessThan(both.observers);

  // The other goes on by itself.
  await page.locator('#place-1 [role=tab][data-id=decoder]').click();
  await expect.poll(() => host.view.kind).toBe('decoder');
  await page.locator('#place-1 .heat[aria-label^="Masked decoder"]').waitFor();

  await page.evaluate(() => {
    const lab = Reflect.get(window, 'lab') as Lab;
    lab.ends[1]?.();
    lab.endApp();
  });
  expect(await page.locator('#place-1 > *').count()).toBe(0);
  const left = await counts();
  // The toolkit's own observers go with its elements, when those are collected; of the views' nothing is left.
  expect(left.page).toBeLessThanOrEqual(none.page);
});

const PAIR = {
  before: 'The animal did not cross the street because it was too tired.',
  now: 'The animal did not cross the street because it was too wide.',
};
const SELF = { ...CROSS_VIEW, kind: 'encoder', hideSpecial: { encoder: true, decoder: false, cross: true } } as const;

/** The encoder's weights of one token in every head, [layer][head][length]. */
const rowsOf = async (host: TestHost, explanation: string, index: number): Promise<TokenWeights> => {
  const query = { explanation, sequence: 'source', indices: [index] } as const;
  const found = (await host.tokenWeights(query)).find(({ kind, role }) => kind === 'encoder' && role === 'query');
  if (!found) throw new Error('There are no weights of it.');
  return found;
};

/** The head, [layer][head], whose row is farthest from what `beside` gives for it. */
function farthest(
  { layers, heads, length, data }: TokenWeights,
  beside: (head: number, key: number) => number,
): number {
  const apart = Array.from({ length: layers * heads }, (_, head) =>
    Array.from({ length }, (_unused, key) => Math.abs((data[head * length + key] ?? 0) - beside(head, key))).reduce(
      (sum, size) => sum + size,
      0,
    ),
  );
  return apart.indexOf(Math.max(...apart));
}

const tableRows = (page: Page): Promise<readonly (readonly string[])[]> =>
  page
    .locator('.difference .changed-table tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
/** What is smaller than can be written is `<0.0001`. */
const numberIn = (text = ''): number => Number(text.replace(/^[<>]/, '').replace('−', '-').replace('+', ''));

test('an explanation pinned beside itself: two of its heads, held against each other by exact numbers', async () => {
  const host = await realRun(PAIR.now);
  host.view = SELF;
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  await page.locator('.atlas-cell.chosen').waitFor();
  expect(await page.locator('.compare').count()).toBe(0);
  await page.getByRole('button', { name: 'Pin', exact: true }).press('Enter');
  await page.getByRole('listbox', { name: 'Pinned: Source tokens' }).waitFor();
  const map = { kind: 'encoder', layer: SELF.layer, head: SELF.head, source: { type: 'head' } };
  expect(host.callsOf('pin')).toEqual([{ explanation: 'one', map }]);
  await page.getByText('The two readings do not differ here.').waitFor();
  // Another head, of all the one that is least like it: the pinned text stays at its own, and says so.
  const some = await rowsOf(host, 'one', 5);
  const own = SELF.layer * some.heads + SELF.head;
  const other = farthest(some, (_head, key) => some.data[own * some.length + key] ?? 0);
  await page.locator(`.atlas-cell[data-cell="${other}"]`).click();
  await expect
    .poll(() => [host.view.layer, host.view.head])
    .toEqual([Math.floor(other / some.heads), other % some.heads]);
  await page.locator('.compare .section-note', { hasText: 'Layer 2, head 4' }).waitFor();
  const heads = page.getByRole('radiogroup', { name: 'Heads of the pinned one' });
  expect(await heads.getByRole('radio', { name: 'As pinned' }).getAttribute('aria-checked')).toBe('true');
  await page.getByRole('checkbox', { name: 'Difference' }).click();
  await page.getByRole('button', { name: 'Look there' }).click();
  await page.locator('[data-sequence=source] .token.locked').nth(1).waitFor();
  const focused = host.focus?.indices ?? [];
  expect(focused).toHaveLength(1);
  const { data, length } = await rowsOf(host, 'one', focused[0] ?? -1);
  const at = (head: number, key: number): number => data[head * length + key] ?? NaN;
  const differences = (host.snapshot?.source ?? []).map(({ special }, key) =>
    special ? 0 : Math.abs(at(other, key) - at(own, key)),
  );
  await expect
    .poll(async () => Math.abs(numberIn((await tableRows(page))[0]?.[3])))
    .toBeCloseTo(Math.max(...differences), 3);
  const [first = []] = await tableRows(page);
  const key = differences.indexOf(Math.max(...differences));
  expect(numberIn(first[1])).toBeCloseTo(at(other, key), 3);
  expect(numberIn(first[2])).toBeCloseTo(at(own, key), 3);
  await page.getByRole('button', { name: 'Unpin' }).press('Enter');
  await expect.poll(() => page.locator('.compare').count()).toBe(0);
  expect(host.callsOf('unpin')).toEqual([{ explanation: 'one' }]);
  // The keyboard goes on at Pin.
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Pin');
});

test('a pinned text under another: words in focus together, their difference, where they part; accessible, and what fails is said', async () => {
  const before = await realRun(PAIR.before);
  const host = await realRun(PAIR.now);
  if (!before.snapshot || !before.weights || !host.snapshot) throw new Error('There are no two texts.');
  host.other = { snapshot: { ...before.snapshot, id: 'two', title: 'sample.md:30' }, weights: before.weights };
  const map = { kind: 'encoder', layer: 0, head: 0, source: { type: 'head' } } as const;
  host.pinned = { id: 'two', map, snapshot: host.other.snapshot };
  const source = host.snapshot.source;
  const it = source.findIndex(({ text }) => text.trim() === 'it');
  const [now, past] = [await rowsOf(host, 'one', it), await rowsOf(host, 'two', it)];
  // The head in which the two readings of “it” are farthest from each other.
  const head = farthest(now, (place, key) => past.data[place * past.length + key] ?? 0);
  host.view = { ...SELF, layer: Math.floor(head / now.heads), head: head % now.heads };
  const opened = await open({ view: 'panel', host, width: 1200, height: 1400 });
  const { page } = opened;
  const pinned = page.getByRole('listbox', { name: 'Pinned: Source tokens' });
  const shown = page.getByRole('listbox', { name: 'Source tokens', exact: true });
  await pinned.waitFor();
  const words = (tokens: readonly Token[]): string => tokens.map(({ text }) => text.trim()).join('');
  expect((await pinned.locator('.token').allInnerTexts()).join('').replace(/\s/g, '')).toBe(
    words(before.snapshot.source),
  );
  // By keyboard in the one, and by the pointer in the other: the word in its place is looked at with it.
  const wide = source.findIndex(({ text }) => text.trim() === 'wide');
  const tired = before.snapshot.source.findIndex(({ text }) => text.trim() === 'tired');
  expect(wide).toBe(tired);
  await pinned.locator('.token').nth(tired).hover();
  await shown.locator('.token.current', { hasText: 'wide' }).waitFor();
  // What moves under a pointer that rests is pointed at: it goes out of the way.
  await page.mouse.move(2, 2);
  await expect.poll(() => page.locator('.token.current').count()).toBe(0);
  await shown
    .locator('.token')
    .nth(it - 1)
    .focus();
  await page.keyboard.press('ArrowRight');
  await pinned.locator('.token.current', { hasText: 'it' }).waitFor();
  await page.keyboard.press('Enter');
  await pinned.locator('.token.locked', { hasText: 'it' }).waitFor();
  await page.getByRole('checkbox', { name: 'Difference' }).press(' ');
  await page.locator('.difference tbody tr').first().waitFor();
  const [first = []] = await tableRows(page);
  const key = source.findIndex(({ text }) => text.trim() === first[0]?.split(' / ')[0]);
  const from = head * now.length;
  expect(numberIn(first[1])).toBeCloseTo(now.data[from + key] ?? NaN, 3);
  expect(numberIn(first[3])).toBeCloseTo((now.data[from + key] ?? NaN) - (past.data[from + key] ?? NaN), 3);
  expect(await page.locator('.legend').first().getAttribute('aria-label')).toContain('from −1 to 1');
  await page
    .getByText(
      /^The two readings part most at “.+”: it looks at “.+” with weight [\d.]+ now and [\d.]+ in the pinned one\.$/,
    )
    .waitFor();
  await page.locator('.head-apart').nth(4).waitFor();
  await page.getByText(/^Words that differ, now \/ pinned: wide \/ tired/).waitFor();
  await inEveryTheme(opened, 'compare');
  // What the engine has let go is said, and can be read again.
  host.tokenWeights = () => Promise.reject(new ExplainError('EXPLANATION_GONE', 'It is gone.'));
  await page.keyboard.press('Escape');
  await shown.locator('.token').nth(1).focus();
  await page.getByText(/^The pinned explanation is no longer in memory/).waitFor();
  await page.locator('.compare').getByRole('button', { name: 'Read it again' }).click();
  await expect.poll(() => host.callsOf('retry')).toEqual([{ explanation: 'two' }]);
  // Another one is pinned then: what was said of the one before is not said of it.
  host.pinned = { id: 'three', map, snapshot: { ...host.other.snapshot, id: 'three' } };
  host.emit('pinned', host.pinned);
  await expect.poll(() => page.getByText(/^The pinned explanation is no longer in memory/).isVisible()).toBe(false);
});
