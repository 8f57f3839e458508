/**
 * A worker that does not answer, in a real Chromium with the shipped engine bundle: files that are made never to end
 * are really run, and every wait on the worker has its end.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProviderRequest } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { endlessOver } from '../support/hostileModels';
import { launchBrowser, openPage, serveEngine, type Driver, type Site } from './engineBrowser';
import type { Plain } from './enginePage';
import { FIXTURES } from './reference';

const WASM: ProviderRequest = { preference: 'wasm', allowSoftwareAdapter: false };
const FILES = ['config.json', 'tokenizer.json', 'model.onnx'];
/** The load-time trial reads no more tokens than this. */
const TRIAL_TOKENS = 16;
const LONG = 'a text that is longer than the trial';

const keyOf = (modelId: string) => ({ modelId, version: '' });
const codeOf = (answer: Plain<unknown>): string => ('error' in answer ? answer.error.code : 'no error');
const messageOf = (answer: Plain<unknown>): string => ('error' in answer ? answer.error.message : '');

let site: Site;
let browser: Browser;
let driver: Driver;

beforeAll(async () => {
  const read = (name: string): Buffer => readFileSync(join(FIXTURES, 'sdpa-bert', name));
  const folder = (name: string, model: Uint8Array): Record<string, string | Uint8Array> => ({
    [`/${name}/config.json`]: read('config.json'),
    [`/${name}/tokenizer.json`]: asciiTokenizer(),
    [`/${name}/model.onnx`]: model,
  });
  site = await serveEngine(false, {
    ...folder('sound', read('model.onnx')),
    ...folder('never-ready', endlessOver(read('model.onnx'), 0)),
    ...folder('never-read', endlessOver(read('model.onnx'), TRIAL_TOKENS)),
  });
  browser = await launchBrowser();
  driver = await openPage(browser, site);
}, 120_000);
afterAll(() => Promise.all([browser.close(), site.close()]));

/** Starts what a test is about, and afterwards shows that a new worker does its work as ever. */
async function worksAgain(): Promise<void> {
  expect(codeOf(await driver.start(WASM))).toBe('no error');
  expect(codeOf(await driver.load('/sound', FILES))).toBe('no error');
  expect(
    codeOf(await driver.call('explain', { explanation: 'again', model: keyOf('/sound'), text: LONG, windowStart: 0 })),
  ).toBe('no error');
}

/** Milliseconds that something took. */
async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  return [await run(), performance.now() - began];
}

describe('a model that never ends', () => {
  test('while it is loaded: the limit follows its size, ends the worker and says so', async () => {
    await driver.start(WASM, null, { load: 3000, loadPerMegabyte: 1000 });
    const [answer, milliseconds] = await timed(() => driver.load('/never-ready', FILES));
    expect(codeOf(answer)).toBe('ENGINE_STUCK');
    expect(messageOf(answer)).toMatch(/“\/never-ready” was silent for 3 seconds .* limit for its 1 MB/);
    expect(milliseconds).toBeGreaterThan(3000);
    expect(await driver.death()).toBe('ENGINE_STUCK');
    await worksAgain();
  });

  test('on a text: Cancel ends it after two seconds of silence, and what else waits is told that it is gone', async () => {
    await driver.start(WASM);
    expect(codeOf(await driver.load('/never-read', FILES))).toBe('no error');
    expect(
      codeOf(
        await driver.call('explain', {
          explanation: 'short',
          model: keyOf('/never-read'),
          text: 'a text',
          windowStart: 0,
        }),
      ),
    ).toBe('no error');
    const stuck = driver.call(
      'explain',
      { explanation: 'long', model: keyOf('/never-read'), text: LONG, windowStart: 0 },
      'cancel',
    );
    // Long enough for the worker to be inside the computation that has no end.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const other = driver.call('head', { explanation: 'short', kind: 'encoder', layer: 0, head: 0 });
    const [answer, milliseconds] = await timed(async () => {
      await driver.abort('cancel');
      return stuck;
    });
    expect(codeOf(answer)).toBe('AbortError');
    expect(milliseconds).toBeGreaterThan(1900);
    expect(milliseconds).toBeLessThan(6000);
    expect(codeOf(await other)).toBe('EXPLANATION_GONE');
    expect(await driver.death()).toBe('EXPLANATION_GONE');
    await worksAgain();
  });

  test('a question about what is on show that nobody wants answered any more does not end a run', async () => {
    await driver.start(WASM);
    await driver.load('/never-read', FILES);
    await driver.call('explain', { explanation: 'short', model: keyOf('/never-read'), text: 'a text', windowStart: 0 });
    const stuck = driver.call(
      'explain',
      { explanation: 'long', model: keyOf('/never-read'), text: LONG, windowStart: 0 },
      'cancel',
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const hover = driver.call('tokenWeights', { explanation: 'short', sequence: 'source', indices: [1] }, 'hover');
    const [answer, milliseconds] = await timed(async () => {
      await driver.abort('hover');
      return hover;
    });
    expect(codeOf(answer)).toBe('AbortError');
    expect(milliseconds).toBeLessThan(1500);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await driver.death()).toBe('');
    await driver.page.evaluate(() => (globalThis as unknown as { page: { terminate(): void } }).page.terminate());
    // Ending the worker ends the run at once.
    expect(codeOf(await stuck)).not.toBe('no error');
  });
});

test.each([0, 100, 2000])('a worker that dies %i ms after its birth is noticed', async (after) => {
  const [answer, milliseconds] = await timed(async () => {
    const started = await driver.start(WASM, null, { birth: 3000 }, after);
    return codeOf(started) === 'no error' ? driver.load('/never-ready', FILES) : started;
  });
  expect(codeOf(answer)).toBe('ENGINE_LOST');
  expect(milliseconds).toBeLessThan(8000);
  await worksAgain();
});
