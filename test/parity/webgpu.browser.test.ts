/**
 * Every fixture by the shipped engine in a real Chromium: WebGPU (a software adapter) against WASM, whose weights the
 * other suites hold against `transformers`. int8 files run on WASM in both (their results on WebGPU are wrong).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenWeights } from '../../src/attention/types';
import type { DecoderStep } from '../../src/protocol/engine';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import { launchBrowser, openPage, serveEngine, type Driver, type Site } from './engineBrowser';
import type { Plain } from './enginePage';
import { largestDifference } from './reference';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = 'test/fixtures/transformers';
const FIXTURES = readdirSync(join(ROOT, FOLDER), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
/** Refused on either provider: banded attention is no [heads, queries, keys] map. */
const REFUSED = new Set(['eager-longformer']);
/** Cannot run on this software adapter, or not yet on the runtime's WebGPU provider: said so when it is loaded, with a code. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'fp16-bert': 'MODEL_UNSUPPORTED', // the adapter has no shader-f16
  'ortfused-bert-MultiHeadAttention': 'RUN_FAILED', // key_padding_mask is not implemented for WebGPU
};
const TEXT = 'The cat sat.';
/** Random weights make large scores: a rounding of the GPU's arithmetic in them is seen in the weights. */
const TOLERANCE = 2e-3;

function value<T>(answer: Plain<T>): T {
  if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

interface Result {
  readonly weights: readonly TokenWeights[];
  readonly steps: readonly DecoderStep[];
}

async function run(driver: Driver, fixture: string): Promise<Result> {
  const folder = `/${FOLDER}/${fixture}`;
  const graphs = readdirSync(join(ROOT, folder)).filter((name) => name.includes('.onnx'));
  const { report } = value(await driver.load(folder, ['config.json', 'tokenizer.json', 'tokenizer_config.json', ...graphs]));
  const { source, target } = value(await driver.call('explain', { explanation: fixture, text: TEXT, windowStart: 0 }));
  const result = report.family === 'encoder-only' ? { target, steps: [] } : value(await driver.call('generate', { explanation: fixture, maxSteps: 3 }));
  const weights: TokenWeights[] = [];
  for (const [sequence, length] of [['source', source.length], ['target', result.target.length]] as const) {
    for (let index = 0; index < length; index++) weights.push(...value(await driver.call('tokenWeights', { explanation: fixture, sequence, indices: [index] })));
  }
  value(await driver.call('release', { explanation: fixture }));
  return { weights, steps: result.steps };
}

describe('WebGPU against WASM', () => {
  let site: Site;
  let browser: Browser;
  let wasm: Driver;
  let webgpu: Driver;

  beforeAll(async () => {
    const more = Object.fromEntries(FIXTURES.flatMap((name) => [[`/${FOLDER}/${name}/tokenizer.json`, asciiTokenizer()], [`/${FOLDER}/${name}/tokenizer_config.json`, asciiTokenizerConfig()]]));
    [site, browser] = await Promise.all([serveEngine(false, more), launchBrowser(true)]);
    [wasm, webgpu] = await Promise.all([openPage(browser, site), openPage(browser, site)]);
    expect(value(await wasm.start({ preference: 'wasm', allowSoftwareAdapter: false })).provider.provider).toBe('wasm');
    expect(value(await webgpu.start({ preference: 'webgpu', allowSoftwareAdapter: true })).provider.provider).toBe('webgpu');
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  test.each(FIXTURES.filter((name) => !REFUSED.has(name)))('%s', async (fixture) => {
    if (fixture in NOT_HERE) {
      await expect(run(webgpu, fixture)).rejects.toThrow(new RegExp(`^${NOT_HERE[fixture] ?? ''}: `));
      return;
    }
    const expected = await run(wasm, fixture);
    const found = await run(webgpu, fixture);
    expect(found.weights.length).toBe(expected.weights.length);
    expect(expected.weights.length).toBeGreaterThan(0);
    for (const [i, weights] of found.weights.entries()) expect(largestDifference(weights.data, expected.weights[i]?.data ?? [])).toBeLessThan(TOLERANCE);
    expect(found.steps.map(({ chosen }) => chosen.id)).toEqual(expected.steps.map(({ chosen }) => chosen.id));
    for (const [i, step] of found.steps.entries()) expect(Math.abs(step.chosen.probability - (expected.steps[i]?.chosen.probability ?? 0))).toBeLessThan(TOLERANCE);
  });
});
