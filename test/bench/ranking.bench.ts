/**
 * Ranking. Words: a pass a word over a prompt of a 12-layer model, one by one (as the engine does it) against several shortened prompts
 * in one batch, of equal lengths and so without a mask: what a batch could bring at most. It brings nothing on one thread of WASM, and so
 * the engine makes none. Heads: all heads of the bundled model, for an output of 30 tokens, against as many teacher-forced passes.
 */
import * as ort from 'onnxruntime-web/webgpu';
import { GatedRuns } from '../../src/engine/ablation/gatedRuns';
import { gatesWithout } from '../../src/engine/ablation/gates';
import { headCosts } from '../../src/engine/ablation/headCosts';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { gatedGraphs } from '../support/gatedGraphs';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { bundledFiles } from '../support/bundledFiles';
import { bundledModel } from '../webview/realRun';
import { cpu, inTurn, median, ratio, report } from './measure';
import { randomEncoder } from './randomModel';

const RUNS = 3;
const SIZE = { layers: 12, heads: 12, width: 384, inner: 1536, vocabulary: 1000 };
const never = new AbortController().signal;

useNodeRuntime();
const session = await ort.InferenceSession.create(randomEncoder(SIZE).bytes, { executionProviders: ['wasm'] });
const pass = async (texts: number, tokens: number): Promise<void> => {
  const ids = BigInt64Array.from({ length: texts * tokens }, (_, at) => BigInt((at * 37) % SIZE.vocabulary));
  const outputs = await session.run({ input_ids: new ort.Tensor('int64', ids, [texts, tokens]) });
  for (const tensor of Object.values(outputs)) tensor.dispose();
};
for (const [tokens, batch] of [
  [300, 8],
  [300, 2],
  [30, 16],
] as const) {
  const [single = [], batched = []] = await inTurn(
    [
      async () => {
        for (let at = 0; at < batch; at++) await pass(1, tokens - 1);
      },
      () => pass(batch, tokens - 1),
    ],
    RUNS,
    1,
  );
  const group = `ranking the words of a ${tokens}-token prompt, 12 layers of width ${SIZE.width}, one thread`;
  report({
    group,
    name: `one by one, a word (beside batches of ${batch})`,
    value: median(single) / batch,
    unit: 'ms',
    runs: RUNS,
  });
  report({
    group,
    name: `in batches of ${batch}, a word`,
    value: median(batched) / batch,
    unit: 'ms',
    runs: RUNS,
    note: `takes ${ratio(single, batched).toFixed(2)} times as long as one by one`,
  });
}
await session.release();

const TEXT =
  'The cat sat on the mat because it was tired, and the dog that had chased it all morning slept beside the fire.';
const model = await bundledModel();
const { explanation } = await ComputedExplanation.create('one', TEXT, 0, model);
await explanation.generate(30, never, () => undefined);
const graphs = await gatedGraphs(model, bundledFiles());
const { kinds } = model.report;
const teacherForced = async (): Promise<void> => {
  const runs = new GatedRuns(model, graphs, explanation.sequences);
  await runs.logits(gatesWithout(kinds, []));
  runs.dispose();
};
const heads = kinds.reduce((sum, { layers, heads: own }) => sum + layers * own, 0);
const ratios: number[] = [];
for (let run = -1; run < RUNS; run++) {
  const passes = await cpu(async () => {
    for (let at = 0; at < 20; at++) await teacherForced();
  });
  const ranking = await cpu(async () => {
    for (const { kind } of kinds) await headCosts(explanation, graphs, { kind }, () => undefined, never);
  });
  if (run >= 0) ratios.push(ranking / ((heads + 1) * (passes / 20)));
}
report({
  group: `ranking the ${heads} heads of the bundled model, ${explanation.tokens.target.length - 1} tokens of output`,
  name: 'over (heads + 1) teacher-forced passes',
  value: median(ratios),
  unit: '×',
  runs: RUNS,
  note: 'at most 1.2 is wanted; each layer’s heads together are measured too',
});
explanation.dispose();
process.exit(0);
