/** The alignment view: two lines of words with bands, and a grid; what a word was made from, by pointer and by key. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { alignedWords } from '../../src/measure/alignment/alignedWords';
import type { PanelRequests } from '../../src/protocol/panel';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';
import { syntheticRun, tokens } from './syntheticRun';

const { open } = useWebview();
beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

async function choose(page: Page, picker: string, option: string): Promise<void> {
  await page.locator(picker).click();
  await page.locator(picker).locator('vscode-option', { hasText: option }).click();
}

/** The source words of each written word, strongest first, as the engine gives them. */
async function strongest(host: TestHost, request: PanelRequests['alignment'], target: number): Promise<string> {
  const { data, sourceWords } = await host.alignment(request);
  const row = data.slice(target * sourceWords, (target + 1) * sourceWords);
  return alignedWords(host.snapshot?.source ?? [])[row.indexOf(Math.max(...row))]?.text.trim() ?? '';
}

const NAMED = { explanation: 'one', source: 'head', layer: 1, head: 0, reading: 'fed' } as const;

test('a written word shows what it was made from, in bands and in the grid, and lights it up', async () => {
  const host = await realRun();
  host.view = { ...host.view, kind: 'cross' };
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const section = page.locator('.alignment');
  await section.locator('.aligned-word').first().waitFor();
  // Nothing was measured: the head that the model's maker names, and it says so.
  expect(await section.locator('.section-note').textContent()).toBe('Layer 2, head 1 · not measured yet');
  const words = alignedWords(host.snapshot?.target ?? []);
  const target = words.findIndex(({ text }) => text.trim() === 'chat');
  expect(target).toBeGreaterThan(0);
  expect(await strongest(host, NAMED, target)).toBe('cat');

  const word = section.locator(`.aligned-line >> nth=1 >> [data-word="${target}"]`);
  await word.hover();
  await expect.poll(() => section.locator('.readout').textContent()).toMatch(/^“chat” from “cat” [01]\.\d\d/);
  const [from = 0, to = 0] = [words[target]?.from, words[target]?.to];
  const indices = Array.from({ length: to - from }, (_, index) => from + index);
  await expect
    .poll(() => host.focus)
    .toEqual({ sequence: 'target', indices, locked: false, from: 'panel', by: 'alignment' });
  // The running text is coloured by the alignment: “cat” above all.
  const cat = alignedWords(host.snapshot?.source ?? []).find(({ text }) => text.trim() === 'cat')?.from;
  expect(
    await page
      .locator(`[data-sequence=source] .token[data-index="${cat}"]`)
      .evaluate((node) => (node as HTMLElement).style.backgroundColor),
  ).not.toBe('');
  await inEveryTheme(opened, 'alignment');
  // It stands under the map, beside the heads and not behind them.
  const [own, heads] = [await section.boundingBox(), await page.locator('.side').boundingBox()];
  expect((own?.x ?? Infinity) + (own?.width ?? Infinity)).toBeLessThanOrEqual(heads?.x ?? 0);

  // By key, in the grid, read where it is predicted.
  await choose(page, '.aligned-form', 'Grid');
  await choose(page, '.aligned-reading', 'Where it is predicted');
  await expect.poll(() => host.callsOf('alignment').at(-1)).toMatchObject({ ...NAMED, reading: 'predicts' });
  // Until the answer is drawn there is nothing that could have the focus.
  await expect.poll(() => section.locator('p.hint').first().textContent()).toContain('Reading “predicts”');
  const first = section.locator('.aligned-line >> nth=1 >> [tabindex="0"]');
  await first.waitFor();
  await first.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => section.locator('.readout').textContent()).toMatch(/^“.+” (from|with nothing)/);
  await inEveryTheme(opened, 'alignment-grid');
  await page.setViewportSize({ width: 400, height: 900 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await page.screenshot({ path: `${RESULTS}/alignment-400.png`, fullPage: true });
});

test('what was measured is chosen and says its score; the button copies', async () => {
  const host = await realRun();
  host.view = { ...host.view, kind: 'cross' };
  host.scores = {
    sentences: 0,
    roles: [],
    alignment: {
      known: 'links',
      count: 12,
      choices: [{ source: 'all-mean', layer: 0, head: 0, reading: 'predicts', score: 0.9 }],
    },
  };
  const { page } = await open({ view: 'panel', host });
  const section = page.locator('.alignment');
  await expect
    .poll(() => section.locator('.section-note').textContent())
    .toBe('Mean of all heads · score 0.90 (1 − AER on 12 hand-aligned sentences)');
  await expect.poll(() => host.callsOf('alignment').at(-1)).toMatchObject({ source: 'all-mean', reading: 'predicts' });
  await section.locator('vscode-button', { hasText: 'Copy as Pharaoh' }).click();
  await expect.poll(() => host.callsOf('command')).toEqual([{ name: 'copyAlignment' }]);
});

test('a word that was written last says that it has no row yet, and has one once it was forced', async () => {
  const host = await realRun('The cat sleeps.', 2);
  host.view = { ...host.view, kind: 'cross' };
  const { page } = await open({ view: 'panel', host });
  const last = page.locator('.alignment .aligned-line >> nth=1 >> .aligned-word').last();
  await expect.poll(() => last.getAttribute('aria-label')).toMatch(/^“.+” was written last and has not been fed/);
  await host.force({ explanation: 'one', text: 'Le chat dort' });
  await expect.poll(() => last.getAttribute('aria-label')).toMatch(/^“dort” from “sleeps”/);
});

test('a model without cross-attention has no alignment view; a long text says why it has no bands', async () => {
  const decoder = syntheticRun({
    family: 'decoder-only',
    layers: 2,
    heads: 2,
    source: [],
    target: tokens('One two three', null, null),
  });
  const { page } = await open({ view: 'panel', host: decoder });
  await page.locator('.atlas-cell').first().waitFor();
  expect(await page.locator('.alignment').isVisible()).toBe(false);
  const long = syntheticRun({
    family: 'encoder-decoder',
    layers: 1,
    heads: 2,
    source: tokens('cat '.repeat(200), null, '</s>'),
    target: tokens('chat '.repeat(200), '<s>', null),
  });
  long.view = { ...long.view, kind: 'cross' };
  const other = (await open({ view: 'panel', host: long })).page;
  await expect
    .poll(() => other.locator('.alignment .readout').textContent())
    .toMatch(/^With 20\d words bands cannot be told apart; choose the grid\.$/);
});
