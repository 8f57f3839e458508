import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { realRun } from './realRun';
import { useWebview } from './support';

const { open } = useWebview();

/** What has the focus, through shadow roots, in words. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const node = document.activeElement;
    if (!node || node === document.body) return 'body';
    const { index, cell, id } = (node as HTMLElement).dataset;
    return `${node.localName}${id === undefined ? '' : `#tab-${id}`}${index === undefined ? '' : `[${index}]`}${cell === undefined ? '' : `<${cell}>`}.${node.classList[0] ?? ''}`;
  });

/** Tabs on until `wanted` matches what has the focus. */
async function tabTo(page: Page, wanted: RegExp): Promise<string> {
  const seen: string[] = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (wanted.test(now)) return now;
    seen.push(now);
  }
  throw new Error(`Tab never reached ${wanted}: ${seen.join(', ')}`);
}

test('everything can be done without a mouse', async () => {
  const host = await realRun();
  const { page } = await open({ view: 'panel', host });
  await page.locator('.number-cell').first().waitFor();
  await page.locator('.heat-pixels').waitFor();

  // Kind
  await tabTo(page, /#tab-encoder/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => host.view.kind).toBe('cross');

  // Layer and head pickers
  await tabTo(page, /vscode-dropdown/);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => host.view.layer).toBe(1);

  // Tokens: arrows move, Enter locks, Shift+Enter adds, Escape frees
  await tabTo(page, /\[0\]\.token/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => host.focus).toEqual({ sequence: 'source', indices: [2], locked: false, from: 'panel' });
  await page.keyboard.press('Enter');
  await expect.poll(() => host.focus?.locked).toBe(true);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+Enter');
  await expect.poll(() => host.focus?.indices).toEqual([2, 3]);
  await page.keyboard.press('End');
  expect(await focused(page)).toBe(`span[${(host.snapshot?.source.length ?? 0) - 1}].token`);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toMatch(/^span\[\d+\]\.token$/);
  await page.keyboard.press('Escape');
  await expect.poll(() => host.focus).toBeNull();

  // The atlas
  await tabTo(page, /\.atlas-cell/);
  // The second layer is shown: every model that ships has two.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => [host.view.layer, host.view.head]).toEqual([0, 1]);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(
    /^Layer 1, head 2: sink mass \d\.\d\d, entropy \d\.\d\d bits$/,
  );

  // The numbers
  await tabTo(page, /\.number-cell/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => [host.view.layer, host.view.head]).not.toEqual([0, 1]);

  // The heat map: a cursor with exact numbers, zoom, lock
  await tabTo(page, /\.heat$/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.locator('.readout', { hasText: /: \d\.\d{4}$|<0\.0001$/ }).waitFor();
  await page.keyboard.press('+');
  await page.keyboard.press('Enter');
  await expect.poll(() => host.focus).toEqual({ sequence: 'target', indices: [2], locked: true, from: 'panel' });

  // And out again, to the notes
  await tabTo(page, /^summary/);
});
