/**
 * Every fixture by the shipped engine in a real Chromium, on WebGPU (a software adapter, or the graphics card where
 * `EXPLAIN_WEBGPU_CARD` says how Chromium is given it) and on WASM: weights and probabilities against the reference of `transformers`,
 * steps against each other. int8 files run on WASM in both (their results on WebGPU are wrong).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenWeights } from '../../src/attention/types';
import type { DecoderStep } from '../../src/protocol/engine';
import { SOFTWARE_WEBGPU } from '../support/chromium';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import { launchBrowser, CARD, openPage, serveEngine, type Driver, type Site } from './engineBrowser';
import type { Plain } from './enginePage';
import { randomDecoder } from './randomDecoder';
import { largestDifference, readReference, referenceOf } from './reference';
import { toleranceOf } from './tolerance';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = 'test/fixtures/transformers';
const FIXTURES = readdirSync(join(ROOT, FOLDER), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** Refused on either provider: banded attention is no [heads, queries, keys] map. */
const REFUSED = new Set(['eager-longformer']);
/** Need an adapter with `shader-f16`, which the software one has not: said so when it is loaded, with a code. */
const HALF = new Set(['fp16-bert', 'fp16-bert-ort-saved', 'torch-fp16-bert']);
/** Cannot run yet on the runtime's WebGPU provider: said so when it is loaded, with a code. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'ortfused-bert-MultiHeadAttention': 'MODEL_UNSUPPORTED', // key_padding_mask is not implemented for WebGPU
  // The kernel leaves out `softcap` (onnxruntime 27461; shown below), so that it gives another result than weights times values.
  'genai-gemma2-window': 'SELFTEST_FAILED',
};
/** Made for WebGPU: on WASM it is refused, with the code that says so. */
const WEBGPU_ONLY = new Set(['genai-qwen3-webgpu']);
/** From the reference: what the fixtures' README asks for, on either provider. */
function agreementOf(name: string): number {
  // Six int8 layers: one unit that is rounded the other way grows, as transformer.test.ts has it too.
  return name === 'quantized-bert-deep' ? 2e-2 : toleranceOf(join(ROOT, FOLDER, name)).weights;
}

function value<T>(answer: Plain<T>): T {
  if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

interface Result {
  readonly weights: readonly TokenWeights[];
  readonly steps: readonly DecoderStep[];
  /** The largest difference from the reference: of weights, and of the ten largest probabilities after the last token. */
  readonly off: { readonly weights: number; readonly probabilities: number };
}

/** The text that the tokenizer of the tests makes these ids of. */
const textOf = (ids: readonly number[]): string => ids.map((id) => String.fromCharCode(28 + id)).join('');

/** Where a fixture is served, and which of its files are loaded. */
function servedFixture(fixture: string): { readonly folder: string; readonly files: readonly string[] } {
  const folder = `/${FOLDER}/${fixture}`;
  const graphs = readdirSync(join(ROOT, folder)).filter((name) => name.includes('.onnx'));
  return { folder, files: ['config.json', 'tokenizer.json', 'tokenizer_config.json', ...graphs] };
}

/** Explains the reference's own tokens (teacher-forced where there is a decoder of its own), and generates three more. */
async function run(driver: Driver, fixture: string): Promise<Result> {
  const { folder, files } = servedFixture(fixture);
  const reference = readReference(fixture);
  const { report } = value(await driver.load(folder, files));
  const explanation = fixture;
  const { source } = value(
    await driver.call('explain', {
      explanation,
      model: { modelId: folder, version: '' },
      text: textOf(reference.input_ids),
      windowStart: 0,
    }),
  );
  // One token more than the reference has, so that its last one is fed in the same pass: int8 rounds by pass.
  const given = reference.decoder_input_ids?.slice(1) ?? [];
  const forced =
    report.family === 'encoder-decoder'
      ? value(await driver.call('force', { explanation, text: textOf([...given, ...given.slice(-1)]) }))
      : undefined;
  const targets = report.family === 'encoder-only' ? 0 : (reference.decoder_input_ids ?? reference.input_ids).length;
  const weights: TokenWeights[] = [];
  let off = 0;
  for (const [sequence, length] of [
    ['source', source.length],
    ['target', targets],
  ] as const) {
    for (let index = 0; index < length; index++) {
      const answers = value(await driver.call('tokenWeights', { explanation, sequence, indices: [index] }));
      weights.push(...answers);
      for (const answer of answers.filter(({ role }) => role === 'query'))
        off = Math.max(off, rowDifference(answer, index, referenceOf(reference, answer.kind)));
    }
  }
  if (forced) value(await driver.call('branch', { explanation, step: 0, token: -1 }));
  const { steps } =
    report.family === 'encoder-only'
      ? { steps: [] }
      : value(await driver.call('generate', { explanation, maxSteps: 3 }));
  value(await driver.call('release', { explanation }));
  const last = forced ? forced.steps[targets - 1] : steps[0];
  return {
    weights,
    steps,
    off: { weights: off, probabilities: last ? probabilityDifference(last, reference.logits_last.data) : 0 },
  };
}

/** One query's row in every layer and head against the reference's, which has no padding behind it. */
function rowDifference(
  { data, layers, heads, length }: TokenWeights,
  query: number,
  wanted: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[],
): number {
  if (wanted.length !== layers) return Infinity;
  // It has come out of a page, as a list.
  const all = Array.from(data);
  let worst = 0;
  for (const [layer, { shape, data: expected }] of wanted.entries()) {
    const [, queries = 0, keys = 0] = shape;
    for (let head = 0; head < heads; head++) {
      const own = all.slice((layer * heads + head) * length, (layer * heads + head) * length + keys);
      worst = Math.max(
        worst,
        largestDifference(own, expected.slice((head * queries + query) * keys, (head * queries + query + 1) * keys)),
      );
    }
  }
  return worst;
}

function probabilityDifference({ top }: DecoderStep, logits: readonly number[]): number {
  const most = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return Math.max(
    ...top.map(({ id, probability }) => Math.abs(probability - Math.exp((logits[id] ?? Number.NaN) - most) / total)),
  );
}

const SOFTCAPPED = ['config.json', 'tokenizer.json', 'model.onnx', 'model.onnx.data'];

/** Everywhere in a file, other bytes in the place of the ones that follow an attribute's name. */
function edited(file: Buffer, name: string, from: readonly number[], to: readonly number[]): Buffer {
  const copy = Buffer.from(file);
  const found = Buffer.concat([Buffer.from(name), Buffer.from(from)]);
  for (let at = copy.indexOf(found); at >= 0; at = copy.indexOf(found, at + 1)) copy.set(to, at + name.length);
  expect(copy.equals(file)).toBe(false);
  return copy;
}

/** The Gemma-2 fixture with its window of 8 and no softcap, and with softcap and a window wider than any text here. */
function softcapped(): Readonly<Record<string, string | Uint8Array>> {
  const folder = join(ROOT, FOLDER, 'genai-gemma2-window');
  const model = readFileSync(join(folder, 'model.onnx'));
  // A protobuf float (field 2, 50.0) and an integer (field 3, 8).
  const files = {
    window: edited(model, 'softcap', [0x15, 0, 0, 0x48, 0x42], [0x15, 0, 0, 0, 0]),
    softcap: edited(model, 'local_window_size', [0x18, 8], [0x18, 63]),
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, bytes]): [string, string | Uint8Array][] => [
      [`/softcapped/${name}/model.onnx`, bytes],
      [`/softcapped/${name}/tokenizer.json`, asciiTokenizer()],
      ...['config.json', 'model.onnx.data'].map((path): [string, Uint8Array] => [
        `/softcapped/${name}/${path}`,
        readFileSync(join(folder, path)),
      ]),
    ]),
  );
}

/** A model that writes alone and one that reads and writes; on a card, where that takes no time, others too. */
const BESIDE = ['eager-gpt2', 'sdpa-marian', ...(CARD ? ['sdpa-bert', 'eager-t5', 'genai-llama-fp32-cpu'] : [])];
/** How far numbers made of many others may be apart, as a share of what is compared. */
const APART = 2e-3;

/** Where two answers differ: in what is there, in words, or in numbers by more than `APART`. */
function farthest(one: unknown, other: unknown, path = ''): string[] {
  if (typeof one === 'number' && typeof other === 'number') {
    const isTime = /milliseconds$/.test(path);
    const isNear = one === other || Math.abs(one - other) <= APART * Math.max(1, Math.abs(other));
    return isTime || isNear ? [] : [`${path}: ${one} and ${other}`];
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other ? [] : [`${path}: ${String(one)} and ${String(other)}`];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) => farthest(Reflect.get(one, name), Reflect.get(other, name), `${path}/${name}`));
}

/** What is asked beside a plain run, by name; in the place of an answer an error's code. */
async function besides(driver: Driver, fixture: string): Promise<Readonly<Record<string, unknown>>> {
  const { folder, files } = servedFixture(fixture);
  const explanation = `beside ${fixture}`;
  const { report } = value(await driver.load(folder, files));
  const kind = report.kinds[0]?.kind ?? 'encoder';
  const sequence = report.family === 'decoder-only' ? 'target' : 'source';
  const model = { modelId: folder, version: '' };
  value(await driver.call('explain', { explanation, model, text: 'Hello there', windowStart: 0 }));
  if (report.family !== 'encoder-only') value(await driver.call('generate', { explanation, maxSteps: 3 }));
  const answers: Record<string, unknown> = {};
  const note = (name: string, answer: Plain<unknown>): void => {
    answers[name] = 'error' in answer ? `${answer.error.code}: ${answer.error.message}` : answer.value;
  };
  const place = { kind, layer: 1, head: 1 };
  const ask = async (name: string, method: Parameters<Driver['call']>[0], request: object): Promise<void> =>
    note(name, await driver.callWithFiles(method, { explanation, ...request }, folder, files));
  for (const measure of ['moved', 'contribution'] as const) {
    await ask(measure, 'measure', { measure });
    note(`rows of ${measure}`, await driver.call('tokenWeights', { explanation, sequence, indices: [1], measure }));
  }
  await ask('heads off', 'headsOff', { off: [place] });
  await ask('what heads are worth', 'headCosts', { kind });
  await ask('left out', 'leaveOut', { ranges: [{ from: 1, to: 3 }], manner: 'removed', method: 'each' });
  await ask('lens', 'lens', { from: 1, count: 2 });
  await ask('attribution', 'attribution', { index: 2, token: 40, other: null });
  for (const stage of ['scores', 'feedForward'])
    await ask(`lesson: ${stage}`, 'lesson', { ...place, stage, token: 1, feature: 0 });
  value(await driver.call('release', { explanation }));
  return answers;
}

/** So many heads that the weights of so many tokens are too many to be kept. */
const LONG_TOKENS = 1300;
const LONG = { layers: 12, heads: 12, size: 8 };
const WIDE = { layers: 1, heads: 32, size: 8 };
const decoders = (): Readonly<Record<string, Uint8Array>> =>
  Object.fromEntries(
    Object.entries({ long: LONG, wide: WIDE }).flatMap(([name, of]) =>
      Object.entries(randomDecoder(of)).map(([path, bytes]) => [`/${name}/${path}`, bytes]),
    ),
  );

describe('WebGPU and WASM against the reference', () => {
  let site: Site;
  let browser: Browser;
  let wasm: Driver;
  let webgpu: Driver;
  let halfPrecision = false;

  beforeAll(async () => {
    const more = Object.fromEntries(
      FIXTURES.flatMap((name) => [
        [`/${FOLDER}/${name}/tokenizer.json`, asciiTokenizer()],
        [`/${FOLDER}/${name}/tokenizer_config.json`, asciiTokenizerConfig()],
      ]),
    );
    [site, browser] = await Promise.all([
      serveEngine(false, { ...more, ...softcapped(), ...decoders() }),
      launchBrowser(CARD ?? SOFTWARE_WEBGPU),
    ]);
    [wasm, webgpu] = await Promise.all([openPage(browser, site), openPage(browser, site)]);
    expect(value(await wasm.start({ preference: 'wasm', allowSoftwareAdapter: false })).provider.provider).toBe('wasm');
    const { provider } = value(await webgpu.start({ preference: 'webgpu', allowSoftwareAdapter: CARD === undefined }));
    expect(provider.provider).toBe('webgpu');
    console.log(`WebGPU runs on ${provider.adapter}.`);
    halfPrecision = await webgpu.page.evaluate(async () => {
      const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
      return adapter?.features.has('shader-f16') ?? false;
    });
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  test.each(FIXTURES.filter((name) => !REFUSED.has(name)))('%s', async (fixture) => {
    const refusal = HALF.has(fixture) && !halfPrecision ? 'MODEL_UNSUPPORTED' : NOT_HERE[fixture];
    if (refusal !== undefined) {
      await expect(run(webgpu, fixture)).rejects.toThrow(new RegExp(`^${refusal}: `));
      return;
    }
    const tolerance = agreementOf(fixture);
    // A graphics card adds halves up as halves: on an H100 weights were up to 0.007 from the reference.
    const ofDevice = HALF.has(fixture) ? 1e-2 : tolerance;
    const found = await run(webgpu, fixture);
    if (WEBGPU_ONLY.has(fixture)) {
      expect(Math.max(found.off.weights, found.off.probabilities)).toBeLessThanOrEqual(tolerance);
      await expect(run(wasm, fixture)).rejects.toThrow(/^WEBGPU_NEEDED: /);
      return;
    }
    const expected = await run(wasm, fixture);
    for (const [provider, { off }, most] of [
      ['wasm', expected, tolerance],
      ['webgpu', found, ofDevice],
    ] as const)
      expect(
        [off.weights, off.probabilities].every((difference) => difference <= most),
        JSON.stringify({ provider, ...off }),
      ).toBe(true);
    expect(found.weights.length).toBe(expected.weights.length);
    expect(expected.weights.length).toBeGreaterThan(0);
    for (const [i, weights] of found.weights.entries())
      expect(largestDifference(weights.data, expected.weights[i]?.data ?? [])).toBeLessThan(2 * ofDevice);
    expect(found.steps.map(({ chosen }) => chosen.id)).toEqual(expected.steps.map(({ chosen }) => chosen.id));
    for (const [i, step] of found.steps.entries())
      expect(Math.abs(step.chosen.probability - (expected.steps[i]?.chosen.probability ?? 0))).toBeLessThan(
        2 * ofDevice,
      );
  });

  test('GroupQueryAttention on WebGPU follows its window and leaves out softcap: without softcap the same file is right', async () => {
    for (const [name, right] of [
      ['window', true],
      ['softcap', false],
    ] as const) {
      const answer = await webgpu.load(`/softcapped/${name}`, SOFTCAPPED);
      expect('error' in answer ? answer.error.code : '', JSON.stringify(answer).slice(0, 500)).toBe(
        right ? '' : 'SELFTEST_FAILED',
      );
    }
  });

  test.each(BESIDE)(
    '%s: measures, heads off, words left out, lens, attribution and lesson are those of WASM',
    async (fixture) => {
      const [own, expected] = [await besides(webgpu, fixture), await besides(wasm, fixture)];
      expect(farthest(own, expected)).toEqual([]);
      expect(Object.entries(own).filter(([, answer]) => typeof answer === 'string')).toEqual([]);
    },
  );

  test('a decoder whose weights are those of queries and keys reads long texts here as on WASM', async () => {
    const { report } = value(await webgpu.load('/wide', ['config.json', 'tokenizer.json', 'model.onnx']));
    // Of 32 heads the weights of 3,274 tokens are kept at most; of more tokens, queries and keys.
    expect(report.maxTokens).toBe(4096);
  });

  // A software adapter would take minutes for it.
  if (CARD)
    test('a long text, kept as queries and keys, has the rows that it has on WASM, and steps after it', async () => {
      const words = Array.from({ length: LONG_TOKENS }, (_, at) => `w${4 + ((at * at + 3 * at) % 90)}`).join(' ');
      const explain = async (
        driver: Driver,
      ): Promise<{ readonly rows: readonly TokenWeights[]; readonly ids: readonly number[] }> => {
        value(await driver.load('/long', ['config.json', 'tokenizer.json', 'model.onnx']));
        const model = { modelId: '/long', version: '' };
        const { target } = value(
          await driver.call('explain', { explanation: 'long', model, text: words, windowStart: 0 }),
        );
        expect(target.length).toBe(LONG_TOKENS);
        const { steps } = value(await driver.call('generate', { explanation: 'long', maxSteps: 3 }));
        const rows: TokenWeights[] = [];
        for (const index of [700, LONG_TOKENS + 1])
          rows.push(
            ...value(await driver.call('tokenWeights', { explanation: 'long', sequence: 'target', indices: [index] })),
          );
        value(await driver.call('release', { explanation: 'long' }));
        return { rows, ids: steps.map(({ chosen }) => chosen.id) };
      };
      const [own, expected] = [await explain(webgpu), await explain(wasm)];
      expect(own.ids).toEqual(expected.ids);
      expect(own.rows.length).toBe(4);
      for (const [at, { data, role }] of own.rows.entries())
        // A column is a sum over rows.
        expect(largestDifference(data, expected.rows[at]?.data ?? [])).toBeLessThan(role === 'query' ? 2e-6 : 2e-5);
    });
});
