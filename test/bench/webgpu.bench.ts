/**
 * The shipped engine in a real Chromium on this machine's graphics card, beside WASM with one thread and with four: the bundled model,
 * and up to 4,000 tokens of a decoder of 12 layers and 12 heads of width 64 with random weights. Wall clock, as what a card does is no
 * processor time. Only where `EXPLAIN_WEBGPU_CARD` says how Chromium is given the card: a software adapter's times say nothing.
 */
import type { Browser } from 'playwright-core';
import type { TokenWeights } from '../../src/attention/types';
import { launchBrowser, CARD, openPage, serveEngine, type Driver } from '../parity/engineBrowser';
import type { Plain } from '../parity/enginePage';
import { randomDecoder } from '../parity/randomDecoder';
import { largestDifference } from '../parity/reference';
import { BUNDLED_FILES } from '../support/bundledFiles';
import { median, report, wall } from './measure';

if (CARD === undefined) {
  console.log('EXPLAIN_WEBGPU_CARD is not set: nothing is measured on a graphics card.');
  process.exit(0);
}
const BUNDLED = '/models/en-fr';
/** The weights of the first are kept, queries and keys of the others. */
const LONG = [1000, 2000, 4000];
const MODEL = 'decoder-only, 12 layers, 12 heads of width 64';
const RUNS = 9;
const SENTENCE = 'The old teacher who lives near the river gave her students a book about the stars. ';

const long = Object.entries(randomDecoder({ layers: 12, heads: 12, size: 64 }));
const more = Object.fromEntries(long.map(([path, bytes]) => [`/long/${path}`, bytes]));
const [plain, isolated] = await Promise.all([serveEngine(false, more), serveEngine(true, more)]);
const browser: Browser = await launchBrowser(CARD);

function value<T>(answer: Plain<T>): T {
  if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

interface Way {
  readonly name: string;
  readonly driver: Driver;
}

async function start(name: string, site: typeof plain, preference: 'webgpu' | 'wasm'): Promise<Way> {
  const driver = await openPage(browser, site);
  const { provider, runtime } = value(await driver.start({ preference, allowSoftwareAdapter: false }));
  const note = `${provider.adapter} threads: ${provider.threads}`;
  report({ group: 'a graphics card', name: `${name}: runtime started`, value: runtime, unit: 'ms', runs: 1, note });
  return { name, driver };
}

const read = (driver: Driver, modelId: string, text: string) =>
  driver.call('explain', { explanation: 'a', model: { modelId, version: '' }, text, windowStart: 0 });

const ways = [
  await start('WebGPU', plain, 'webgpu'),
  await start('WASM', plain, 'wasm'),
  await start('WASM, threads', isolated, 'wasm'),
];

for (const { driver, name } of ways) {
  const { milliseconds } = value(await driver.load(BUNDLED, BUNDLED_FILES));
  const note = 'sessions and self-test';
  report({ group: 'the bundled model', name: `${name}: load`, value: milliseconds, unit: 'ms', runs: 1, note });
}
for (const sentences of [1, 6, 25]) {
  const text = SENTENCE.repeat(sentences).trim();
  const times = new Map<string, { readonly reading: number[]; readonly writing: number[] }>();
  let tokens = 0;
  let written = 0;
  for (let run = -2; run < RUNS; run++)
    for (const { driver, name } of ways) {
      const of = times.get(name) ?? { reading: [], writing: [] };
      times.set(name, of);
      const reading = await wall(async () => (tokens = value(await read(driver, BUNDLED, text)).source.length));
      const writing = await wall(async () => {
        written = value(await driver.call('generate', { explanation: 'a', maxSteps: 24 })).steps.length;
      });
      if (run < 0) continue;
      of.reading.push(reading);
      of.writing.push(writing / written);
    }
  const group = `the bundled model, ${tokens} tokens`;
  for (const [name, { reading, writing }] of times) {
    report({ group, name: `${name}: text read, every weight`, value: median(reading), unit: 'ms', runs: RUNS });
    report({
      group,
      name: `${name}: each generated token, every weight`,
      value: median(writing),
      unit: 'ms',
      runs: RUNS,
    });
  }
}

let expected: readonly TokenWeights[] | undefined;
for (const { driver, name } of [ways[2], ways[0]].filter((way) => way !== undefined)) {
  const { milliseconds } = value(await driver.load('/long', ['config.json', 'tokenizer.json', 'model.onnx']));
  report({ group: MODEL, name: `${name}: load`, value: milliseconds, unit: 'ms', runs: 1 });
  for (const tokens of LONG) {
    const words = Array.from({ length: tokens }, (_, at) => `w${4 + ((at * at + 3 * at) % 90)}`).join(' ');
    const group = `${tokens} tokens, ${MODEL}`;
    const reading = await wall(async () => value(await read(driver, '/long', words)));
    report({ group, name: `${name}: reading`, value: reading, unit: 'ms', runs: 1 });
    const step = await wall(async () => value(await driver.call('generate', { explanation: 'a', maxSteps: 8 })));
    report({ group, name: `${name}: each generated token`, value: step / 8, unit: 'ms', runs: 8 });
  }
  const rows: TokenWeights[] = [];
  for (const index of [5, 2000, 3999])
    rows.push(...value(await driver.call('tokenWeights', { explanation: 'a', sequence: 'target', indices: [index] })));
  if (expected) {
    const off = Math.max(...rows.map(({ data }, at) => largestDifference(data, expected?.[at]?.data ?? [])));
    const group = `${LONG.at(-1)} tokens, ${MODEL}`;
    report({ group, name: `${name}: farthest from WASM`, value: off * 1e6, unit: 'e-6', runs: rows.length });
  }
  expected ??= rows;
}
await browser.close();
process.exit(0);
