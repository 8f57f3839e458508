/** Several models in memory, on onnxruntime-web's CPU build: what is kept, what goes, what an unloaded model leaves behind. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadGraph } from '../support/loadGraph';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { findGraphs } from '../../src/engine/files/modelFiles';
import { ModelShelf } from '../../src/engine/model/modelShelf';
import type { ProviderReport } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;

function load(name: string, version = ''): Promise<LoadedModel> {
  useNodeRuntime();
  const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
  return loadModel({ modelId: name, version, name, files }, PROVIDER, () => undefined, NEVER);
}

describe('the shelf', () => {
  let shelf = new ModelShelf();
  afterEach(() => shelf.clear());

  test('keeps what fits, and lets go of what was used least recently', async () => {
    const [bert, gpt, llama] = [await load('eager-bert'), await load('eager-gpt2'), await load('sdpa-llama')];
    shelf = new ModelShelf(bert.bytes + gpt.bytes + llama.bytes - 1);
    for (const model of [bert, gpt]) {
      await shelf.makeRoom(model.report.modelId, model.bytes);
      shelf.add(model);
    }
    expect(shelf.size).toBe(2);
    expect(shelf.current).toBe(gpt);
    // Used again: now the other one goes first.
    expect(shelf.take('eager-bert', '')).toBe(bert);
    expect(shelf.current).toBe(bert);
    await shelf.makeRoom('sdpa-llama', llama.bytes);
    shelf.add(llama);
    expect([bert.disposed, gpt.disposed, llama.disposed]).toEqual([false, true, false]);
    expect(shelf.take('eager-gpt2', '')).toBeUndefined();
  });

  test('a model whose files were changed is not the one that is kept', async () => {
    shelf = new ModelShelf();
    const before = await load('eager-bert', 'monday');
    shelf.add(before);
    expect(shelf.take('eager-bert', 'tuesday')).toBeUndefined();
    await shelf.makeRoom('eager-bert', before.bytes);
    expect(before.disposed).toBe(true);
  });

  test('one that is larger than all there is room for goes alone', async () => {
    const [bert, gpt] = [await load('eager-bert'), await load('eager-gpt2')];
    shelf = new ModelShelf(1);
    shelf.add(bert);
    await shelf.makeRoom('eager-gpt2', gpt.bytes);
    shelf.add(gpt);
    expect([bert.disposed, gpt.disposed, shelf.size]).toEqual([true, false, 1]);
  });

  test('models side by side go on where they were; an unloaded one leaves its weights', async () => {
    shelf = new ModelShelf();
    const [marian, gpt] = [await load('sdpa-marian'), await load('eager-gpt2')];
    shelf.add(marian);
    shelf.add(gpt);
    const { explanation: first } = await ComputedExplanation.create('a', 'Hello there', 0, marian);
    const { explanation: second } = await ComputedExplanation.create('b', 'Hello there', 0, gpt);
    await first.generate(2, NEVER, () => undefined);
    await second.generate(2, NEVER, () => undefined);
    const whole = await first.generate(2, NEVER, () => undefined);
    const alone = await (
      await ComputedExplanation.create('c', 'Hello there', 0, marian)
    ).explanation.generate(4, NEVER, () => undefined);
    expect(whole.steps.map(({ chosen }) => chosen)).toEqual(alone.steps.map(({ chosen }) => chosen));
    const weights = first.store.tokenWeights('source', [1]);
    await shelf.clear();
    expect(first.orphaned).toBe(true);
    first.dispose();
    expect(first.store.tokenWeights('source', [1])).toEqual(weights);
    await expect(first.generate(1, NEVER, () => undefined)).rejects.toMatchObject({ code: 'EXPLANATION_GONE' });
  });
});

test('a weight beyond the graphics device’s limit is refused before anything is loaded, with both numbers', async () => {
  const files = readFolder(join(FIXTURES, 'sdpa-marian'));
  const [encoder] = findGraphs(files);
  if (!encoder) throw new Error('the fixture has an encoder');
  const config: unknown = JSON.parse(new TextDecoder().decode(files['config.json']));
  const refused = loadGraph(encoder, files, config, { provider: 'webgpu', maxBufferBytes: 4096 });
  await expect(refused).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringMatching(/a weight of 0.0 MB.*no more than 0.0 MB/) as string,
    detail: expect.stringContaining('encoder_model.onnx') as string,
  });
});
