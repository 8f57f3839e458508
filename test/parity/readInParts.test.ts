/** A long text fed in parts against the same text in one pass: the same weights and predictions, and less of them kept. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AttentionStore } from '../../src/attention/attentionStore';
import type { KindInfo } from '../../src/attention/types';
import { keptScales } from '../../src/engine/trial/keptScales';
import { loadModel } from '../../src/engine/model/loadedModel';
import type { ProviderReport } from '../../src/protocol/engine';
import { KeyValueCache } from '../../src/transformer/cache';
import { Generation } from '../../src/transformer/generation';
import { PART, readInParts } from '../../src/transformer/readInParts';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, largestDifference, loadFolder, readFolder } from './reference';
import { wordTokenizer } from './wordTokenizer';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };

const INFO: KindInfo = { kind: 'decoder', layers: 2, heads: 4, kvHeads: 2, queries: 'target', keys: 'target' };

/** Which exports take several tokens behind a cache: found out by the run that tests a model when it is loaded. */
describe.each([
  ['eager-gpt2', true, true],
  ['eager-gpt2-nocache', false, false],
  // Biases of position, and a soft cap, come between q·k and the softmax.
  ['eager-bloom', true, false],
  ['eager-gemma2', true, false],
  ['sdpa-qwen3', true, true],
])('%s', (name, takes, keeps) => {
  test(`takes parts: ${takes}; weights are those of queries and keys alone: ${keeps}`, async () => {
    useNodeRuntime();
    const files = { 'tokenizer.json': wordTokenizer(), ...readFolder(join(FIXTURES, name)) };
    const model = await loadModel(
      { modelId: name, version: '', name, files },
      PROVIDER,
      () => undefined,
      new AbortController().signal,
    );
    expect(model.decoder?.takesParts).toBe(takes);
    expect(model.decoder?.scales !== undefined).toBe(keeps);
    await model.dispose();
  });
});

test('600 tokens in parts are 600 tokens in one pass: every weight, and the logits of the last ones', async () => {
  const model = await loadFolder(join(FIXTURES, 'sdpa-llama'));
  const { decoder } = model;
  if (!decoder) throw new Error('no decoder');
  const ids = Array.from({ length: 600 }, (_, at) => 3 + ((at * at + 7 * at) % 90));
  const read = async (): Promise<{ readonly store: AttentionStore; readonly logits: Float32Array }> => {
    const cache = new KeyValueCache();
    const store = new AttentionStore([INFO], true);
    const { logits } = await readInParts(decoder, ids, cache, undefined, { wanted: 100, receiver: store });
    cache.clear();
    return { store, logits };
  };
  const whole = await read();
  decoder.takesParts = true;
  const parts = await read();
  expect(parts.store.rows('decoder')).toBe(600);
  expect(whole.store.bytes).toBe(4 * INFO.layers * INFO.heads * 600 * 600);
  expect(parts.store.bytes).toBeLessThan(
    4 * INFO.layers * INFO.heads * (600 * 600 * 0.5 + (600 * PART.weights) / 2 + PART.weights ** 2),
  );
  for (let layer = 0; layer < INFO.layers; layer++)
    for (let head = 0; head < INFO.heads; head++) {
      const [one, other] = [parts, whole].map(({ store }) => store.kind('decoder').headRows(layer, head));
      expect(largestDifference(one ?? [], other ?? [])).toBeLessThan(1e-6);
    }
  const options = { kind: 'decoder', maxCell: 32, hideSpecial: false } as const;
  const [one, other] = [parts.store.atlas(options), whole.store.atlas(options)];
  expect(largestDifference(one.sinkMass, other.sinkMass)).toBeLessThan(1e-6);
  expect(largestDifference(one.entropy, other.entropy)).toBeLessThan(1e-5);
  expect(largestDifference(parts.logits, whole.logits)).toBeLessThan(1e-5);
  expect(parts.logits.length).toBe(100 * 99);
  await model.dispose();
});

test('512 tokens kept as queries and keys have the weights of one pass to 1e-6, with steps after them and after a branch', async () => {
  const model = await loadFolder(join(FIXTURES, 'sdpa-llama'));
  const { decoder, spec } = model;
  if (!decoder) throw new Error('no decoder');
  const given = Array.from({ length: 512 }, (_, at) => 3 + ((at * at + 7 * at) % 90));
  decoder.scales = await keptScales(decoder, given.slice(0, 12));
  const run = async (keep: 'weights' | 'queries'): Promise<AttentionStore> => {
    decoder.takesParts = keep === 'queries';
    const store = new AttentionStore([INFO], true);
    let aborting: AbortController | undefined;
    const pause = (): Promise<unknown> => Promise.resolve(aborting?.abort());
    const generation = new Generation({
      spec,
      decoder,
      encoder: undefined,
      given,
      limit: 540,
      receiver: store,
      keep,
      pause,
    });
    await generation.prefill();
    for await (const { index } of generation.run(8)) expect(index).toBeGreaterThan(511);
    await generation.branch(3, 7);
    for await (const { index } of generation.run(8)) expect(index).toBeGreaterThan(511);
    if (keep === 'queries') {
      // After a branch all is read again: an abort ends that between two parts, and what was written stays.
      await generation.branch(6, 9);
      aborting = new AbortController();
      for await (const { index } of generation.run(1, aborting.signal)) expect(index).toBeUndefined();
      expect(generation.target).toHaveLength(512 + 7);
      aborting = undefined;
      await generation.branch(3, 7);
      for await (const { index } of generation.run(8)) expect(index).toBeGreaterThan(511);
    }
    generation.dispose();
    return store;
  };
  const [whole, kept] = [await run('weights'), await run('queries')];
  expect(kept.rows('decoder')).toBe(whole.rows('decoder'));
  expect(kept.bytes).toBeLessThan(whole.bytes / 4);
  for (let layer = 0; layer < INFO.layers; layer++)
    for (let head = 0; head < INFO.heads; head++) {
      const [one, other] = [kept, whole].map((store) => store.kind('decoder').headRows(layer, head));
      expect(largestDifference(one ?? [], other ?? [])).toBeLessThan(1e-6);
    }
  const options = { kind: 'decoder', maxCell: 32, hideSpecial: true } as const;
  const [one, other] = [kept.atlas(options), whole.atlas(options)];
  expect(largestDifference(one.data, other.data)).toBeLessThanOrEqual(1);
  expect(largestDifference(one.sinkMass, other.sinkMass)).toBeLessThan(1e-6);
  expect(largestDifference(one.entropy, other.entropy)).toBeLessThan(1e-5);
  await model.dispose();
});
