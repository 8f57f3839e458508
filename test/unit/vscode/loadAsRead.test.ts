import { expect, test } from 'vitest';
import { ExplainError } from '../../../src/errors';
import type { EngineApi } from '../../../src/protocol/engine';
import type { OpenedModel } from '../../../src/vscode/models/modelSources';
import { loadAsRead } from '../../../src/vscode/run/loadAsRead';

const REQUEST = { modelId: 'bundled:en-fr', version: '', name: 'bundled', files: {} };

/** A model of two files, the second of which is read when `read` is called; and what its worker was sent. */
function twoFiles(load: EngineApi['load']): {
  readonly opened: OpenedModel;
  readonly read: (bytes: Uint8Array) => void;
  readonly sent: string[];
  readonly api: EngineApi;
} {
  const sent: string[] = [];
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const files = [
    { path: 'tokenizer.json', bytes: Promise.resolve(new Uint8Array(1)) },
    { path: 'onnx/encoder_model.onnx', bytes: promise },
  ];
  const api = {
    load,
    file: ({ path }: { readonly path: string }) => {
      sent.push(path);
      return Promise.resolve();
    },
  } as unknown as EngineApi;
  return { opened: { sizes: {}, files }, read: resolve, sent, api };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test('a file that is still being read when a load has failed is not sent to the next load of the same model', async () => {
  const broken = new ExplainError('TOKENIZER_INVALID', 'The tokenizer is damaged.');
  const { opened, read, sent, api } = twoFiles(async () => {
    await settle();
    throw broken;
  });
  const loading = loadAsRead(api, Promise.resolve(), REQUEST, opened, new AbortController().signal);
  await expect(loading).rejects.toBe(broken);
  read(new Uint8Array(1));
  await settle();
  expect(sent).toEqual(['tokenizer.json']);
});

test('each file goes to the worker when it is there', async () => {
  const report = Promise.withResolvers<never>();
  const { opened, read, sent, api } = twoFiles(() => report.promise);
  const loading = loadAsRead(api, Promise.resolve(), REQUEST, opened, new AbortController().signal);
  await settle();
  expect(sent).toEqual(['tokenizer.json']);
  read(new Uint8Array(1));
  await settle();
  expect(sent).toEqual(['tokenizer.json', 'onnx/encoder_model.onnx']);
  report.resolve({} as never);
  await loading;
});
