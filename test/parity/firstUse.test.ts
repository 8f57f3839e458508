/** The start of the bundled model: what is done before all of its files are there, and when its self-test is skipped. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ArrivingFiles } from '../../src/engine/files/arrivingFiles';
import { findGraphs, readJson } from '../../src/engine/files/modelFiles';
import { loadScanned, scanGraph, type ScannedGraph } from '../../src/engine/model/loadedGraph';
import { createSession, onMaking } from '../../src/engine/runtime/ortSession';
import { dequantized } from '../../src/onnx/edit/dequantized';
import { KeyValueCache } from '../../src/transformer/cache';
import { Decoder } from '../../src/transformer/decoder';
import { Encoder } from '../../src/transformer/encoder';
import { readModelSpec } from '../../src/transformer/spec';
import type { TensorSession } from '../../src/transformer/tensorSession';
import { ComputedExplanation as Explanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel, type LoadOptions } from '../../src/engine/model/loadedModel';
import { say } from '../../src/text/say';
import type { LoadRequest, ModelFiles, ProviderReport } from '../../src/protocol/engine';
import type { PassedTrial } from '../../src/protocol/passedTrial';
import { useNodeRuntime } from './nodeRuntime';
import { BUNDLED, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;
const TEXT = 'The cat sat on the mat.';
const DECODER = 'onnx/decoder_model_merged.onnx';

let files: ModelFiles;
beforeAll(() => {
  useNodeRuntime();
  files = readFolder(BUNDLED);
});

/** Sessions that were made since the marks were last cleared. */
const sessions = (): number =>
  performance.getEntriesByType('mark').filter(({ name }) => name.startsWith('explainAttention.session: ')).length;

const load = (more: Partial<LoadRequest>, options: LoadOptions, provider = PROVIDER): Promise<LoadedModel> =>
  loadModel({ modelId: 'x', version: '', name: 'x', files, ...more }, provider, () => undefined, NEVER, options);

test('the tokens are told before there are a graph or a runtime, and the first session is made before the last file is there', async () => {
  const coming = Object.fromEntries(Object.entries(files).map(([path, { length }]) => [path, length]));
  const request = { files: {}, coming, text: { explanation: 'e', text: TEXT, windowStart: 0 } };
  const arriving = new ArrivingFiles(request);
  // The first of a name counts, and other files' tests have run in this process.
  performance.clearMarks();
  const runtime = Promise.withResolvers<unknown>();
  const told = Promise.withResolvers<string>();
  const loading = loadModel({ modelId: 'x', version: '', name: 'x', ...request }, PROVIDER, () => undefined, NEVER, {
    files: arriving,
    runtime: runtime.promise,
    onTokens: ({ source }) => told.resolve(source.map(({ text }) => text).join('')),
  });
  for (const [path, bytes] of Object.entries(files)) if (!path.endsWith('.onnx')) arriving.arrive(path, bytes);
  const tokens = await told.promise;
  runtime.resolve(undefined);
  for (const [path, bytes] of Object.entries(files)) if (path !== DECODER) arriving.arrive(path, bytes);
  await expect.poll(sessions, { timeout: 30_000 }).toBe(1);
  arriving.arrive(DECODER, files[DECODER] as Uint8Array);
  const model = await loading;
  const { encoded, explanation } = await Explanation.create('e', TEXT, 0, model);
  expect(tokens).toBe(encoded.source.map(({ text }) => text).join(''));
  explanation.dispose();
  await model.dispose();
});

test('weights that are kept as bytes are numbers before there is a session, and the results are the same to the bit', async () => {
  const config = readJson(files, 'config.json', true);
  const spec = readModelSpec(config, readJson(files, 'generation_config.json', true));
  const ids = [29, 47, 230, 16, 0];
  const results = async (
    open: (scanned: ScannedGraph) => Promise<TensorSession>,
  ): Promise<readonly (readonly Float32Array[])[]> => {
    const [first, second] = await Promise.all(
      findGraphs(files).map(async (file) => {
        const scanned = scanGraph(file, files, config);
        return { ...scanned, session: await open(scanned) };
      }),
    );
    if (!first || !second) throw new Error('not an encoder-decoder');
    const encoded = await new Encoder(first, first.file.role, spec).run(ids);
    const decoder = new Decoder(second, second.file.role, spec);
    const cache = new KeyValueCache();
    const passes = [];
    for (const id of [ids, [77], [5]])
      passes.push(await decoder.feed(id, cache, { states: encoded.output, length: ids.length }, 1));
    cache.clear();
    const all = [encoded.weights, ...passes.flatMap(({ weights }) => [weights])].map((weights) =>
      weights.map(({ data }) => data),
    );
    for (const { session } of [first, second]) await session.dispose();
    return [...all, passes.map(({ logits }) => logits)];
  };
  const own = await results(async (scanned) => {
    expect(dequantized(scanned.model)).toBeDefined();
    return (await loadScanned(scanned, PROVIDER)).session;
  });
  const plain = await results(({ plan, file, inputs }) =>
    createSession(plan.assemble(), {
      path: file.path,
      provider: 'wasm',
      externalData: [],
      disabledOptimizers: [],
      inputs,
      onDevice: [],
    }),
  );
  expect(own.flat()).toHaveLength(2 + 3 * 4 + 3);
  expect(own).toEqual(plain);
});

describe('the self-test', () => {
  let passed: PassedTrial;
  const kept = (change: Partial<PassedTrial> = {}) => ({ version: '1.0', kept: { ...passed, ...change } });
  const tests = async (trial: LoadRequest['trial'], by: Partial<LoadRequest> = {}, provider = PROVIDER) => {
    let count = 0;
    const model = await load({ ...by, ...(trial && { trial }) }, { onTested: () => count++ }, provider);
    const skipped = model.report.notes.includes(say('engine.noteTestedBefore'));
    await model.dispose();
    expect(skipped).toBe(count === 0);
    return { count, report: model.report };
  };

  beforeAll(async () => {
    const told: PassedTrial[] = [];
    const model = await load({ trial: { version: '1.0', kept: undefined } }, { onTested: (one) => told.push(one) });
    await model.dispose();
    expect(told).toHaveLength(1);
    // As it comes back from storage.
    passed = JSON.parse(JSON.stringify(told[0])) as PassedTrial;
  });

  test('is skipped where it has passed, and the model is the same', async () => {
    const { count, report } = await tests(kept());
    expect(count).toBe(0);
    const tested = await tests({ version: '1.0', kept: null });
    expect({ ...report, notes: [] }).toEqual({ ...tested.report, notes: [] });
  });

  test('is run anew with another version, provider, adapter or number of threads', async () => {
    expect((await tests({ ...kept(), version: '1.1' })).count).toBe(1);
    expect((await tests(kept(), {}, { ...PROVIDER, adapter: 'another' })).count).toBe(1);
    expect((await tests(kept(), {}, { ...PROVIDER, threads: 2 })).count).toBe(1);
  });

  test('is run anew where one byte of one file is another', async () => {
    const readme = Uint8Array.from(files['generation_config.json'] as Uint8Array);
    readme[readme.lastIndexOf(10)] = 32;
    expect((await tests(kept(), { files: { ...files, 'generation_config.json': readme } })).count).toBe(1);
  });

  test('is run anew where what was kept is damaged, or of a model with other layers', async () => {
    const [first, ...rest] = passed.kinds;
    if (!first) throw new Error('no kinds');
    for (const wrong of [
      null,
      { ...passed, kinds: 'many' },
      { ...passed, kinds: [{ ...first, layers: first.layers + 1 }, ...rest] },
      { ...passed, kinds: [] },
      { ...passed, notes: [7] },
    ])
      expect((await tests({ version: '1.0', kept: wrong })).count).toBe(1);
  });

  test('has passed: the text is read, and its attention is there, before what writes is in a session; what is written is the same', async () => {
    const ids = async (model: LoadedModel, between: () => Promise<void> = () => Promise.resolve()) => {
      const { explanation } = await Explanation.create('e', TEXT, 0, model);
      await between();
      const { target } = await explanation.generate(40, NEVER, () => undefined);
      explanation.dispose();
      await model.dispose();
      return target.map(({ id }) => id);
    };
    const plain = await ids(await load({}, {}));
    performance.clearMarks();
    const quiet = Promise.withResolvers<undefined>();
    const model = await load({ trial: kept() }, { quiet: () => quiet.promise });
    // A host that cancels meanwhile must know that it is not heard.
    const making: number[] = [];
    onMaking((bytes) => making.push(bytes));
    const written = await ids(model, async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(sessions()).toBe(1);
      expect(making).toEqual([]);
      quiet.resolve(undefined);
    });
    expect(sessions()).toBe(2);
    expect(making).toEqual([expect.any(Number), 0]);
    expect(making[0]).toBeGreaterThan(1e6);
    expect(written).toEqual(plain);
    expect(written.length).toBeGreaterThan(4);
  });

  test('has passed, and the model is freed before it has written anything', async () => {
    performance.clearMarks();
    const model = await load({ trial: kept() }, {});
    const { explanation } = await Explanation.create('e', TEXT, 0, model);
    await model.dispose();
    await expect(explanation.generate(1, NEVER, () => undefined)).rejects.toMatchObject({ code: 'EXPLANATION_GONE' });
    explanation.dispose();
    expect(sessions()).toBe(1);
  });

  test('is not kept for models that nobody asks it for', async () => {
    let count = 0;
    await (await load({}, { onTested: () => count++ })).dispose();
    expect(count).toBe(0);
  });
});
