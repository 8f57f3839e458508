/**
 * The shipped engine bundle in a real worker in a real Chromium: WASM with and without threads, that a software WebGPU adapter is
 * not taken, and what goes wrong. That WebGPU computes the same is asked of the fixtures in `webgpu.browser.test.ts`, and of the model
 * inside in VS Code (`e2e/providers.test.ts`).
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { inSlices } from '../../src/engine/macrotask';
import type { Token, TokenWeights } from '../../src/attention/types';
import type { EncodedText, GenerateResult, ModelReport, ProviderRequest } from '../../src/protocol/engine';
import { BUNDLED_FILES } from '../support/bundledFiles';
import { SOFTWARE_WEBGPU } from '../support/chromium';
import { addModule, launchBrowser, openPage, serveEngine, type Driver, type Site } from './engineBrowser';
import type { Plain, Started } from './enginePage';
import { largestDifference } from './reference';

const MODEL = '/models/en-fr';
const TEXT = 'The cat sat on the mat.';
const AUTO: ProviderRequest = { preference: 'auto', allowSoftwareAdapter: false };

function value<T>(answer: Plain<T>): T {
  if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}
const codeOf = (answer: Plain<unknown>): string => ('error' in answer ? answer.error.code : 'no error');

interface Result {
  readonly started: Started;
  readonly report: ModelReport;
  readonly encoded: EncodedText;
  readonly generated: GenerateResult;
  readonly weights: readonly TokenWeights[];
}

/** The whole way: probe, start, load, explain, generate, every token's weights. */
async function explain(driver: Driver, request: ProviderRequest): Promise<Result> {
  const started = value(await driver.start(request));
  const { report } = value(await driver.load(MODEL, BUNDLED_FILES));
  const encoded = value(
    await driver.call('explain', {
      explanation: 'a',
      model: { modelId: MODEL, version: '' },
      text: TEXT,
      windowStart: 0,
    }),
  );
  const generated = value(await driver.call('generate', { explanation: 'a', maxSteps: 40 }));
  const weights: TokenWeights[] = [];
  for (const [sequence, tokens] of [
    ['source', encoded.source],
    ['target', generated.target],
  ] as const) {
    for (const index of tokens.keys())
      weights.push(...value(await driver.call('tokenWeights', { explanation: 'a', sequence, indices: [index] })));
  }
  return { started, report, encoded, generated, weights };
}

let plainSite: Site;
let isolatedSite: Site;
let plainBrowser: Browser;
let gpuBrowser: Browser;
let reference: Result;

beforeAll(async () => {
  [plainSite, isolatedSite, plainBrowser, gpuBrowser] = await Promise.all([
    serveEngine(false),
    serveEngine(true),
    launchBrowser(),
    launchBrowser(SOFTWARE_WEBGPU),
  ]);
  const driver = await openPage(plainBrowser, plainSite);
  reference = await explain(driver, AUTO);
  await driver.page.context().close();
}, 120_000);
afterAll(() => Promise.all([plainBrowser.close(), gpuBrowser.close(), plainSite.close(), isolatedSite.close()]));

test('messages are heard in the middle of a long computation', async () => {
  const page = await plainBrowser.newPage();
  await addModule(page, 'src/engine/macrotask.ts', 'macrotask');
  const heard = await page.evaluate(async () => {
    function* busy(): Generator<undefined, string, undefined> {
      for (let i = 0; i < 20; i++) {
        for (const began = performance.now(); performance.now() - began < 6;);
        yield undefined;
      }
      return 'result';
    }
    const list: string[] = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => list.push('message');
    const { inSlices: run } = (globalThis as unknown as { macrotask: { inSlices: typeof inSlices } }).macrotask;
    const done = run(busy()).then((result) => list.push(result));
    port2.postMessage(null);
    await done;
    return list;
  });
  expect(heard).toEqual(['message', 'result']);
  await page.close();
});

function expectEqual(result: Result): void {
  const ids = (tokens: readonly Token[]): readonly number[] => tokens.map((token) => token.id);
  expect(ids(result.encoded.source)).toEqual(ids(reference.encoded.source));
  expect(ids(result.generated.target)).toEqual(ids(reference.generated.target));
  expect(result.weights.length).toBe(reference.weights.length);
  for (const [i, weights] of result.weights.entries())
    expect(largestDifference(weights.data, reference.weights[i]?.data ?? [])).toBeLessThan(1e-3);
}

describe('WASM', () => {
  test('runs where WebGPU has no adapter, and says why', () => {
    const { provider } = reference.started;
    expect(provider).toMatchObject({ provider: 'wasm', build: 'cpu', threads: 1 });
    expect(provider.reason).toMatch(/WebGPU/);
    expect(reference.report.kinds.map((info) => info.kind)).toEqual(['encoder', 'decoder', 'cross']);
    expect(reference.generated.end).toBe('end-of-sequence');
    expect(
      reference.weights.every((weights) => weights.data.length === weights.layers * weights.heads * weights.length),
    ).toBe(true);
  });

  test('with threads where the page is cross-origin isolated: the same', async () => {
    const driver = await openPage(plainBrowser, isolatedSite);
    const result = await explain(driver, { ...AUTO, preference: 'wasm' });
    expect(result.started.isolated).toBe(true);
    expect(result.started.provider.threads).toBeGreaterThan(1);
    expectEqual(result);
    await driver.page.context().close();
  });

  test('is taken instead of a software adapter, and WebGPU by force is refused with what to do', async () => {
    const driver = await openPage(gpuBrowser, plainSite);
    const { provider } = value(await driver.start(AUTO));
    expect(provider.provider).toBe('wasm');
    expect(provider.reason).toMatch(/software.*swiftshader/i);
    expect(codeOf(await driver.start({ preference: 'webgpu', allowSoftwareAdapter: false }))).toBe(
      'PROVIDER_UNAVAILABLE',
    );
    await driver.page.context().close();
  });
});

describe('one worker', () => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await openPage(plainBrowser, plainSite);
    value(await driver.start({ ...AUTO, preference: 'wasm' }));
    value(await driver.load(MODEL, BUNDLED_FILES));
  }, 60_000);
  afterAll(() => driver.page.context().close());
  const ask = (explanation: string, text = TEXT): Promise<Plain<EncodedText>> =>
    driver.call('explain', { explanation, model: { modelId: MODEL, version: '' }, text, windowStart: 0 });

  test('an abort ends a generation within a step; what was generated stays and goes on', async () => {
    // Written to a given length, so that it is still going on when a busy machine's page comes to stop it.
    const length = 100;
    const decoding = { ...reference.report.decoding, minNewTokens: length, maxNewTokens: length };
    const long = (explanation: string) => ({ explanation, maxSteps: length, decoding });
    value(await ask('whole'));
    const whole = value(await driver.call('generate', long('whole')));
    expect(whole.steps.length).toBe(length);
    value(await ask('abort'));
    await driver.steps();
    const [answer] = await Promise.all([
      driver.call('generate', long('abort'), 'stop'),
      driver.page.evaluate(async () => {
        const { page } = globalThis as unknown as { page: { steps(): unknown[]; abort(name: string): void } };
        for (let seen = 0; seen < 2; seen += page.steps().length)
          await new Promise((resolve) => setTimeout(resolve, 1));
        page.abort('stop');
      }),
    ]);
    const stopped = value(answer);
    expect(stopped.end).toBe('stopped');
    expect(stopped.steps.length).toBeLessThan(length);
    const rest = value(await driver.call('generate', long('abort')));
    expect(rest.target.map((token) => token.id)).toEqual(whole.target.map((token) => token.id));
  });

  test('a second explanation ends the first one’s generation cleanly', async () => {
    value(await ask('first'));
    const [first, second] = await Promise.all([
      driver.call('generate', { explanation: 'first', maxSteps: 40 }),
      ask('second'),
    ]);
    expect(value(first).end).toBe('stopped');
    expect(value(second).source.length).toBe(reference.encoded.source.length);
  });

  test('branch, force and restart', async () => {
    value(await ask('tree'));
    const { steps } = value(await driver.call('generate', { explanation: 'tree', maxSteps: 40 }));
    const other = steps[1]?.top[1];
    const branched = value(await driver.call('branch', { explanation: 'tree', step: 1, token: other?.id }));
    expect(branched.steps[1]).toMatchObject({ origin: 'branch', rank: 2, chosen: { id: other?.id } });
    expect(branched.target.length).toBe(3);
    value(await driver.call('generate', { explanation: 'tree', maxSteps: 2 }));
    const forced = value(await driver.call('force', { explanation: 'tree', text: 'Le chat' }));
    expect(forced.steps.every((step) => step.origin === 'forced')).toBe(true);
    // A forced beginning is not an end: the model goes on from it, and comes to an end of its own.
    expect(forced.end).toBe('forced');
    const gone = value(await driver.call('generate', { explanation: 'tree', maxSteps: 40 }));
    expect(gone.end).toBe('end-of-sequence');
    expect(gone.target.slice(0, forced.target.length)).toEqual(forced.target);
    expect(gone.target.length).toBeGreaterThan(forced.target.length);
    const none = value(await driver.call('branch', { explanation: 'tree', step: 0, token: -1 }));
    expect([none.steps.length, none.target.length]).toEqual([0, 1]);
    const again = value(await driver.call('generate', { explanation: 'tree', maxSteps: 40 }));
    expect(again.target.map((token) => token.id)).toEqual(reference.generated.target.map((token) => token.id));
  });

  test('a text longer than the model takes is cut, says where, and another window can be chosen', async () => {
    const long = 'the old house by the sea was empty '.repeat(180);
    const first = value(await ask('long', long));
    expect(first.window.start).toBe(0);
    expect(first.window.end).toBeLessThan(first.window.totalTokens);
    expect(first.source.length).toBe(reference.report.maxTokens);
    expect(long.slice(0, first.window.endOffset).length).toBeLessThan(long.length);
    const next = value(
      await driver.call('explain', {
        explanation: 'long',
        model: { modelId: MODEL, version: '' },
        text: long,
        windowStart: first.window.end,
      }),
    );
    expect(next.window.start).toBe(first.window.end);
    expect(next.window.startOffset).toBeGreaterThanOrEqual(first.window.endOffset);
    expect(next.window.end - next.window.start).toBe(first.window.end);
    const last = value(
      await driver.call('explain', {
        explanation: 'long',
        model: { modelId: MODEL, version: '' },
        text: long,
        windowStart: next.window.end,
      }),
    );
    expect([last.window.end, last.window.endOffset]).toEqual([last.window.totalTokens, long.length]);
    expect(last.source.length).toBeLessThan(first.source.length);
  });

  test('strange texts: a sentence each, and the worker lives', async () => {
    expect(codeOf(await ask('blank', ' \n\t '))).toBe('EMPTY_SELECTION');
    expect(codeOf(await ask('large', 'x'.repeat(1_000_001)))).toBe('SELECTION_TOO_LARGE');
    for (const text of [
      'a\u0000b',
      '\ud800 alone \udc00',
      'مرحبا بالعالم',
      '</script><b>',
      '👩‍👩‍👧 e\u0301',
      'line\r\nbreak\ttab',
    ])
      value(await ask('strange', text));
  });

  test('a million characters are tokenised and windowed', async () => {
    const { window } = value(await ask('million', 'word after word, '.repeat(58_800)));
    expect(window.totalTokens).toBeGreaterThan(100_000);
  });

  test('what was released is gone, and unknown things are refused', async () => {
    value(await ask('gone'));
    value(await driver.call('release', { explanation: 'gone' }));
    expect(codeOf(await driver.call('head', { explanation: 'gone', kind: 'encoder', layer: 0, head: 0 }))).toBe(
      'EXPLANATION_GONE',
    );
    expect(codeOf(await driver.call('start', { build: 'cpu' }))).toBe('INVALID_REQUEST');
  });

  test('what does not fit its schema is refused in the worker, which goes on', async () => {
    value(await ask('before'));
    for (const [method, request] of [
      ['explain', { explanation: 'wrong', model: MODEL, text: 'A cat.', windowStart: 0 }],
      ['head', { explanation: 'before', kind: 'encoder', layer: 0.5, head: 0 }],
      ['tokenWeights', { explanation: 'before', sequence: 'source', indices: 'all' }],
      ['file', { modelId: MODEL, version: '', path: 'config.json', bytes: 'text' }],
    ] as const)
      expect(await driver.call(method, request)).toMatchObject({
        error: { code: 'INVALID_REQUEST', message: expect.stringContaining(method) as string },
      });
    value(await driver.call('head', { explanation: 'before', kind: 'encoder', layer: 0, head: 0 }));
    expect(await driver.death()).toBe('');
  });

  test('missing and cut files are named', async () => {
    expect(
      await driver.load(
        MODEL,
        BUNDLED_FILES.filter((path) => !path.endsWith('.onnx')),
      ),
    ).toMatchObject({ error: { code: 'MODEL_FILE_MISSING' } });
    // An encoder alone is a model that reads.
    expect(
      await driver.load(
        MODEL,
        BUNDLED_FILES.filter((path) => !path.includes('decoder')),
      ),
    ).toMatchObject({ value: { report: { family: 'encoder-only' } } });
    expect(
      codeOf(
        await driver.load(
          MODEL,
          BUNDLED_FILES.filter((path) => path !== 'tokenizer.json'),
        ),
      ),
    ).toBe('TOKENIZER_MISSING');
    expect(await driver.load(MODEL, BUNDLED_FILES, { path: 'onnx/encoder_model.onnx', length: 400_000 })).toMatchObject(
      {
        error: { code: 'MODEL_FILE_CUT', message: expect.stringContaining('encoder_model.onnx') as string },
      },
    );
    expect(codeOf(await driver.load(MODEL, BUNDLED_FILES, { path: 'config.json', length: 100 }))).toBe(
      'MODEL_CONFIG_INVALID',
    );
    expect(codeOf(await driver.load(MODEL, BUNDLED_FILES, { path: 'tokenizer.json', length: 1000 }))).toBe(
      'TOKENIZER_INVALID',
    );
    expect(codeOf(await ask('none'))).toBe('INVALID_REQUEST');
    value(await driver.load(MODEL, BUNDLED_FILES));
    value(await ask('after'));
  });

  test('unloading and loading again, several times', async () => {
    for (let i = 0; i < 3; i++) {
      // A model that is loaded again takes the place of the one before, which is unloaded.
      value(await driver.load(MODEL, BUNDLED_FILES));
    }
    value(await ask('still'));
  });
});

test('a worker that dies is noticed, and another one can be started', async () => {
  const driver = await openPage(plainBrowser, plainSite);
  value(await driver.start({ ...AUTO, preference: 'wasm' }));
  value(await driver.load(MODEL, BUNDLED_FILES));
  const worker = driver.page.workers()[0];
  await worker?.evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('killed');
      }),
  );
  await expect.poll(() => driver.death()).toBe('ENGINE_LOST');
  expect(codeOf(await driver.call('use', { modelId: MODEL, version: '' }))).toBe('ENGINE_LOST');
  value(await driver.start({ ...AUTO, preference: 'wasm' }));
  value(await driver.load(MODEL, BUNDLED_FILES));
  await driver.page.context().close();
});
