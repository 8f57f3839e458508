/** Words in everything that shows attention, on real runs of the bundled model; and texts that have strange words or none. */
import { mkdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { tokenWeightsOf } from '../../src/engine/weights/maps';
import { exactNumber } from '../../src/measure/numbers';
import { unitsOf } from '../../src/measure/units';
import { chosenRow, CROSS_VIEW, listedRows } from './crossView';
import { findings } from './axe';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { syntheticRun, tokens } from './syntheticRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();
const VIEW = { ...CROSS_VIEW, axis: 'words' } as const;
const TEXT = 'The unbelievable archaeologist rediscovered a hippopotamus; nobody’s surprised.';

beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

const texts = (page: Page, sequence: string): Promise<readonly string[]> =>
  page.locator(`[data-sequence=${sequence}] .token`).allInnerTexts();
const words = (host: TestHost, sequence: 'source' | 'target') => unitsOf(host.snapshot?.[sequence] ?? [], 'words');

/** The strongest words of a target word's row, as the lists write them. */
async function ranked(host: TestHost, word: number): Promise<readonly (readonly string[])[]> {
  const { source = [], target = [] } = host.snapshot ?? {};
  if (!host.weights) throw new Error('No weights.');
  const unit = words(host, 'target')[word];
  const list = await tokenWeightsOf(
    { store: host.weights, source, target },
    { sequence: 'target', indices: [unit?.from ?? -1], axis: 'words' },
  );
  const row = list.find(({ kind, role }) => kind === 'cross' && role === 'query');
  if (!row) throw new Error('No row.');
  const values = row.data.subarray(chosenRow(row), chosenRow(row) + row.length);
  return [...values]
    .map((value, index) => ({ value, unit: words(host, 'source')[index] }))
    .filter(({ unit, value }) => unit?.special !== true && value >= 0.00005)
    .sort((a, b) => b.value - a.value)
    .slice(0, 8)
    .map(({ unit, value }) => [unit?.text.trim() ?? '', exactNumber(value, { signed: false })]);
}

test('text, overview, matrix, lists, lines: whole words, whose numbers are sums and means', async () => {
  const host = await realRun(TEXT);
  host.view = VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const source = words(host, 'source');
  const target = words(host, 'target');
  expect(source.length).toBeLessThan(host.snapshot?.source.length ?? 0);
  await expect
    .poll(async () => (await texts(page, 'source')).map((text) => text.trim()))
    .toEqual(source.map(({ text }) => text.trim()));
  expect(await texts(page, 'source')).toContain('archaeologist');
  expect(await page.getByRole('radio', { name: 'Words' }).getAttribute('aria-checked')).toBe('true');
  const at = target.findIndex(({ pieces, special }) => pieces.length > 1 && !special);
  expect(at).toBeGreaterThan(0);
  await page.locator('[data-sequence=target] .token').nth(at).click();
  await expect.poll(() => listedRows(page)).toEqual(await ranked(host, at));
  const unit = target[at];
  expect(host.focus).toMatchObject({ locked: true, indices: unit?.pieces.map((_, piece) => unit.from + piece) });
  expect(await page.locator('.token.locked').allInnerTexts()).toEqual([unit?.text.trim()]);
  await page.locator(`.heat[aria-label*="${target.length - 1} queries by ${source.length} keys"]`).waitFor();
  expect(host.callsOf('atlas').at(-1)).toMatchObject({ axis: 'words' });
  await inEveryTheme(opened, 'words');
  await page.setViewportSize({ width: 400, height: 900 });
  await page.screenshot({ path: `${RESULTS}/words-400.png`, fullPage: true });
});

test('the switch by mouse and by key; the choice is the host’s and the page’s to keep', async () => {
  const host = await realRun(TEXT);
  host.view = VIEW;
  const opened = await open({ view: 'panel', host, width: 1000, height: 900 });
  const { page } = opened;
  const counts = { words: words(host, 'source').length, tokens: host.snapshot?.source.length ?? 0 };
  const shown = (): Promise<number> => page.locator('[data-sequence=source] .token').count();
  await expect.poll(shown).toBe(counts.words);
  await page.getByRole('radio', { name: 'Tokens' }).click();
  await expect.poll(shown).toBe(counts.tokens);
  expect(host.view.axis).toBe('tokens');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(shown).toBe(counts.words);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Words');
  await expect.poll(async () => JSON.stringify((await opened.savedStates()).at(-1))).toContain('"axis":"words"');
  // By key from word to word: the arrows go over whole words, Enter locks all of its tokens.
  await page.locator('[data-sequence=source] .token').first().click();
  const long = words(host, 'source').findIndex(({ pieces }) => pieces.length > 1);
  for (let step = 0; step < long; step++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect.poll(() => host.focus?.indices.length).toBe(words(host, 'source')[long]?.pieces.length);
  // Locked, and shown by its tokens: all of them are marked.
  await page.getByRole('radio', { name: 'Tokens' }).click();
  await expect.poll(() => page.locator('.token.locked').count()).toBe(words(host, 'source')[long]?.pieces.length);
});

test('cuts and renormalising: text, list and map show the same part of a row, and it is said where it is on', async () => {
  const host = await realRun(TEXT);
  host.view = { ...VIEW, axis: 'tokens' };
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { source = [], target = [] } = host.snapshot ?? {};
  if (!host.weights) throw new Error('No weights.');
  await page.locator('[data-sequence=target] .token').nth(7).click();
  const list = await tokenWeightsOf({ store: host.weights, source, target }, { sequence: 'target', indices: [7] });
  const entry = list.find(({ kind, role }) => kind === 'cross' && role === 'query');
  if (!entry) throw new Error('No row.');
  const row = [...entry.data.subarray(chosenRow(entry), chosenRow(entry) + entry.length)];
  const seen = row.filter((_, index) => source[index]?.special !== true).sort((a, b) => b - a);
  const all = seen.reduce((sum, value) => sum + value, 0);
  let mass = 0;
  const kept = seen.filter((value) => {
    const isKept = mass < 0.6 * all - 1e-6;
    mass += isKept ? value : 0;
    return isKept;
  });
  const numbers = async (): Promise<readonly string[]> => (await listedRows(page)).map(([, number = '']) => number);

  await page.locator('.picker-cut').click();
  await page.locator('.picker-cut vscode-option', { hasText: 'Share of the mass' }).click();
  await page.getByRole('spinbutton', { name: /share of its mass/ }).fill('60');
  await page.keyboard.press('Enter');
  await expect.poll(numbers).toEqual(kept.slice(0, 8).map((value) => exactNumber(value, { signed: false })));
  expect(host.callsOf('head').at(-1)).toMatchObject({ sieve: { cut: { type: 'mass', share: 0.6 }, hide: true } });
  expect(await page.getByText('Not shown:').textContent()).toContain(
    exactNumber(all - mass, { signed: false }).slice(0, 5),
  );
  const blank = await page
    .locator('[data-sequence=source] .token')
    .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.backgroundColor === ''));
  expect(blank.filter((is) => !is).length).toBeLessThanOrEqual(kept.length);

  await page.getByText('Renormalise', { exact: true }).click();
  await expect.poll(numbers).toEqual(kept.slice(0, 8).map((value) => exactNumber(value / mass, { signed: false })));
  await expect
    .poll(() => page.locator('.detail .section-note').textContent())
    .toContain('renormalised over what is shown');
  // It stays in sight for as long as it is on, whatever else is switched off.
  await page.locator('.picker-cut').click();
  await page.locator('.picker-cut vscode-option', { hasText: 'All weights' }).click();
  await page.getByText('Hide sinks').click();
  expect(await page.locator('.renormalise').isVisible()).toBe(true);
  await page.screenshot({ path: `${RESULTS}/cuts.png`, fullPage: true });
  expect(await findings(page)).toEqual([]);
  await page.getByText('Renormalise', { exact: true }).click();
  await expect.poll(() => page.locator('.renormalise').isVisible()).toBe(false);
});

test('hiding sinks hides the first token of a model that only writes, in every view', async () => {
  const text = tokens('The cat sat on the mat and slept.', null, null);
  const host = syntheticRun({
    family: 'decoder-only',
    layers: 2,
    heads: 2,
    source: [],
    target: text,
    generatedFrom: 6,
  });
  host.view = { ...VIEW, kind: 'decoder', layer: 0, head: 0, axis: 'tokens' };
  const { page } = await open({ view: 'panel', host, width: 1000, height: 900 });
  await page.locator('[data-sequence=target] .token').nth(4).click();
  await expect.poll(async () => (await listedRows(page)).map(([label]) => label)).toContain('The');
  await page.getByText('Hide sinks').click();
  await expect.poll(async () => (await listedRows(page)).map(([label]) => label)).not.toContain('The');
  expect(await page.getByText('Hidden sinks:').count()).toBeGreaterThan(0);
  await expect.poll(() => host.callsOf('atlas').at(-1)).toMatchObject({ hideSpecial: true });
  const first = page.locator('[data-sequence=target] .token').first();
  expect(await first.evaluate((node) => (node as HTMLElement).style.backgroundColor)).toBe('');
});

test('the generation view brackets the tokens of a word, with the word’s probability', async () => {
  const host = await realRun(TEXT);
  host.view = VIEW;
  const { page } = await open({ view: 'generation', host, width: 320, height: 800 });
  const unit = words(host, 'target').find(({ pieces, from }) => pieces.length > 1 && from > 0);
  if (!unit) throw new Error('No long word.');
  const steps = host.snapshot?.steps.filter(({ index }) => index >= unit.from && index < unit.to) ?? [];
  await page.locator('.step.of-word').first().waitFor();
  expect(await page.locator('.step.of-word.first').first().getAttribute('title')).toContain(
    `of the word “${unit.text.trim()}”`,
  );
  await page.locator(`.step[data-step="${host.snapshot?.steps.indexOf(steps[0] as never) ?? -1}"]`).hover();
  await expect.poll(() => host.focus?.indices).toEqual(unit.pieces.map((_, piece) => unit.from + piece));
  await page.screenshot({ path: `${RESULTS}/words-generation.png` });
});

test.each([
  ['one token', 'a'],
  ['one word many times', 'again '.repeat(160)],
  ['only punctuation', '?! … ,,, ---'],
  ['right to left with names from left to right', 'קראתי את Harry Potter ואת دون كيخوته in Berlin'],
  ['emoji families', 'A 👩‍👩‍👧‍👦 and 👨🏽‍💻 met 🏴󠁧󠁢󠁥󠁮󠁧󠁿.'],
  ['combining marks', 'Cafe\u0301 na\u0308ive Z\u0351\u036b\u0343a\u036aa\u0312lgo'],
])('%s: every view stands in words and in tokens', async (_, text) => {
  const host = await realRun(text, 12);
  host.view = { ...VIEW, kind: 'encoder' };
  const { page } = await open({ view: 'panel', host, width: 900, height: 900 });
  await page.locator('[data-sequence=source] .token').first().waitFor();
  const isWordless = words(host, 'source').every(({ special, text: own }) => special || !/[\p{L}\p{N}]/u.test(own));
  expect(text.includes('?') ? true : !isWordless).toBe(true);
  for (const name of ['Words', 'Tokens'] as const) {
    const choice = page.getByRole('radio', { name });
    if (await choice.isEnabled()) await choice.click();
    const inWords = (await page.getByRole('radio', { name: 'Words' }).getAttribute('aria-checked')) === 'true';
    const expected = inWords ? words(host, 'source').length : host.snapshot?.source.length;
    await expect.poll(() => page.locator('[data-sequence=source] .token').count()).toBe(expected);
    for (const kind of ['Encoder self-attention', 'Masked decoder self-attention', 'Cross-attention']) {
      await page.getByRole('tab', { name: kind, exact: true }).click();
      await page.locator('.heat[aria-label*=" queries by "]').waitFor();
    }
    await page.locator('[data-sequence=source] .token').first().hover();
    await page.locator('.number-cell').first().waitFor();
  }
});
