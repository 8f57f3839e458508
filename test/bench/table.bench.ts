/**
 * Nearest tokens in a table of embeddings as large as any: 128,000 tokens of 2,048 numbers. What the lesson's station of embeddings
 * takes beside a plain pass over the same text, and the longest time in which the engine's thread answers nothing meanwhile.
 */
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { nextTask } from '../../src/engine/macrotask';
import { loadModel } from '../../src/engine/model/loadedModel';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { wordTokenizer } from '../parity/wordTokenizer';
import { lessonOf } from '../support/lessonOf';
import { median, report, wall } from './measure';
import { randomEncoder } from './randomModel';

const VOCABULARY = 128_000;
const RUNS = 7;
const NEVER = new AbortController().signal;

useNodeRuntime();
const { bytes, table, config } = randomEncoder({
  layers: 2,
  heads: 16,
  width: 2048,
  inner: 2048,
  vocabulary: VOCABULARY,
  beside: 'model.onnx.data',
});
const files = {
  'config.json': new TextEncoder().encode(JSON.stringify(config)),
  'tokenizer.json': wordTokenizer(VOCABULARY),
  'model.onnx': bytes,
  'model.onnx.data': new Uint8Array(table.buffer),
};
const provider = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' } as const;
const model = await loadModel(
  { modelId: 'table', version: '', name: 'table', files },
  provider,
  () => undefined,
  NEVER,
);
const words = Array.from({ length: 20 }, (_, at) => `w${at * 5000 + 7}`).join(' ');
const { explanation } = await ComputedExplanation.create('a', words, 0, model);

/** The longest time in which no message could be answered: messages to oneself are sent as long as something is watched. */
let longest = 0;
const watched = new AbortController();
void (async () => {
  for (let last = performance.now(); !watched.signal.aborted;) {
    await nextTask();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
})();

async function station(stage: 'embedding' | 'stream', token: number): Promise<number> {
  return wall(() => lessonOf(explanation, { kind: 'encoder', stage, layer: 0, head: 0, token, feature: 0 }, files));
}

/** The sessions are made. */
await station('embedding', 0);
const times: Record<'embedding' | 'stream', number[]> = { embedding: [], stream: [] };
const waits: Record<'embedding' | 'stream', number[]> = { embedding: [], stream: [] };
for (let run = 1; run <= RUNS; run++)
  for (const stage of ['embedding', 'stream'] as const) {
    longest = 0;
    times[stage].push(await station(stage, run));
    await nextTask();
    waits[stage].push(longest);
  }
watched.abort();
const row = {
  group: 'nearest of 128,000 tokens of 2,048 numbers, 20 tokens of text',
  unit: 'ms',
  runs: RUNS,
  note: 'wall clock',
};
for (const [stage, name] of [
  ['stream', 'a station that compares nothing'],
  ['embedding', 'the station of embeddings, with the nearest tokens'],
] as const) {
  report({ ...row, name, value: median(times[stage]) });
  report({ ...row, name: `${name}: longest time without an answer`, value: median(waits[stage]) });
}
process.exit(0);
