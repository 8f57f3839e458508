/** A text whose weights would take more memory than there is, by the engine as it explains: a random decoder of 12 layers and 12 heads. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { atlasOf, mapOf, tokenWeightsOf } from '../../src/engine/weights/maps';
import { PART } from '../../src/transformer/readInParts';
import { randomDecoder } from './randomDecoder';
import { useNodeRuntime } from './nodeRuntime';

/** More than the weights of which would be kept. */
const TOKENS = 1300;

describe('a decoder of 12 layers and 12 heads', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    useNodeRuntime();
    model = await loadModel(
      { modelId: 'random', version: '', name: 'random', files: randomDecoder({ layers: 12, heads: 12, size: 8 }) },
      { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' },
      () => undefined,
      new AbortController().signal,
    );
  });
  afterAll(() => model.dispose());

  test('reads 4,096 tokens, where weights alone would be 9.7 GB', () => {
    expect(model.decoder?.scales).toHaveLength(12);
    expect(model.report.maxTokens).toBe(4096);
  });

  test('a long text is explained in little memory, and everything that is asked about it is answered', async () => {
    const words = Array.from({ length: TOKENS }, (_, at) => `w${4 + ((at * at + 3 * at) % 90)}`).join(' ');
    const told: number[] = [];
    const { explanation, encoded } = await ComputedExplanation.create('long', words, 0, model, {}, undefined, (part) =>
      told.push(part),
    );
    expect(told).toHaveLength(Math.ceil(TOKENS / PART.queries) - 1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBeCloseTo(1, 1);
    const tokens = encoded.target.length;
    expect(tokens).toBe(TOKENS);
    expect(explanation.bytes).toBeLessThan((4 * 144 * TOKENS ** 2) / 8);
    expect(explanation.store.difference).toBeLessThan(1e-6);
    const held = explanation.weights(undefined);
    const [row] = await tokenWeightsOf(held, { sequence: 'target', indices: [1200] });
    const head = row?.data.subarray(5 * TOKENS, 6 * TOKENS) ?? new Float32Array(0);
    expect(head.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    const map = await mapOf(held, { kind: 'decoder', layer: 0, head: 5, measure: 'weight' });
    expect([map.queries, map.keys]).toEqual([TOKENS, TOKENS]);
    for (const key of [0, 800, 1200])
      expect(map.data[1200 * TOKENS + key]).toBe(Math.floor((head[key] ?? NaN) * 255 + 0.5));
    const atlas = await atlasOf(held, { kind: 'decoder', maxCell: 32, hideSpecial: false });
    expect([atlas.rows, atlas.cols]).toEqual([32, 32]);
    expect(Math.max(...atlas.entropy)).toBeLessThan(Math.log2(TOKENS));
    explanation.dispose();
  });

  test('a cancelled one ends between two parts', async () => {
    const cancel = new AbortController();
    const words = Array.from({ length: TOKENS }, () => 'w7').join(' ');
    const reading = ComputedExplanation.create('cancelled', words, 0, model, {}, cancel.signal);
    cancel.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
