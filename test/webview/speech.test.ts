/** What a screen reader is told: in which language the page is, and when something begins or ends, not at every token. */
import { expect, test } from 'vitest';
import { CROSS_VIEW } from './crossView';
import { realRun } from './realRun';
import { useWebview } from './support';

const { open } = useWebview();

/** Notes every text that a live region of the page has from now on. */
const LISTEN = `
  window.spoken = [];
  new MutationObserver((records) => {
    for (const { target } of records) {
      const region = (target instanceof Element ? target : target.parentElement)?.closest('[aria-live], [role=status], [role=alert], [role=log]');
      if (region && region.textContent !== '') window.spoken.push(region.textContent);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });`;

test('a run of many tokens is said twice: that it goes on, and how it ended', async () => {
  const host = await realRun('The old man has a red car.', 12);
  const { steps, target } = { steps: host.snapshot?.steps ?? [], target: host.snapshot?.target ?? [] };
  expect(steps.length).toBeGreaterThan(4);
  host.update({ status: 'generating', steps: [], target: target.slice(0, 1), end: null });
  const { page } = await open({ view: 'generation', host, before: LISTEN });
  for (let made = 1; made <= steps.length; made++) {
    host.update({ steps: steps.slice(0, made), target: target.slice(0, made + 1) });
    await page
      .locator('.step')
      .nth(made - 1)
      .waitFor();
  }
  const during = await page.evaluate<readonly string[]>('window.spoken');
  expect(new Set(during).size).toBeLessThanOrEqual(1);
  host.update({ status: 'done', end: 'end-of-sequence' });
  await expect
    .poll(() => page.evaluate<readonly string[]>('window.spoken').then((said) => said.at(-1)))
    .toContain('The model ended the sequence.');
});

test('nor does the panel say anything at each token: that it aligns, and what may be pointed at, once', async () => {
  const host = await realRun('The old man has a red car.', 12);
  host.view = CROSS_VIEW;
  const { steps, target } = { steps: host.snapshot?.steps ?? [], target: host.snapshot?.target ?? [] };
  host.update({ status: 'generating', steps: [], target: target.slice(0, 1), end: null });
  // The first alignment comes when it has been said that it is awaited.
  const aligned = host.alignment;
  let answer = (): void => undefined;
  const isSaid = new Promise<void>((resolve) => (answer = resolve));
  host.alignment = async (...asked) => {
    await isSaid;
    return aligned(...asked);
  };
  const { page } = await open({ view: 'panel', host, before: LISTEN });
  await page.locator('.token').first().waitFor();
  for (let made = 1; made <= steps.length; made++) {
    host.update({ steps: steps.slice(0, made), target: target.slice(0, made + 1) });
    await page.locator(`[data-sequence=target] .token[data-index="${made}"]`).waitFor();
    if (made === 1) {
      await expect.poll(() => page.evaluate<readonly string[]>('window.spoken')).toContain('Aligning…');
      answer();
    }
    // What is drawn of a token is asked for once it is there.
    if (made % 3 === 0) await page.waitForLoadState('networkidle');
  }
  const said = await page.evaluate<readonly string[]>('window.spoken');
  expect(said).toContain('Aligning…');
  expect(said).toHaveLength(new Set(said).size);
  expect(said.length).toBeLessThan(steps.length);
});

test('the page is in the language of its own sentences, and the explained text in none that is known', async () => {
  const { page } = await open({ view: 'panel', host: await realRun() });
  await page.locator('.token').first().waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  for (const block of await page.locator('.tokens').all()) expect(await block.getAttribute('lang')).toBe('');
});

/** Counts the calls by which a palette reads the theme's colours. */
const COUNT_READS = `
  window.reads = 0;
  const read = OffscreenCanvasRenderingContext2D.prototype.getImageData;
  OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...args) { window.reads++; return read.apply(this, args); };`;

test('a resize does not make the colour scale anew, a change of theme does', async () => {
  const { page } = await open({ view: 'panel', host: await realRun(), before: COUNT_READS });
  await page.locator('.heat-pixels').waitFor();
  const before = await page.evaluate<number>('window.reads');
  expect(before).toBeGreaterThan(0);
  for (const width of [700, 900, 650]) await page.setViewportSize({ width, height: 800 });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  expect(await page.evaluate<number>('window.reads')).toBe(before);
  await page.evaluate(`document.documentElement.style.setProperty('--vscode-editor-background', '#102030')`);
  await expect.poll(() => page.evaluate<number>('window.reads')).toBeGreaterThan(before);
});
