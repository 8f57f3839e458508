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

/**
 * A fixture's model.
 * @param said other entries of config.json; undefined takes one out
 * @param beside further JSON files
 */
export async function loadTask(
  name: string,
  said: Readonly<Record<string, unknown>> = {},
  beside: Readonly<Record<string, unknown>> = {},
): Promise<LoadedModel> {
  useNodeRuntime();
  const files = taskFiles(name);
  const config = JSON.parse(new TextDecoder().decode(files['config.json'])) as object;
  const written = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const others: [string, Uint8Array][] = Object.entries(beside).map(([path, value]) => [path, written(value)]);
  const request = {
    modelId: name,
    version: '',
    name,
    files: { ...files, ...Object.fromEntries(others), 'config.json': written({ ...config, ...said }) },
  };
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
