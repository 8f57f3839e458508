/** Probes of an explained text, through the engine's own parts: made when asked for, counted, tested, and of the text as it stands. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { ModelShelf } from '../../src/engine/model/modelShelf';
import { checkProbes, probeText, setOf } from '../../src/engine/probes/probedText';
import type { ModelFiles, ProviderReport, TextProbeAnswer, TextProbeRequest } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, largestDifference, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;

function filesOf(name: string): ModelFiles {
  return { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
}

function load(name: string): Promise<LoadedModel> {
  useNodeRuntime();
  return loadModel({ modelId: name, version: '', name, files: filesOf(name) }, PROVIDER, () => undefined, NEVER);
}

/** As the service does it: sessions are made where they are not there yet. */
async function ask(
  model: LoadedModel,
  explanation: ComputedExplanation,
  wanted: Omit<TextProbeRequest, 'explanation'>,
): Promise<TextProbeAnswer> {
  const request = { explanation: explanation.id, ...wanted };
  const set = setOf(request);
  const graphs =
    model.probes.take(set) ??
    (await model.probes.make(set, filesOf(model.report.modelId), (made) => checkProbes(model, made, model.sample)));
  return probeText(model, graphs, explanation.sequences, request);
}

function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const parts = logits.map((value) => Math.exp(value - most));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((value) => value / sum);
}

const loaded: LoadedModel[] = [];
afterEach(async () => {
  for (const model of loaded.splice(0)) await model.dispose();
});

describe.each(['eager-gpt2', 'sdpa-marian', 'eager-t5', 'q4-llama', 'genai-llama-fp32-cpu', 'eager-gpt2-nocache'])(
  '%s',
  (name) => {
    test('probes are of the text as it was generated, and heads can be switched off', async () => {
      const model = await load(name);
      loaded.push(model);
      const plain = model.bytes;
      const { explanation } = await ComputedExplanation.create('a', 'Hello there', 0, model);
      const { steps } = await explanation.generate(3, NEVER, () => undefined);
      const rows = steps.map(({ index }) => index - 1);
      const answer = await ask(model, explanation, { probes: ['lens', 'weights', 'valueNorms'], rows });
      expect(model.bytes).toBeGreaterThan(plain);

      // The lens after the last block predicts what the model predicted step by step with its cache.
      const own = answer.tensors.filter(({ measure }) => measure === 'lens').at(-1);
      const size = own?.dims[2] ?? 0;
      for (const [place, step] of steps.entries()) {
        const row = softmax((own?.data ?? new Float32Array()).slice(place * size, (place + 1) * size));
        for (const { id, probability } of step.top.slice(0, 3))
          expect(Math.abs((row[id] ?? 0) - probability)).toBeLessThan(2e-3);
      }
      expect(answer.logits?.dims).toEqual([1, rows.length, size]);

      // The probabilities that a probe brings out are those that the tap has brought out before.
      for (const info of model.report.kinds) {
        const maps = answer.tensors.filter(({ measure, kind }) => measure === 'weights' && kind === info.kind);
        expect(maps.map(({ layer }) => layer)).toEqual(Array.from({ length: info.layers }, (_, layer) => layer));
        const [first] = maps;
        const [, heads = 0, queries = 0, keys = 0] = first?.dims ?? [];
        const [exact] = explanation.store
          .tokenWeights(info.queries, [1])
          .filter(({ kind, role }) => kind === info.kind && role === 'query');
        expect(exact).toBeDefined();
        const length = exact?.length ?? 0;
        expect(length).toBeGreaterThan(1);
        for (let head = 0; head < heads; head++) {
          const from = (head * queries + 1) * keys;
          const got = (first?.data ?? new Float32Array()).slice(from, from + keys);
          const wanted = (exact?.data ?? new Float32Array()).slice(head * length, (head + 1) * length);
          expect(largestDifference(got.slice(0, wanted.length), wanted)).toBeLessThan(1e-3);
        }
      }
      const norms = answer.tensors.filter(({ measure }) => measure === 'projectedValueNorm');
      expect(norms.length).toBe(model.report.kinds.reduce((sum, { layers }) => sum + layers, 0));
      expect(norms.every(({ data }) => data.every((value) => value > 0))).toBe(true);

      // Heads that are off change what is predicted; gates at one do not.
      const gatesOf = (value: number): NonNullable<TextProbeRequest['gates']> =>
        Object.fromEntries(
          model.report.kinds.map(({ kind, layers, heads }) => [
            kind,
            Array.from({ length: layers * heads }, () => value),
          ]),
        );
      const on = await ask(model, explanation, { probes: [], gates: gatesOf(1) });
      const off = await ask(model, explanation, { probes: [], gates: gatesOf(0) });
      const without = await ask(model, explanation, { probes: ['logits'] });
      expect(largestDifference(on.logits?.data ?? [], without.logits?.data ?? [])).toBeLessThan(1e-4);
      expect(largestDifference(on.logits?.data ?? [], off.logits?.data ?? [])).toBeGreaterThan(1e-2);
      await expect(
        ask(model, explanation, { probes: [], gates: { [model.report.kinds[0]?.kind ?? 'encoder']: [1] } }),
      ).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
      explanation.dispose();
    });
  },
);

test('what cannot be had comes back with its reason, and what nobody knows is refused', async () => {
  const model = await load('eager-bert');
  loaded.push(model);
  const { explanation } = await ComputedExplanation.create('a', 'Hello there', 0, model);
  const { tensors, gaps, logits } = await ask(model, explanation, { probes: ['lastNorm', 'streamAfter'] });
  expect(gaps).toEqual([
    {
      measure: 'lastNorm',
      kind: 'encoder',
      layer: -1,
      reason: 'each block ends with its own norm; none stands before the unembedding',
    },
  ]);
  expect(tensors.map(({ measure, layer }) => [measure, layer])).toEqual([
    ['streamAfter', 0],
    ['streamAfter', 1],
  ]);
  expect(logits?.dims[1]).toBe(1);
  await expect(ask(model, explanation, { probes: ['nonsense'] })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  expect(model.probes.take({ probes: ['nonsense'], gates: false })).toBeUndefined();
  explanation.dispose();
});

test('sessions with probes are counted, and go before models do', async () => {
  const [bert, gpt] = [await load('eager-bert'), await load('eager-gpt2')];
  loaded.push(bert, gpt);
  const sizes = { bert: bert.bytes, gpt: gpt.bytes };
  const shelf = new ModelShelf(sizes.bert * 2 + sizes.gpt);
  shelf.add(gpt);
  shelf.add(bert);
  const { explanation } = await ComputedExplanation.create('a', 'Hello there', 0, bert);
  await shelf.makeRoomBeside(bert, sizes.bert);
  await ask(bert, explanation, { probes: ['valueNorms'] });
  expect(bert.bytes).toBeGreaterThan(1.9 * sizes.bert);
  expect([bert.disposed, gpt.disposed]).toEqual([false, false]);
  // A second set: the first one's sessions go, and both models stay.
  await shelf.makeRoomBeside(bert, sizes.bert);
  expect(bert.probes.take({ probes: ['valueNorms'], gates: false })).toBeUndefined();
  expect([bert.bytes, bert.disposed, gpt.disposed]).toEqual([sizes.bert, false, false]);
  // More than all of that: the other model goes, but not the one that is asked, nor anything that runs.
  await shelf.makeRoomBeside(bert, sizes.bert + sizes.gpt);
  expect([bert.disposed, gpt.disposed]).toEqual([false, true]);
  explanation.dispose();
});
