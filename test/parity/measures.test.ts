/** Measures that are made by a further pass, through the engine's own parts: of the text as it was generated, kept, and made anew when it has grown. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentOf } from '../../src/attention/content';
import { atOnce } from '../../src/attention/inSteps';
import type { Atlas, AttentionKind, ProbedMeasure } from '../../src/attention/types';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { mapOf, tokenWeightsOf } from '../../src/engine/weights/maps';
import { probeText } from '../../src/engine/probes/probedText';
import { measureOf } from '../../src/measure/measure';
import { fromByte } from '../../src/measure/bytes';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { makeMeasureOf } from '../support/makeMeasure';
import { bundledFiles } from '../support/bundledFiles';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, largestDifference, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;
const TEXT = 'The cat sat on the mat because it was tired, and the dog slept beside the fire.';

function filesOf(name: string): ModelFiles {
  return { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
}

function load(name: string, files: ModelFiles): Promise<LoadedModel> {
  useNodeRuntime();
  return loadModel({ modelId: name, version: '', name, files }, PROVIDER, () => undefined, NEVER);
}

function overviewOf(explanation: ComputedExplanation, kind: AttentionKind, measure?: ProbedMeasure): Atlas {
  const numbers = measure === undefined ? explanation.store : explanation.measured(measure, undefined).store;
  return atOnce(numbers.atlasInSteps({ kind, maxCell: 8, hideSpecial: false }));
}

/** Of each head (or layer) the share that its sinks have, and how much all of it is. */
function sinks(explanation: ComputedExplanation, kind: AttentionKind, measure?: ProbedMeasure): readonly number[] {
  return [...overviewOf(explanation, kind, measure).sinkMass];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the bundled model', () => {
  const files = bundledFiles();
  let model: LoadedModel;
  let explanation: ComputedExplanation;
  beforeAll(async () => {
    model = await load('bundled', files);
    ({ explanation } = await ComputedExplanation.create('a', TEXT, 0, model));
    await explanation.generate(40, NEVER, () => undefined);
    for (const measure of ['moved', 'contribution'] as const) {
      const { kinds } = await makeMeasureOf(explanation, measure, files);
      expect(kinds.map(({ kind, reason }) => [kind, reason])).toEqual([
        ['encoder', ''],
        ['decoder', ''],
        ['cross', ''],
      ]);
      expect(kinds.every(({ fit }) => fit?.plain === false)).toBe(true);
    }
  });
  afterAll(() => model.dispose());

  // The start token: what the decoder's heads have no other use for goes there.
  test('sinks lose their mass where what they move or contribute is counted', () => {
    const weight = sinks(explanation, 'decoder');
    const moved = sinks(explanation, 'decoder', 'moved');
    const strong = weight.flatMap((mass, head) => (mass >= 0.15 ? [head] : []));
    expect(strong.length).toBeGreaterThan(0);
    for (const head of strong) expect(moved[head]).toBeLessThan(weight[head] ?? 0);
    expect(mean(strong.map((head) => moved[head] ?? 0))).toBeLessThan(
      0.9 * mean(strong.map((head) => weight[head] ?? 0)),
    );
    expect(mean(sinks(explanation, 'decoder', 'contribution'))).toBeLessThan(0.7 * mean(weight));
  });

  // Few cross-attention heads rest on </s>, and what goes there is moved; to the layer's output it adds next to nothing.
  test('in cross-attention what </s> contributes is less than its weight', () => {
    expect(mean(sinks(explanation, 'cross', 'contribution'))).toBeLessThan(0.7 * mean(sinks(explanation, 'cross')));
  });

  test('a row of contributions sums to 1; in cross-attention the rest is the output’s own', () => {
    const { store } = explanation.measured('contribution', undefined);
    for (const kind of ['encoder', 'decoder', 'cross'] as const) {
      const { layers, queries, keys, headRows } = store.kind(kind);
      for (let layer = 0; layer < layers; layer++) {
        const rows = headRows(layer, 0);
        for (let query = 0; query < queries; query++) {
          const sum = rows.subarray(query * keys, (query + 1) * keys).reduce((all, one) => all + one, 0);
          if (kind === 'cross') expect(sum).toBeGreaterThan(0);
          if (kind === 'cross') expect(sum).toBeLessThan(1);
          else expect(sum).toBeCloseTo(1, 4);
        }
      }
    }
  });

  test('the largest number that is moved ends the scale, in bytes as in exact numbers', async () => {
    const held = explanation.measured('moved', undefined);
    const fit = held.store.fit('cross');
    const { layers, heads, headRows } = held.store.kind('cross');
    let most = 0;
    for (let at = 0; at < layers * heads; at++)
      for (const value of headRows(Math.floor(at / heads), at % heads)) most = Math.max(most, value);
    expect(fit?.most).toBeCloseTo(most, 5);
    const map = await mapOf(held, { kind: 'cross', layer: 1, head: 0, measure: 'moved' });
    expect(map).toMatchObject({ measure: 'moved', fit });
    const rows = headRows(1, 0);
    const measure = measureOf(map);
    map.data.forEach((byte, at) =>
      expect(Math.abs(fromByte(byte, measure) - (rows[at] ?? 0))).toBeLessThan(most / 500),
    );
  });

  test('is kept; of a shorter text it can be asked too, of another branch it has to be made anew', async () => {
    const { source, target } = explanation.tokens;
    expect(explanation.made('moved')?.report.measure).toBe('moved');
    const shorter = contentOf(source, target.slice(0, 3));
    const [row] = await tokenWeightsOf(explanation.measured('moved', shorter), { sequence: 'target', indices: [1] });
    expect(row?.length).toBe(3);
    await explanation.branch({ explanation: 'a', step: 2, token: -1 });
    await explanation.generate(1, NEVER, () => undefined);
    await explanation.branch({ explanation: 'a', step: 0, token: target[2]?.id ?? 5 });
    expect(explanation.made('moved')).toBeUndefined();
    expect(() => explanation.measured('moved', undefined)).toThrow(expect.objectContaining({ code: 'TEXT_CHANGED' }));
    await makeMeasureOf(explanation, 'moved', files);
    expect(explanation.made('moved')).toBeDefined();
  });
});

test.each(['eager-gpt2', 'sdpa-llama', 'q4-llama', 'ortfused-bert-MultiHeadAttention', 'quantized-bert', 'eager-t5'])(
  '%s: what is moved is the weight times the norm of the projected value, generated tokens included',
  async (name) => {
    const files = filesOf(name);
    const model = await load(name, files);
    const { explanation } = await ComputedExplanation.create('a', 'Hello there', 0, model);
    if (model.report.family !== 'encoder-only') await explanation.generate(3, NEVER, () => undefined);
    const { kinds } = await makeMeasureOf(explanation, 'moved', files);
    const set = { probes: ['valueNorms'], gates: false };
    const graphs = model.probes.take(set) ?? [];
    const { tensors } = await probeText(model, graphs, explanation.sequences, { explanation: 'a', probes: set.probes });
    for (const { kind, fit } of kinds) {
      expect(fit).toMatchObject({ measure: 'moved', plain: false });
      const own = explanation.store.kind(kind);
      const moved = explanation.measured('moved', undefined).store.kind(kind);
      const layer = own.layers - 1;
      const norms = tensors.find((one) => one.kind === kind && one.layer === layer);
      const stride = norms?.dims.at(-1) ?? 0;
      for (let head = 0; head < own.heads; head++) {
        const wanted = own
          .headRows(layer, head)
          .map((weight, at) => weight * (norms?.data[head * stride + (at % own.keys)] ?? 0));
        expect(largestDifference(moved.headRows(layer, head), wanted)).toBeLessThan(1e-6);
        expect(wanted.some((value) => value > 0)).toBe(true);
      }
    }
    const contribution = await makeMeasureOf(explanation, 'contribution', files);
    expect(contribution.kinds.map(({ reason }) => reason)).toEqual(kinds.map(() => ''));
    await model.dispose();
  },
);

test('a model whose output projection takes more than the heads: ‖α·v‖ is offered and named so, contributions say why not', async () => {
  const files = filesOf('eager-convbert');
  const model = await load('eager-convbert', files);
  const { explanation } = await ComputedExplanation.create('a', 'Hello there', 0, model);
  const [moved] = (await makeMeasureOf(explanation, 'moved', files)).kinds;
  expect(moved?.fit).toMatchObject({ measure: 'moved', plain: true });
  expect(measureOf({ measure: 'moved', fit: moved?.fit ?? undefined }).title).toBe('measure.movedPlain.title');
  const [contribution] = (await makeMeasureOf(explanation, 'contribution', files)).kinds;
  expect(contribution).toEqual({
    kind: 'encoder',
    fit: null,
    reason: "the heads' outputs are joined with other features before they are projected",
  });
  // What cannot be had leaves the weights in its place, which say that they are weights.
  const held = explanation.measured('contribution', undefined);
  const map = await mapOf(held, { kind: 'encoder', layer: 0, head: 1, measure: 'contribution' });
  expect([map.measure, map.fit]).toEqual(['weight', undefined]);
  const [row] = await tokenWeightsOf(held, { sequence: 'source', indices: [0] });
  expect(row?.fit).toBeUndefined();
  expect(row?.data).toEqual(explanation.store.tokenWeights('source', [0])[0]?.data);
  await model.dispose();
});
