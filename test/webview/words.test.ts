/** Words in everything that shows attention, on real runs of the bundled model; and texts that have strange words or none. */
import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { tokenWeightsOf } from '../../src/engine/maps';
import { exactNumber } from '../../src/measure/numbers';
import { unitsOf } from '../../src/measure/units';
import { findings } from './axe';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { useWebview } from './support';
import { THEMES } from './themes';

const { open } = useWebview();
const VIEW = {
  version: 1,
  kind: 'cross',
  layer: 2,
  head: 3,
  hideSpecial: { encoder: false, decoder: false, cross: true },
  scale: 'fixed',
  axis: 'words',
} as const;
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
  const values = row.data.subarray((2 * row.heads + 3) * row.length, (2 * row.heads + 4) * row.length);
  return [...values]
    .map((value, index) => ({ value, unit: words(host, 'source')[index] }))
    .filter(({ unit, value }) => unit?.special !== true && value >= 0.00005)
    .sort((a, b) => b.value - a.value)
    .slice(0, 8)
    .map(({ unit, value }) => [unit?.text.trim() ?? '', exactNumber(value, { signed: false })]);
}

const listed = (page: Page): Promise<readonly (readonly string[])[]> =>
  page
    .locator('.list')
    .first()
    .locator('.ranked-token')
    .evaluateAll((nodes) =>
      nodes.map((node) => [
        node.querySelector('bdi')?.textContent ?? '',
        node.querySelector('.number')?.textContent ?? '',
      ]),
    );

describe.each(THEMES)('words in $name', (theme) => {
  test('text, overview, matrix, lists, lines: whole words, whose numbers are sums and means', async () => {
    const host = await realRun(TEXT);
    host.view = VIEW;
    const { page } = await open({ view: 'panel', host, theme, width: 1200, height: 900 });
    const source = words(host, 'source');
    const target = words(host, 'target');
    expect(source.length).toBeLessThan(host.snapshot?.source.length ?? 0);
    expect((await texts(page, 'source')).map((text) => text.trim())).toEqual(source.map(({ text }) => text.trim()));
    expect(await texts(page, 'source')).toContain('archaeologist');
    expect(await page.getByRole('radio', { name: 'Words' }).getAttribute('aria-checked')).toBe('true');
    const at = target.findIndex(({ pieces, special }) => pieces.length > 1 && !special);
    expect(at).toBeGreaterThan(0);
    await page.locator('[data-sequence=target] .token').nth(at).click();
    await expect.poll(() => listed(page)).toEqual(await ranked(host, at));
    const unit = target[at];
    expect(host.focus).toMatchObject({ locked: true, indices: unit?.pieces.map((_, piece) => unit.from + piece) });
    expect(await page.locator('.token.locked').allInnerTexts()).toEqual([unit?.text.trim()]);
    await page.locator(`.heat[aria-label*="${target.length - 1} queries by ${source.length} keys"]`).waitFor();
    expect(host.callsOf('atlas').at(-1)).toMatchObject({ axis: 'words' });
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: `${RESULTS}/words-${theme.name}.png`, fullPage: true });
    await page.setViewportSize({ width: 400, height: 900 });
    await page.screenshot({ path: `${RESULTS}/words-${theme.name}-400.png`, fullPage: true });
  });
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
