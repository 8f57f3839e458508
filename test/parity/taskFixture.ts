/** The models with a task head (test/fixtures/tasks), with what `transformers` answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { NEVER } from './explainedFixture';
import type { ReferenceTensor } from './fixture';
import { useNodeRuntime } from './nodeRuntime';
import { readFolder } from './reference';

const TASKS = join(import.meta.dirname, '../fixtures/tasks');
const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };

export interface TaskCase {
  readonly text: string;
  readonly pair?: string;
  readonly ids: readonly number[];
  readonly types: readonly number[];
  readonly attention: ReferenceTensor;
  readonly logits: ReferenceTensor;
  readonly scores: readonly number[];
  readonly start: ReferenceTensor;
  readonly end: ReferenceTensor;
  readonly best: { readonly start: number; readonly end: number; readonly score: number };
  readonly none: number;
  readonly vector: ReferenceTensor;
  readonly found: readonly { readonly index: number; readonly entity: string; readonly score: number }[];
}

export const taskFiles = (name: string): ModelFiles => readFolder(join(TASKS, name));

/** A fixture's model, with other entries in config.json where they are given (undefined takes one out). */
export async function loadTask(name: string, said: Readonly<Record<string, unknown>> = {}): Promise<LoadedModel> {
  useNodeRuntime();
  const files = taskFiles(name);
  const config = JSON.parse(new TextDecoder().decode(files['config.json'])) as object;
  const changed = new TextEncoder().encode(JSON.stringify({ ...config, ...said }));
  const request = { modelId: name, version: '', name, files: { ...files, 'config.json': changed } };
  return loadModel(request, PROVIDER, () => undefined, NEVER);
}

export const casesOf = (name: string): readonly TaskCase[] =>
  (JSON.parse(readFileSync(join(TASKS, name, 'answers.json'), 'utf8')) as { cases: readonly TaskCase[] }).cases;

/** As `loadTask`; freed after the test. */
export function useTasks(): typeof loadTask {
  const loaded: LoadedModel[] = [];
  afterEach(async () => {
    for (const model of loaded.splice(0)) await model.dispose();
  });
  return async (...asked) => {
    const model = await loadTask(...asked);
    loaded.push(model);
    return model;
  };
}
