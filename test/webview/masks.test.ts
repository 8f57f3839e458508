/** Masking a token by click or by key, and what the model would put there: in the panel and in the generation view. */
import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { MaskFill } from '../../src/protocol/engine';
import { percent } from '../../webview/format';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { MASKED_SAMPLE, maskedRun } from './maskedRun';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();
const WORDS = MASKED_SAMPLE.split(' ');
/** In the sample's tokens, `[CLS]` first. */
const MAT = 1 + WORDS.indexOf('mat');

const token = (page: Page, index: number) => page.locator(`[data-sequence=source] .token[data-index="${index}"]`);
const maskButton = (page: Page) => page.locator('.token-section vscode-button', { hasText: /(Unm|M)ask/ });
const rowsOf = (page: Page, fill: number): Promise<readonly (readonly string[])[]> =>
  page
    .locator('.fill')
    .nth(fill)
    .locator('li')
    .evaluateAll((rows) =>
      rows.map((row) => [row.querySelector('bdi')?.textContent ?? '', row.querySelector('.number')?.textContent ?? '']),
    );

function fillAt(host: TestHost, index: number): MaskFill {
  const fill = host.snapshot?.fills.find((one) => one.index === index);
  if (!fill) throw new Error(`Nothing is filled in at ${index}.`);
  return fill;
}

beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

describe('masking in the panel', () => {
  test('by click: lock the token, press the button; the list has the model’s own numbers', async () => {
    const host = await maskedRun();
    const { page } = await open({ view: 'panel', host });
    await page.getByText('Click a token, then Mask').waitFor();
    await token(page, MAT).hover();
    expect(await maskButton(page).isVisible()).toBe(false);
    await token(page, MAT).click();
    await maskButton(page).click();
    await page.locator('.fill').waitFor();
    expect(host.callsOf('mask')).toMatchObject([{ indices: [MAT] }]);

    const { top, original } = fillAt(host, MAT);
    expect(await rowsOf(page, 0)).toEqual(top.map(({ text, probability }) => [text, percent(probability)]));
    expect(original?.text).toBe('mat');
    expect(await page.locator('.fill-original').textContent()).toBe(
      `“mat” itself: ${percent(original?.probability ?? 0)}, rank ${original?.rank} of 99`,
    );
    expect(await page.locator('.fill li.own').count()).toBe((original?.rank ?? 0) <= 10 ? 1 : 0);

    // The text shows the mask, marked, with what it hides; the lock has stayed on it.
    expect(await token(page, MAT).textContent()).toBe('[MASK]');
    expect(await token(page, MAT).getAttribute('class')).toMatch(/\bmask\b.*\blocked\b/);
    expect(await token(page, MAT).getAttribute('aria-label')).toBe('[MASK], hides “mat”');
    await token(page, MAT).hover();
    await expect.poll(() => token(page, MAT).getAttribute('title')).toContain('masked, hides “mat”');
    expect(await page.locator('.who').textContent()).toBe('“[MASK]”, hides “mat”');

    expect(await maskButton(page).textContent()).toBe('Unmask');
    await maskButton(page).click();
    await expect.poll(() => page.locator('.fill').count()).toBe(0);
    expect(await token(page, MAT).textContent()).toBe('mat');
    expect(host.callsOf('mask').at(-1)).toMatchObject({ indices: [] });
  });

  test('by key: M masks and unmasks, keeps the keyboard’s place, and is announced', async () => {
    const host = await maskedRun();
    const { page } = await open({ view: 'panel', host });
    await token(page, MAT).focus();
    await page.keyboard.press('m');
    await expect
      .poll(() => page.locator('.fills [role=status]').textContent())
      .toMatch(/^“mat” is masked\. Most probable there: “.+”, .+ %\. “mat” itself has .+ %, rank \d+\.$/);
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset['index'])).toBe(String(MAT));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('M');
    await expect.poll(() => host.snapshot?.masked).toEqual([MAT, MAT + 1]);
    // What is pressed before the page has this would be announced together with it.
    await expect.poll(() => page.locator('.fills [role=status]').textContent()).toMatch(/^“because” is masked\./);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('m');
    await expect.poll(() => page.locator('.fills [role=status]').textContent()).toBe('“mat” is no longer masked.');
    expect(host.snapshot?.masked).toEqual([MAT + 1]);
    // Nothing to mask in what the tokenizer added.
    await page.keyboard.press('Home');
    await page.keyboard.press('m');
    await page.keyboard.press('Control+m');
    await page.waitForTimeout(100);
    expect(host.callsOf('mask').length).toBe(3);
    await host.masking?.([0]);
    expect([host.snapshot?.masked, host.snapshot?.source[0]?.text]).toEqual([[], '[CLS]']);
  });

  test('several at once, quickly one after another, and all freed again', async () => {
    const host = await maskedRun();
    const { page } = await open({ view: 'panel', host });
    await token(page, 2).click();
    await token(page, 3).click({ modifiers: ['Shift'] });
    await maskButton(page).click();
    await expect.poll(() => host.snapshot?.masked).toEqual([2, 3]);
    await page.keyboard.press('Escape');
    // The second is pressed before the first has an answer.
    host.delay = 150;
    await token(page, 5).focus();
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('m');
    await expect.poll(() => host.snapshot?.masked).toEqual([2, 3, 5, 6]);
    await expect.poll(() => page.locator('.fill').count()).toBe(4);
    await page.locator('.fill').nth(1).locator('vscode-button').click();
    await expect.poll(() => host.snapshot?.masked).toEqual([2, 5, 6]);
    await page.getByText('Unmask all').click();
    await expect.poll(() => page.locator('.fill').count()).toBe(0);
    await expect
      .poll(() => page.locator('[data-sequence=source] .tokens').textContent())
      .toContain('because it was tired');
    expect(host.snapshot?.masked).toEqual([]);
  });

  test('a mask that was typed is marked, filled, and cannot be freed by click', async () => {
    const host = await maskedRun('the cat [MASK] on the mat');
    const { page } = await open({ view: 'panel', host });
    await page.locator('.fill').waitFor();
    expect(await page.locator('.fill-original').count()).toBe(0);
    expect(await page.locator('.fill vscode-button').count()).toBe(0);
    expect(await page.getByText('Unmask all').isVisible()).toBe(false);
    await page.getByText('Mask at 4').click();
    await expect.poll(() => host.focus).toMatchObject({ indices: [3], locked: true });
    await token(page, 3).hover();
    await expect.poll(() => token(page, 3).getAttribute('title')).toMatch(/\(mask, id 3\)$/);
    expect(await maskButton(page).isVisible()).toBe(false);
  });

  test('nothing of it for a model that fills no masks', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    await token(page, 3).click();
    await page.locator('.ranked-token').first().waitFor();
    await page.keyboard.press('m');
    expect(await page.locator('.fills').isVisible()).toBe(false);
    expect(await maskButton(page).isVisible()).toBe(false);
    expect(host.callsOf('mask')).toEqual([]);
  });
});

test('the generation view of a model that fills masks shows the fill-ins', async () => {
  const host = await maskedRun();
  const { page } = await open({ view: 'generation', host, width: 320 });
  await page.getByText('click a token in the panel').waitFor();
  expect(await page.locator('.generation-controls').isVisible()).toBe(false);
  await host.masking?.([MAT, 2]);
  await expect.poll(() => page.locator('.fill').count()).toBe(2);
  expect(await rowsOf(page, 1)).toEqual(
    fillAt(host, MAT).top.map(({ text, probability }) => [text, percent(probability)]),
  );
  await page.locator('.fill').nth(1).hover();
  await expect
    .poll(() => host.focus)
    .toEqual({ sequence: 'source', indices: [MAT], locked: false, from: 'generation' });
  await page.locator('.fill').nth(0).locator('vscode-button').click();
  await expect.poll(() => host.snapshot?.masked).toEqual([MAT]);
});

test('masks are accessible in every theme', async () => {
  const host = await maskedRun(MASKED_SAMPLE, [MAT, 2]);
  for (const [view, width] of [
    ['panel', 1100],
    ['generation', 320],
  ] as const) {
    const opened = await open({ view, host, width });
    const { page } = opened;
    await page.locator('.fill').nth(1).waitFor();
    if (view === 'panel') {
      await token(page, MAT).click();
      await maskButton(page).waitFor();
    }
    await inEveryTheme(opened, `masks-${view}`);
  }
});
