/**
 * The whole explanation (every weight of every head, true probabilities) against @huggingface/transformers' bare
 * generation with the same files, on the same WebAssembly runtime, one thread.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as ort from 'onnxruntime-web/webgpu';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel } from '../../src/engine/model/loadedModel';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { BUNDLED, readFolder } from '../parity/reference';
import { cpu, inTurn, median, ratio, report } from './measure';

const TEXTS = {
  short: 'The cat sat on the mat.',
  long: 'When I was a child we lived in a small house near the sea, and every morning my father went out in his boat before the sun came up, while my mother made bread and told us stories about her own family.',
};
const RUNS = 31;
useNodeRuntime();
// transformers.js takes the runtime that it finds here, instead of the native one that it uses in Node (where it gives paths).
const create = (
  model: string | Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(typeof model === 'string' ? readFileSync(model) : model, options);
Object.assign(globalThis, { [Symbol.for('onnxruntime')]: { ...ort, InferenceSession: { create } } });
const { AutoTokenizer, AutoModelForSeq2SeqLM, env } = await import('@huggingface/transformers');

const never = new AbortController().signal;
const load = () =>
  loadModel(
    { modelId: 'x', version: '', name: 'x', files: readFolder(BUNDLED) },
    { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' },
    () => undefined,
    never,
  );
const first = await cpu(async () => (await load()).dispose());
const loads: number[] = [];
for (let i = 0; i < 5; i++) loads.push(await cpu(async () => (await load()).dispose()));
report({
  group: 'load',
  name: 'first load in a process: runtime, tap, sessions, self-test',
  value: first,
  unit: 'ms',
  runs: 1,
});
report({
  group: 'load',
  name: 'later loads: tap, sessions, self-test',
  value: median(loads),
  unit: 'ms',
  runs: loads.length,
});

const model = await load();
env.allowRemoteModels = false;
env.localModelPath = dirname(BUNDLED);
const options = {
  dtype: 'fp32',
  device: 'auto',
  local_files_only: true,
  session_options: { executionProviders: ['wasm'] },
} as const;
const tokenizer = await AutoTokenizer.from_pretrained('en-fr', { local_files_only: true });
const other = await AutoModelForSeq2SeqLM.from_pretrained('en-fr', options);

for (const [name, text] of Object.entries(TEXTS)) {
  const perToken: number[] = [];
  const firstToken: number[] = [];
  let ours: readonly number[] = [];
  let theirs: readonly number[] = [];
  const explain = async (): Promise<void> => {
    const began = performance.now();
    let until = 0;
    const { explanation } = await ComputedExplanation.create('e', text, 0, model);
    const result = await explanation.generate(255, never, () => (until ||= performance.now()));
    firstToken.push(until - began);
    perToken.push((performance.now() - until) / Math.max(1, result.steps.length - 1));
    ours = result.target.map((token) => token.id);
    explanation.dispose();
  };
  const generate = async (): Promise<void> => {
    const inputs = tokenizer(text) as Record<string, unknown>;
    const output = (await other.generate({ ...inputs, max_new_tokens: 255, num_beams: 1, do_sample: false })) as {
      tolist(): (number | bigint)[][];
    };
    theirs = (output.tolist()[0] ?? []).map(Number);
  };
  const search = async (): Promise<void> => {
    const { explanation } = await ComputedExplanation.create('e', text, 0, model);
    await explanation.generate(255, never, () => undefined, { ...model.report.decoding, numBeams: 4 });
    explanation.dispose();
  };
  const [bare = [], whole = []] = await inTurn([generate, explain], RUNS, 5);
  const [alone = [], searched = []] = await inTurn([explain, search], Math.ceil(RUNS / 4), 1);
  const group = `explanation, ${name} text (${ours.length - 1} tokens generated)`;
  report({
    group,
    name: 'transformers.js, generation only',
    value: median(bare),
    unit: 'ms',
    runs: RUNS,
    note:
      JSON.stringify(ours) === JSON.stringify(theirs)
        ? 'same tokens'
        : `other tokens: ${theirs.join(' ')} instead of ${ours.join(' ')}`,
  });
  report({
    group,
    name: 'Explain Attention, every weight',
    value: median(whole),
    unit: 'ms',
    runs: RUNS,
    note: `${ratio(bare, whole).toFixed(2)} of transformers.js`,
  });
  report({
    group,
    name: 'beam search, 4 beams, and every weight of the best one',
    value: median(searched),
    unit: 'ms',
    runs: searched.length,
    note: `${ratio(alone, searched).toFixed(2)} of one text`,
  });
  report({ group, name: 'time to first token', value: median(firstToken), unit: 'ms', runs: RUNS, note: 'wall clock' });
  report({ group, name: 'each further token', value: median(perToken), unit: 'ms', runs: RUNS, note: 'wall clock' });
}
// The engine's message channel would keep the process alive.
process.exit(0);
