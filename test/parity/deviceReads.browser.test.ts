/** Rows of a tensor on a graphics device (Chromium's software one): what was asked for comes, and the tensor is still there. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SOFTWARE_WEBGPU } from '../support/chromium';
import { addModule, CARD, launchBrowser, serveEngine, type Site } from './engineBrowser';
import type { RowsPage } from './deviceReadsPage';

let site: Site;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  [site, browser] = await Promise.all([serveEngine(false), launchBrowser(CARD ?? SOFTWARE_WEBGPU)]);
  page = await browser.newPage();
  await page.goto(site.url);
  await addModule(page, 'test/parity/deviceReadsPage.ts', 'rowsPage');
}, 60_000);
afterAll(() => Promise.all([browser.close(), site.close()]));

test('rows of float32 and float16, from any row on; other tensors are read whole', async () => {
  const ask = (...about: Parameters<RowsPage['rowsOf']>): ReturnType<RowsPage['rowsOf']> =>
    page.evaluate((args) => (globalThis as unknown as { rowsPage: RowsPage }).rowsPage.rowsOf(...args), about);
  // [head][row][size], counted through: 2 heads of 5 rows of 2.
  const whole = Array.from({ length: 20 }, (_, at) => at);
  for (const type of ['float32', 'float16'] as const) {
    expect(await ask(type, [1, 2, 5, 2], 0)).toEqual({ rows: whole, after: whole });
    expect(await ask(type, [1, 2, 5, 2], 3)).toEqual({ rows: [6, 7, 8, 9, 16, 17, 18, 19], after: whole });
    expect(await ask(type, [1, 2, 5, 2], 5)).toEqual({ rows: [], after: whole });
    expect((await ask(type, [2, 1, 5, 2], 0)).rows).toBeNull();
    expect((await ask(type, [2, 5, 2], 0)).rows).toBeNull();
  }
  // A row of three halves does not begin where WebGPU copies from.
  expect((await ask('float16', [1, 2, 2, 3], 0)).rows).toBeNull();
  expect((await ask('float32', [1, 2, 2, 3], 1)).rows).toEqual([3, 4, 5, 9, 10, 11]);
});

test('what is asked for in one turn comes in one download, and in several where it is much', async () => {
  const read = (...about: Parameters<RowsPage['readTogether']>): ReturnType<RowsPage['readTogether']> =>
    page.evaluate((args) => (globalThis as unknown as { rowsPage: RowsPage }).rowsPage.readTogether(...args), about);
  expect(await read('float32', [1, 300, 7, 4096])).toEqual({ downloads: 1, isRight: true });
  // Halves of an odd number do not end where WebGPU copies to.
  expect(await read('float16', [3, 5, 1])).toEqual({ downloads: 1, isRight: true });
  // 40 and 4 MB, 40 and 20, and 80 that is more than is brought at once.
  expect(await read('float32', [10e6, 1e6, 10e6, 5e6, 2e7])).toEqual({ downloads: 3, isRight: true });
});
