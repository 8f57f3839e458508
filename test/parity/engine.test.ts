/**
 * Loading and explaining as the worker does it, for every family of the fixtures (which have no tokenizer of their own:
 * one word a token here), on onnxruntime-web's CPU build.
 */
import { KeyValueCache } from '../../src/transformer/cache';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { layerNumber, layersWithout } from '../../src/attention/layers';
import type { ModelFamily } from '../../src/attention/types';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { useNodeRuntime } from './nodeRuntime';
import { MASK, WORDS, wordTokenizer } from './wordTokenizer';
import {
  BUNDLED,
  fixtureNames,
  FIXTURES,
  largestDifference,
  readFolder,
  readReference,
  referenceOf,
} from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;
const SILENT = (): void => undefined;

const load = (files: ModelFiles): Promise<LoadedModel> => {
  useNodeRuntime();
  return loadModel({ modelId: 'test', version: '', name: 'test', files }, PROVIDER, SILENT, NEVER);
};
const words = (ids: readonly number[]): string => ids.map((id) => (id === MASK ? '[MASK]' : `w${id}`)).join(' ');
function familyOf(name: string): ModelFamily {
  if (/t5|bart|marian/.test(name)) return 'encoder-decoder';
  return /bert/.test(name) ? 'encoder-only' : 'decoder-only';
}

describe.each(fixtureNames())('%s', (name) => {
  const files: ModelFiles = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': wordTokenizer() };
  if (name === 'eager-longformer') {
    test('is refused: its attention is no map of queries and keys', async () => {
      await expect(load(files)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:LAYOUT_UNSUPPORTED|NO_ATTENTION_FOUND|COUNT_MISMATCH)$/) as string,
      });
    });
    return;
  }
  if (name === 'hybrid-bamba') {
    test('its texts are filled up to whole chunks of 4, which changes nothing for them: tokens are as in Python', async () => {
      const model = await load(files);
      expect(model.report.notes.join('\n')).toContain('model.onnx reads texts of whole chunks of 4 tokens');
      const reference = readReference(name);
      const chunk = model.decoder?.chunk ?? 0;
      expect(chunk).toBe(4);
      const whole = await model.decoder?.feed(reference.input_ids, new KeyValueCache(), undefined, 0);
      for (const tokens of [1, 3, 4, 5, 11]) {
        const part = await model.decoder?.feed(reference.input_ids.slice(0, tokens), new KeyValueCache(), undefined, 0);
        expect(part).toMatchObject({ positions: tokens, weights: [{ queries: tokens, keys: tokens }] });
        expect(largestDifference(part?.logits ?? [], whole?.logits.slice(0, part?.logits.length) ?? [])).toBeLessThan(
          1e-4,
        );
        for (let query = 0; query < tokens; query++)
          expect(
            largestDifference(
              part?.weights[0]?.data.subarray(query * tokens, (query + 1) * tokens) ?? [],
              whole?.weights[0]?.data.subarray(query * 12, query * 12 + tokens) ?? [],
            ),
          ).toBeLessThan(1e-5);
      }
      await model.dispose();
    });
  }
  if (name === 'genai-qwen3-webgpu') {
    test('is refused on WASM: its heads are normalised inside an operator that only WebGPU has so', async () => {
      await expect(load(files)).rejects.toMatchObject({
        code: 'WEBGPU_NEEDED',
        message: expect.stringMatching(
          /^The model’s file model\.onnx was made for WebGPU, and here it runs on WASM/,
        ) as string,
      });
    });
    return;
  }

  test('loads, explains and answers what is asked of its weights', async () => {
    const model = await load(files);
    const reference = readReference(name);
    const ids = reference.input_ids.filter((id) => id < WORDS);
    const { explanation, encoded } = await ComputedExplanation.create('e', words(ids), 0, model);
    try {
      expect(model.report.family).toBe(familyOf(name));
      const tokens = model.report.family === 'decoder-only' ? encoded.target : encoded.source;
      expect(tokens.map((token) => token.id)).toEqual(ids);
      const kind = model.report.family === 'decoder-only' ? 'decoder' : 'encoder';
      if (ids.length === reference.input_ids.length) {
        const layer = referenceOf(reference, kind)[0];
        const head = explanation.store.head({ kind, layer: 0, head: 0 });
        const want = layer?.data.slice(0, head.data.length).map((weight) => Math.round(255 * weight)) ?? [];
        expect(largestDifference(head.data, want)).toBeLessThanOrEqual(1);
      }
      if (model.report.family === 'encoder-only') {
        await expect(explanation.generate(1, NEVER, SILENT)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
        return;
      }
      const first = await explanation.generate(4, NEVER, SILENT);
      const rows = first.target.length - 1;
      expect(explanation.store.rows('decoder')).toBe(
        Math.max(rows, model.report.family === 'decoder-only' ? ids.length : 0),
      );
      const again = await ComputedExplanation.create('f', words(ids), 0, model);
      // Teacher forcing what was generated gives what was generated, with the same ranks.
      const text = first.steps
        .filter((step) => !model.spec.endOfSequence.includes(step.chosen.id))
        .map((step) => step.chosen.id);
      const forced = await again.explanation.force(words(text));
      const exact = !name.startsWith('quantized');
      if (exact)
        expect(forced.steps.slice(0, text.length).map((step) => step.rank)).toEqual(
          first.steps.slice(0, text.length).map((step) => step.rank),
        );
      for (const [i, step] of forced.steps.slice(0, text.length).entries())
        expect(Math.abs(step.chosen.probability - (first.steps[i]?.chosen.probability ?? -1))).toBeLessThan(
          exact ? 1e-4 : 0.05,
        );
      again.explanation.dispose();
    } finally {
      explanation.dispose();
      await model.dispose();
    }
  });

  if (familyOf(name) === 'encoder-only') {
    test('fills in masked words with true probabilities', async () => {
      const model = await load(files);
      try {
        expect(model.report.fillsMasks).toBe(true);
        const { explanation, encoded } = await ComputedExplanation.create('e', 'w5 [MASK] w7 w8 [MASK]', 0, model);
        expect(encoded.fills.map((fill) => fill.index)).toEqual([1, 4]);
        for (const { top } of encoded.fills) {
          expect(top.length).toBe(10);
          expect(top[0]?.probability).toBeGreaterThanOrEqual(1 / WORDS);
          expect(top.reduce((sum, token) => sum + token.probability, 0)).toBeLessThanOrEqual(1 + 1e-6);
        }
        // A click instead of the typed mask: the same question, so the same answer; and how probable the hidden word was.
        const clicked = await ComputedExplanation.create('f', 'w5 w9 w7 w8 w6', 0, model, { masked: [1, 4] });
        expect(clicked.encoded.fills.map(({ index, top }) => ({ index, top }))).toEqual(
          encoded.fills.map(({ index, top }) => ({ index, top })),
        );
        expect(encoded.fills.map(({ original }) => original)).toEqual([null, null]);
        expect(clicked.encoded.source[1]).toMatchObject({ id: MASK, start: 3, end: 5, special: false });
        expect(clicked.explanation.store.head({ kind: 'encoder', layer: 0, head: 0 }).data).toEqual(
          explanation.store.head({ kind: 'encoder', layer: 0, head: 0 }).data,
        );
        for (const { top, original } of clicked.encoded.fills) {
          const listed = top.findIndex(({ id }) => id === original?.id);
          if (listed >= 0) expect(original).toEqual({ ...top[listed], rank: listed + 1 });
          else expect(original?.rank).toBeGreaterThan(10);
          expect(original?.probability).toBeLessThanOrEqual(top[0]?.probability ?? 0);
        }
        expect(clicked.encoded.fills.map(({ original }) => original?.text)).toEqual(['w9', 'w6']);
      } finally {
        await model.dispose();
      }
    });
  }
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('the bundled model', () => {
  test('a hybrid model’s layers keep their own numbers; the others are known to have no attention', async () => {
    const files = readFolder(join(FIXTURES, 'sdpa-llama'));
    const config = JSON.parse(new TextDecoder().decode(files['config.json'])) as { num_hidden_layers: number };
    const types = ['linear_attention', 'full_attention', 'mamba', 'linear_attention', 'sliding_attention'];
    const hybrid = { ...config, num_hidden_layers: types.length, layer_types: types };
    const model = await load({
      ...files,
      'config.json': new TextEncoder().encode(JSON.stringify(hybrid)),
      'tokenizer.json': wordTokenizer(),
    });
    try {
      const [info] = model.report.kinds;
      expect(info).toMatchObject({ kind: 'decoder', layers: 2, places: [1, 4], allLayers: 5 });
      expect([layerNumber(info, 0), layerNumber(info, 1)]).toEqual([2, 5]);
      expect(info && layersWithout(info)).toEqual([1, 3, 4]);
    } finally {
      await model.dispose();
    }
  });

  /** The files of a fixture with another config.json (none where undefined) and a tokenizer of words. */
  function fixtureWith(
    name: string,
    change: (config: Record<string, unknown>) => unknown,
    more: ModelFiles = {},
  ): ModelFiles {
    const { 'config.json': config, ...files } = readFolder(join(FIXTURES, name));
    const changed = change(JSON.parse(new TextDecoder().decode(config)) as Record<string, unknown>);
    return {
      ...files,
      ...(changed === undefined ? {} : { 'config.json': new TextEncoder().encode(JSON.stringify(changed)) }),
      'tokenizer.json': wordTokenizer(),
      ...more,
    };
  }

  test.each(['sdpa-bert', 'sdpa-gpt2', 'eager-gpt2-nocache'])(
    '%s without config.json: layers and heads are the graph’s own, and the notes say so',
    async (name) => {
      const [bare, whole] = [await load(fixtureWith(name, () => undefined)), await load(fixtureWith(name, (it) => it))];
      try {
        expect(bare.report.family).toBe(whole.report.family);
        expect(bare.report.kinds).toEqual(whole.report.kinds);
        expect(bare.report.notes.join(' ')).toContain('no config.json');
        expect(whole.report.notes.join(' ')).not.toContain('no config.json');
        const { explanation, encoded } = await ComputedExplanation.create('e', 'w5 w9 w7 w8', 0, bare);
        expect([...encoded.source, ...encoded.target].map(({ id }) => id)).toEqual([5, 9, 7, 8]);
        if (bare.report.family === 'decoder-only')
          expect((await explanation.generate(2, NEVER, SILENT)).steps.length).toBe(2);
        explanation.dispose();
      } finally {
        await bare.dispose();
        await whole.dispose();
      }
    },
  );

  test('an encoder’s file alone is a model that reads, and its notes say what is missing', async () => {
    const files = fixtureWith('sdpa-marian', (config) => config);
    const encoder = Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes('decoder')));
    const model = await load(encoder);
    try {
      expect(model.report).toMatchObject({ family: 'encoder-only', kinds: [{ kind: 'encoder' }], maxNewTokens: 0 });
      expect(model.report.notes.join(' ')).toContain('Only the encoder');
    } finally {
      await model.dispose();
    }
  });

  test('an end that only the tokenizer’s config names ends a text, and what is asked for and not done is noted', async () => {
    const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const model = await load(
      fixtureWith(
        'sdpa-gpt2',
        ({ eos_token_id: _end, ...config }) => ({
          ...config,
          num_beams: 4,
          guidance_scale: 1.5,
          temperature: Number.NaN,
        }),
        {
          'tokenizer_config.json': text({ eos_token: { content: 'w7' } }),
          'generation_config.json': text({ do_sample: true, forced_decoder_ids: [[1, 5]] }),
        },
      ),
    );
    try {
      expect(model.spec.endOfSequence).toEqual([7]);
      const notes = model.report.notes.join(' ');
      for (const part of ['4 beams', 'at random', '1 tokens to be put', 'guidance_scale'])
        expect(notes).toContain(part);
    } finally {
      await model.dispose();
    }
  });

  test('a model that tells pairs apart says that it reads one text', async () => {
    const model = await load(fixtureWith('sdpa-bert', (config) => config));
    try {
      expect(model.report.notes.join(' ')).toContain('texts of a pair');
      expect(model.report.notes.join(' ')).not.toContain('beams');
    } finally {
      await model.dispose();
    }
  });

  test('an abort while loading leaves nothing loaded', async () => {
    useNodeRuntime();
    const controller = new AbortController();
    const loading = loadModel(
      { modelId: 'x', version: '', name: 'x', files: readFolder(BUNDLED) },
      PROVIDER,
      (phase) => phase === 'Loading the model' && controller.abort(),
      controller.signal,
    );
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('drawn by chance: a seed writes one text, in one go or in two; none is drawn that the limits leave out', async () => {
    const model = await load(readFolder(BUNDLED));
    const { explanation } = await ComputedExplanation.create('e', 'The cat sat on the mat.', 0, model);
    const anew = (): Promise<unknown> => explanation.branch({ explanation: 'e', step: 0, token: -1 });
    const drawing = { ...model.report.decoding, doSample: true, temperature: 1.3, topK: 6, seed: 11 };
    const whole = await explanation.generate(20, NEVER, SILENT, drawing);
    expect(whole.steps.every(({ origin, rank }) => origin === 'sampled' && rank <= 6)).toBe(true);
    expect(whole.steps.some(({ rank }) => rank > 1)).toBe(true);
    for (const { top } of whole.steps) {
      expect(top.reduce((sum, { after = NaN }) => sum + after, 0)).toBeCloseTo(1, 6);
      expect(top.slice(6).every(({ after }) => after === 0)).toBe(true);
    }
    await anew();
    await explanation.generate(5, NEVER, SILENT, drawing);
    const { target } = await explanation.generate(15, NEVER, SILENT, drawing);
    expect(target.map(({ id }) => id)).toEqual(whole.target.map(({ id }) => id));
    await anew();
    const other = await explanation.generate(20, NEVER, SILENT, { ...drawing, seed: 12 });
    expect(other.target.map(({ id }) => id)).not.toEqual(whole.target.map(({ id }) => id));
    // Rules without chance: no pair of tokens comes twice, and the text is not ended before its time.
    await anew();
    const ruled = { ...drawing, doSample: false, noRepeatNgram: 2, minNewTokens: 15 };
    const { steps } = await explanation.generate(20, NEVER, SILENT, ruled);
    const pairs = steps.slice(1).map(({ chosen }, i) => `${steps[i]?.chosen.id ?? ''},${chosen.id}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(steps.length).toBeGreaterThanOrEqual(15);
    explanation.dispose();
    await model.dispose();
  });

  test('loading and freeing again and again does not add up', async () => {
    const files = readFolder(BUNDLED);
    const held: number[] = [];
    for (let i = 0; i < 14; i++) {
      await (await load(files)).dispose();
      // What nobody holds any more is given back now, and not when there happens to be time for it.
      collectGarbage();
      held.push(process.memoryUsage().rss);
    }
    const size = Object.values(files).reduce((sum, bytes) => sum + bytes.length, 0);
    // WebAssembly's memory keeps its largest size and is used again: six more loads must not take what two would, if nothing were freed.
    // What the last load let go of may or may not be given back at the moment of looking, so that the least of four counts.
    const least = (from: number): number => Math.min(...held.slice(from, from + 4));
    expect(least(10) - least(4)).toBeLessThan(2 * size);
  });

  test('special tokens, sinks and words: the frame is there, offsets are the text’s', async () => {
    const model = await load(readFolder(BUNDLED));
    const text = 'The cat\tsat — on 👩‍👩‍👧 the mat.';
    const { explanation, encoded } = await ComputedExplanation.create('e', text, 0, model);
    expect(encoded.source.at(-1)).toMatchObject({ special: true, start: -1, end: -1 });
    expect(encoded.target).toMatchObject([{ id: model.spec.decoderStart }]);
    const own = encoded.source.filter((token) => !token.special);
    expect(own[0]?.start).toBe(0);
    expect(own.at(-1)?.end).toBe(text.length);
    const atlas = explanation.store.atlas({ kind: 'encoder', maxCell: 16, hideSpecial: false });
    expect(atlas.sinkMass.some((mass) => mass > 0)).toBe(true);
    expect([...atlas.sinkMass].every((mass) => mass >= 0 && mass <= 1)).toBe(true);
    explanation.dispose();
    await model.dispose();
    await expect(explanation.generate(1, NEVER, SILENT)).rejects.toMatchObject({ code: 'EXPLANATION_GONE' });
  });
});
