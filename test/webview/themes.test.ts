import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { findings } from './axe';
import { CROSS_VIEW } from './crossView';
import { RESULTS } from './harness';
import { realRun } from './realRun';
import { useWebview } from './support';
import { THEMES } from './themes';

const { open } = useWebview();
/** What makes the page scroll sideways. */
const overflow = (): string[] => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth <= clientWidth
    ? []
    : [...document.querySelectorAll('#app *')]
        .filter((node) => node.getBoundingClientRect().right > clientWidth)
        .map((node) => `${node.classList.value} ${node.getBoundingClientRect().right}`);
};

beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

describe.each(THEMES)('theme $name', (theme) => {
  test('the panel is accessible, with nothing focused and with a token locked', async () => {
    const host = await realRun();
    host.view = CROSS_VIEW;
    const { page } = await open({ view: 'panel', host, theme, width: 1200, height: 900 });
    await page.locator('.heat-pixels').waitFor();
    await page.locator('.number-cell').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.locator('[data-sequence=target] .token[data-index="7"]').click();
    await page.locator('.ranked-token').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: `${RESULTS}/panel-${theme.name}.png`, fullPage: true });
    for (const width of [400, 580]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => page.evaluate(overflow)).toEqual([]);
      await page.screenshot({ path: `${RESULTS}/panel-${theme.name}-${width}.png`, fullPage: true });
    }
  });

  test('the generation view is accessible', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'generation', host, theme, width: 320, height: 800 });
    await page.locator('.step').nth(4).click();
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: `${RESULTS}/generation-${theme.name}.png`, fullPage: true });
    await page.setViewportSize({ width: 250, height: 800 });
    await expect.poll(() => page.evaluate(overflow)).toEqual([]);
  });
});

test('a change of theme recolours text, atlas and heat map at once', async () => {
  const host = await realRun();
  const [dark, light] = THEMES;
  if (!dark || !light) throw new Error('No themes.');
  const opened = await open({ view: 'panel', host, theme: dark });
  const { page } = opened;
  await page.locator('[data-sequence=source] .token[data-index="1"]').click();
  await page.locator('.ranked-token').first().waitFor();
  const chosen = page.locator('.number-cell.chosen');
  const before = await chosen.evaluate((node) => node.style.backgroundColor);
  await opened.setTheme(light);
  await expect.poll(() => chosen.evaluate((node) => node.style.backgroundColor)).not.toBe(before);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
});
