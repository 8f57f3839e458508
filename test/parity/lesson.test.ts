/** The lesson: each step of the bundled model computed again from the one before it is the model's own, at every station, layer and head. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { needsNumbers, stationsOf } from '../../src/lesson/stations';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { lessonOf } from '../support/lessonOf';
import { useNodeRuntime } from './nodeRuntime';
import { BUNDLED, FIXTURES, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const NEVER = new AbortController().signal;

const loaded: LoadedModel[] = [];
afterAll(async () => {
  for (const model of loaded.splice(0)) await model.dispose();
});

async function explained(
  name: string,
  files: ModelFiles,
  text: string,
): Promise<{ readonly model: LoadedModel; readonly explanation: ComputedExplanation }> {
  useNodeRuntime();
  const model = await loadModel({ modelId: name, version: '', name, files }, PROVIDER, () => undefined, NEVER);
  loaded.push(model);
  const { explanation } = await ComputedExplanation.create('a', text, 0, model);
  if (model.decoder) await explanation.generate(8, NEVER, () => undefined);
  return { model, explanation };
}

interface Seen {
  readonly stage: string;
  readonly step: string;
  readonly difference: number | null;
  readonly reason: string;
}

/** Every station for some layers, heads and tokens, with what each step was apart. */
async function walk(name: string, files: ModelFiles, text: string): Promise<readonly Seen[]> {
  const { model, explanation } = await explained(name, files, text);
  const seen: Seen[] = [];
  for (const { kind, stage } of stationsOf(model.report.family, model.report.kinds)) {
    const info = model.report.kinds.find((one) => one.kind === kind);
    if (!info) throw new Error(`No ${kind}.`);
    if (!needsNumbers(stage)) continue;
    const places = [
      [info.layers - 1, info.heads - 1, 3] as const,
      ...(stage === 'vectors' ? [[0, 0, 0] as const] : []),
    ];
    for (const [layer, head, token] of places) {
      const place = { kind, stage, layer, head, token, feature: 1 };
      const { checks, tensors, gaps } = await lessonOf(explanation, place, files);
      expect(tensors.length + gaps.length, `${kind} ${stage}`).toBeGreaterThan(0);
      for (const { name: step, difference, reason } of checks)
        seen.push({ stage: `${kind} ${stage}`, step, difference, reason });
    }
  }
  explanation.dispose();
  return seen;
}

test('bundled: every step is at most 1e-5 from the model’s own numbers', async () => {
  const text = 'The cat sat on the mat because it was tired.';
  const seen = await walk('bundled:en-fr', readFolder(BUNDLED), text);
  expect(seen.filter(({ difference }) => difference === null || difference > 1e-5)).toEqual([]);
  // Not one kind of step is left out.
  expect(new Set(seen.map(({ step }) => step))).toEqual(
    new Set(
      'stream query key value scores masked weights headOutput heads projected sum normed inner output after logits'.split(
        ' ',
      ),
    ),
  );
}, 60_000);

/** What the lesson does not follow in a model, and says so. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  // Its embeddings are normalised before the first layer.
  'eager-bert': ['encoder stream: stream'],
  'eager-gpt2': [],
  'eager-t5': [],
};

test.each(Object.keys(OTHERWISE))(
  '%s: each step is the model’s own, or says that it is not followed',
  async (name) => {
    const files = { ...readFolder(join(FIXTURES, name)), 'tokenizer.json': new TextEncoder().encode(asciiTokenizer()) };
    const seen = await walk(name, files, 'Hello there');
    expect(seen.filter(({ difference }) => difference !== null && difference > 2e-5)).toEqual([]);
    expect([
      ...new Set(seen.filter(({ difference }) => difference === null).map(({ stage, step }) => `${stage}: ${step}`)),
    ]).toEqual(OTHERWISE[name]);
  },
  60_000,
);
