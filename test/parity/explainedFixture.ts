/** A fixture's model that has read a text, through the engine's own parts; freed after the test. */
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { asciiTokenizer } from '../support/asciiTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
/** The signal of what nobody stops. */
export const NEVER = new AbortController().signal;

/** With a tokenizer for ASCII, as most fixtures have none. */
export const fixtureFiles = (name: string): ModelFiles => ({
  ...readFolder(join(FIXTURES, name)),
  'tokenizer.json': new TextEncoder().encode(asciiTokenizer()),
});

export function useExplainedFixtures(): (name: string, text?: string) => Promise<ComputedExplanation> {
  const loaded: LoadedModel[] = [];
  afterEach(async () => {
    for (const model of loaded.splice(0)) await model.dispose();
  });
  return async (name, text = 'Hello there') => {
    useNodeRuntime();
    const request = { modelId: name, version: '', name, files: fixtureFiles(name) };
    const model = await loadModel(request, PROVIDER, () => undefined, NEVER);
    loaded.push(model);
    return (await ComputedExplanation.create('a', text, 0, model)).explanation;
  };
}
