/** A model's files go to the engine as they are read; what fails first is told, and nothing is sent after it. */
import { expect, test } from 'vitest';
import type { ArrivedFile, EngineApi, LoadRequest, ModelReport } from '../../../src/protocol/engine';
import { loadAsRead } from '../../../src/vscode/run/loadAsRead';

const REQUEST: LoadRequest = { modelId: 'm', version: 'v', name: 'm', files: {} };
const REPORT = { modelId: 'm' } as ModelReport;
const bytes = (value: number): Uint8Array => Uint8Array.of(value);

/** An engine that has loaded once two files are there. */
function engine() {
  const got: ArrivedFile[] = [];
  const loaded = Promise.withResolvers<ModelReport>();
  let asked: LoadRequest | undefined;
  const api = {
    load: async (request: LoadRequest, signal: AbortSignal) => {
      asked = request;
      signal.addEventListener('abort', () => loaded.reject(signal.reason as Error));
      return loaded.promise;
    },
    file: async (file: ArrivedFile) => {
      if (got.push(file) === 2) loaded.resolve(REPORT);
      return Promise.resolve();
    },
  };
  return { api: api as unknown as EngineApi, got, asked: () => asked };
}

function twoFiles() {
  const [small, large] = [Promise.withResolvers<Uint8Array>(), Promise.withResolvers<Uint8Array>()];
  const files = [
    { path: 'small', bytes: small.promise },
    { path: 'large', bytes: large.promise },
  ];
  return { opened: { sizes: { small: 1, large: 1 }, files }, small, large };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('each file is sent when it has been read, whatever the others do', async () => {
  const { api, got, asked } = engine();
  const { opened, small, large } = twoFiles();
  const report = loadAsRead(api, Promise.resolve(), REQUEST, opened, new AbortController().signal);
  expect(asked()).toEqual({ ...REQUEST, coming: { small: 1, large: 1 } });
  small.resolve(bytes(1));
  await settled();
  expect(got).toEqual([{ modelId: 'm', version: 'v', path: 'small', bytes: bytes(1) }]);
  large.resolve(bytes(2));
  expect(await report).toBe(REPORT);
});

test('a file that cannot be read, and a runtime that cannot be started, end the load with their own error', async () => {
  for (const what of ['file', 'runtime']) {
    const { api, got } = engine();
    const { opened, small, large } = twoFiles();
    const ready = Promise.withResolvers<undefined>();
    const report = loadAsRead(api, ready.promise, REQUEST, opened, new AbortController().signal);
    if (what === 'file') small.reject(new Error('no file'));
    else ready.reject(new Error('no runtime'));
    await expect(report).rejects.toThrow(`no ${what}`);
    large.resolve(bytes(2));
    await settled();
    expect(got).toEqual([]);
  }
});

test('a load that is cancelled is sent nothing more', async () => {
  const { api, got } = engine();
  const { opened, small, large } = twoFiles();
  const cancel = new AbortController();
  const report = loadAsRead(api, Promise.resolve(), REQUEST, opened, cancel.signal);
  small.resolve(bytes(1));
  await settled();
  cancel.abort();
  await expect(report).rejects.toMatchObject({ name: 'AbortError' });
  large.resolve(bytes(2));
  await settled();
  expect(got).toHaveLength(1);
});
