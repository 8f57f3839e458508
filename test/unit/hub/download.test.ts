/** Against a real HTTP server in the hub's layout, into a real folder. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExplainError, isAbort } from '../../../src/errors';
import {
  download,
  findVariants,
  folderOf,
  type HubOptions,
  listModels,
  lookUp,
  type Manifest,
  planDownload,
  readModel,
  readModelFile,
  removeModel,
} from '../../../src/hub';
import { FolderStorage } from './folderStorage';
import { type HubFile, HubServer } from './hubServer';

const PART_BYTES = 300_000;
const ID = 'someone/marian-tiny';
const fixture = (path: string): Uint8Array => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
const big = Uint8Array.from({ length: PART_BYTES * 2 + 12_345 }, (_, i) => (i * 2_654_435_761) >>> 24);
const files = new Map<string, HubFile>([
  ['config.json', { bytes: fixture('transformers/sdpa-marian/config.json'), lfs: false }],
  ['tokenizer.json', { bytes: fixture('tokenizers/unigram-charsmap/tokenizer.json'), lfs: false }],
  ['onnx/encoder_model.onnx', { bytes: fixture('transformers/sdpa-marian/encoder_model.onnx'), lfs: true }],
  [
    'onnx/decoder_model_merged.onnx',
    { bytes: fixture('transformers/sdpa-marian/decoder_model_merged.onnx'), lfs: true },
  ],
  ['onnx/decoder_model_merged.onnx_data', { bytes: big, lfs: true }],
  ['README.md', { bytes: new Uint8Array([1]), lfs: false }],
]);

let server: HubServer;
let storage: FolderStorage;
let options: HubOptions;

beforeEach(async () => {
  server = new HubServer(ID, files);
  await server.start();
  storage = new FolderStorage(mkdtempSync(join(tmpdir(), 'hub-')));
  options = {
    url: `${server.url}/`,
    fetch: (url, init) => fetch(url, init),
    stallMilliseconds: 5000,
    partBytes: PART_BYTES,
    wait: () => Promise.resolve(),
  };
});

afterEach(async () => {
  await server.stop();
  rmSync(storage.root, { recursive: true });
});

async function plan(): Promise<Manifest> {
  const repository = await lookUp(options, ID);
  const variant = findVariants(repository.files)[0];
  if (variant === undefined) throw new Error('no variant');
  return planDownload(repository, variant);
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (isAbort(error)) return 'aborted';
    return error instanceof ExplainError ? error.code : `not coded: ${String(error)}`;
  }
  return 'nothing thrown';
}

async function expectWhole(manifest: Manifest): Promise<void> {
  const read = await readModel(storage, manifest);
  const wanted = [...files.keys()].filter((path) => path !== 'README.md');
  expect(Object.keys(read).sort()).toEqual(wanted.sort());
  for (const path of wanted)
    expect(Buffer.compare(read[path] ?? new Uint8Array(), files.get(path)?.bytes ?? new Uint8Array()), path).toBe(0);
}

const fetched = (path: string): readonly (string | undefined)[] =>
  server.seen
    .filter((seen) => seen.server === 'storage' && seen.path.endsWith(encodeURIComponent(path)))
    .map((seen) => seen.range);

describe('looking a model up', () => {
  test('files over several pages, licence, revision; paths that lead out are left out', async () => {
    const repository = await lookUp(options, ID);
    expect(repository).toMatchObject({ id: ID, revision: server.revision, licence: 'mit', gated: false });
    expect(repository.files.map((file) => file.path)).toEqual([...files.keys()]);
    expect(repository.files.find((file) => file.path === 'onnx/encoder_model.onnx')?.sha256).toMatch(/^[0-9a-f]{64}$/u);
  });

  test.each([
    ['a model that is not there', 'someone/else', {}, 'HUB_NOT_FOUND'],
    ['no model id', '../../etc', {}, 'HUB_NOT_FOUND'],
    ['the hub’s 401 for what does not exist', ID, { status: 401, errorCode: 'RepoNotFound' }, 'HUB_NOT_FOUND'],
    ['gated, 401', ID, { status: 401, errorCode: 'GatedRepo' }, 'HUB_GATED'],
    ['gated, 403', ID, { status: 403 }, 'HUB_GATED'],
    ['an angry server', ID, { status: 500 }, 'HUB_BAD_RESPONSE'],
  ])('%s', async (_, id, behaviour, code) => {
    Object.assign(server.behaviour, behaviour);
    expect(await codeOf(lookUp(options, id))).toBe(code);
  });

  test('no network, no host, no hub', async () => {
    expect(await codeOf(lookUp({ ...options, url: 'http://127.0.0.1:9' }, ID))).toBe('HUB_OFFLINE');
    expect(await codeOf(lookUp({ ...options, url: 'ftp://example.org' }, ID))).toBe('HUB_BAD_RESPONSE');
    expect(await codeOf(lookUp({ ...options, fetch: () => Promise.resolve(new Response('<html>')) }, ID))).toBe(
      'HUB_BAD_RESPONSE',
    );
  });
});

describe('downloading', () => {
  test('everything, verified, with progress in bytes', async () => {
    const seen: number[] = [];
    const manifest = await download(options, storage, await plan(), {
      onProgress: ({ received }) => seen.push(received),
    });
    await expectWhole(manifest);
    const total = manifest.files.reduce((sum, file) => sum + file.size, 0);
    expect(seen.at(-1)).toBe(total);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(await listModels(storage)).toMatchObject([{ complete: true, bytes: total, storedBytes: total }]);
    // Reading it back for the engine is told part by part, up to the whole.
    const fractions: number[] = [];
    await readModel(storage, manifest, undefined, (fraction) => fractions.push(fraction));
    expect(fractions.length).toBeGreaterThan(manifest.files.length);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    await removeModel(storage, manifest);
    expect(await listModels(storage)).toEqual([]);
    expect(await codeOf(readModelFile(storage, manifest, 'config.json'))).toBe('MODEL_FILE_CUT');
  });

  test.each([[[0]], [[1]], [[PART_BYTES - 1]], [[PART_BYTES]], [[PART_BYTES + 1, 1000, 0]]])(
    'the line is cut after %j bytes: it goes on by itself from there',
    async (cuts) => {
      const wanted = await plan();
      await download(options, storage, {
        ...wanted,
        files: wanted.files.filter((file) => !file.path.endsWith('_data')),
      });
      server.behaviour.cuts = [...cuts];
      await expectWhole(await download(options, storage, wanted));
      // A cut may lose what was on its way; what arrived is not asked for again.
      const froms = fetched('onnx/decoder_model_merged.onnx_data').map((range) =>
        Number(/\d+/u.exec(range ?? '0')?.[0]),
      );
      expect(froms.length).toBe(cuts.length + 1);
      expect(froms).toEqual([...froms].sort((a, b) => a - b));
      if ((cuts[0] ?? 0) > 100_000) expect(froms[1]).toBeGreaterThan(0);
    },
  );

  test('cancelled and taken up again, the parts are kept', async () => {
    const wanted = await plan();
    const controller = new AbortController();
    const cancelled = download(options, storage, wanted, {
      signal: controller.signal,
      onProgress: ({ path, received, total }) => {
        if (path.endsWith('_data') && received > total - big.length + PART_BYTES * 1.2) controller.abort();
      },
    });
    expect(await codeOf(cancelled)).toBe('aborted');
    const [begun] = await listModels(storage);
    expect(begun?.complete).toBe(false);
    expect(begun?.storedBytes).toBeGreaterThan(PART_BYTES);
    await expectWhole(await download(options, storage, begun?.manifest ?? wanted));
    expect(Number(/\d+/u.exec(fetched('onnx/decoder_model_merged.onnx_data').at(-1) ?? '')?.[0])).toBeGreaterThan(
      PART_BYTES,
    );
    expect(fetched('onnx/encoder_model.onnx').length).toBe(1);
  });

  test('a server without ranges', async () => {
    server.behaviour.ignoreRanges = true;
    const wanted = await plan();
    await download(options, storage, { ...wanted, files: wanted.files.filter((file) => !file.path.endsWith('_data')) });
    server.behaviour.cuts = [400_000];
    await expectWhole(await download(options, storage, wanted));
  });

  test('another revision starts anew', async () => {
    const old = await plan();
    await download(options, storage, old);
    server.revision = 'f'.repeat(40);
    const fresh = await plan();
    expect(fresh.revision).not.toBe(old.revision);
    await expectWhole(await download(options, storage, fresh));
    expect(fetched('onnx/encoder_model.onnx').length).toBe(2);
  });

  test('a wrong file is thrown away, also a small one', async () => {
    server.behaviour.wrong = true;
    const wanted = await plan();
    expect(await codeOf(download(options, storage, wanted))).toBe('HASH_MISMATCH');
    expect((await listModels(storage))[0]?.storedBytes).toBe(0);
    server.behaviour.wrong = false;
    const manifest = await download(options, storage, wanted);
    await expectWhole(manifest);
  });

  test('a part that was damaged on the disk is found out', async () => {
    const wanted = await plan();
    const manifest = await download(options, storage, wanted);
    writeFileSync(join(storage.root, folderOf(manifest), 'onnx/encoder_model.onnx.parts/000000'), 'short');
    expect(await codeOf(readModelFile(storage, manifest, 'onnx/encoder_model.onnx'))).toBe('MODEL_FILE_CUT');
  });

  test.each([
    ['silence', { stallAfter: 1000 }, 'HUB_STALLED'],
    ['a body that is too long', { tooLong: true }, 'HUB_BAD_RESPONSE'],
    ['cut again and again', { cuts: Array.from({ length: 40 }, () => 0) }, 'HUB_OFFLINE'],
    ['gone', { status: 404 }, 'HUB_NOT_FOUND'],
    ['too many requests', { status: 429 }, 'HUB_BAD_RESPONSE'],
    ['terms withdrawn', { status: 403 }, 'HUB_GATED'],
  ])('%s', async (_, behaviour, code) => {
    const wanted = await plan();
    Object.assign(server.behaviour, behaviour);
    expect(await codeOf(download({ ...options, stallMilliseconds: 300 }, storage, wanted))).toBe(code);
  });

  test('a range that begins elsewhere is refused', async () => {
    const wanted = await plan();
    await download(options, storage, { ...wanted, files: wanted.files.filter((file) => !file.path.endsWith('_data')) });
    Object.assign(server.behaviour, { cuts: [100_000], oddRange: true });
    expect(await codeOf(download(options, storage, wanted))).toBe('HUB_BAD_RESPONSE');
  });

  test('the disk is full', async () => {
    storage.quota = 400_000;
    expect(await codeOf(download(options, storage, await plan()))).toBe('DISK_FULL');
    storage.quota = Infinity;
    await expectWhole(await download(options, storage, await plan()));
  });

  test('a token goes to the hub and not where the hub redirects to', async () => {
    server.behaviour.token = 'hf_secret';
    expect(await codeOf(lookUp(options, ID))).toBe('HUB_GATED');
    options = { ...options, token: 'hf_secret' };
    await expectWhole(await download(options, storage, await plan()));
    const withToken = server.seen.filter((seen) => seen.authorization !== undefined);
    expect(withToken.some((seen) => seen.path.includes('/resolve/'))).toBe(true);
    expect(withToken.filter((seen) => seen.server === 'storage')).toEqual([]);
  });
});
