import { mkdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { CROSS_VIEW } from './crossView';
import { RESULTS } from './harness';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';
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

test('the panel is accessible in every theme and at every width, with nothing focused and with a token locked', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  await page.locator('.heat-pixels').waitFor();
  await page.locator('.number-cell').first().waitFor();
  await inEveryTheme(opened, 'panel-unfocused');
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await page.locator('.ranked-token').first().waitFor();
  await inEveryTheme(opened, 'panel', async ({ name }) => {
    for (const width of [400, 580]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => page.evaluate(overflow)).toEqual([]);
      await page.screenshot({ path: `${RESULTS}/panel-${name}-${width}.png`, fullPage: true });
    }
    await page.setViewportSize({ width: 1200, height: 900 });
  });
});

test('the generation view is accessible in every theme', async () => {
  // With a tree of beams and the settings open, so that all of it is looked at.
  const host = await realRun('The cat sat on the mat.');
  const decoding = host.snapshot?.model?.decoding;
  await host.driver?.decoding(decoding ? { ...decoding, numBeams: 3 } : null);
  const opened = await open({ view: 'generation', host, width: 320, height: 1200 });
  await opened.page.locator('.step').nth(4).click();
  await opened.page.locator('.decoding > summary').click();
  await opened.page.getByText('Beams that were given up').click();
  await opened.page.locator('.beam.left').first().waitFor();
  await inEveryTheme(opened, 'generation');
  await opened.page.setViewportSize({ width: 250, height: 1200 });
  await expect.poll(() => opened.page.evaluate(overflow)).toEqual([]);
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
