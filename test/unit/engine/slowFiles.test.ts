/** A model whose files are read slowly is not silent: its host ends a worker that says nothing for too long. */
import { afterEach, expect, test, vi } from 'vitest';
import { createService } from '../../../src/engine/service';

afterEach(() => vi.useRealTimers());

test('while files are on their way something is heard of the engine, and nothing of a load that has ended', async () => {
  const heard: string[] = [];
  const service = createService((event) => void heard.push(event));
  await service.findProvider({ preference: 'wasm', allowSoftwareAdapter: false });
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const cancel = new AbortController();
  const loading = service.load(
    { modelId: 'm', version: '', name: 'm', files: {}, coming: { 'config.json': 1 } },
    cancel.signal,
  );
  // It has begun, in a task of its own.
  while (!heard.includes('progress')) await new Promise((resolve) => setTimeout(resolve, 0));
  vi.advanceTimersByTime(30_000);
  expect(heard.filter((event) => event === 'marks')).toHaveLength(6);
  cancel.abort();
  await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  heard.length = 0;
  vi.advanceTimersByTime(30_000);
  expect(heard).toEqual([]);
});
