/** What a hostile server, a second window or a damaged disk can do to downloads, and what it cannot. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExplainError, isAbort } from '../../../src/errors';
import {
  checkedFiles,
  download,
  findModel,
  findVariants,
  folderOf,
  type HubOptions,
  listModels,
  lookUp,
  type Manifest,
  planDownload,
  readModel,
  removeModel,
} from '../../../src/hub';
import { withLockFile } from '../../../src/hub/lock';
import { FolderStorage } from './folderStorage';
import { type HubFile, HubServer } from './hubServer';

const ID = 'someone/bert-tiny';
const PART_BYTES = 20_000;
const fixture = (path: string): Uint8Array => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
const files = new Map<string, HubFile>([
  ['config.json', { bytes: fixture('transformers/sdpa-bert/config.json'), lfs: false }],
  ['tokenizer.json', { bytes: new TextEncoder().encode('{"a": 1}'), lfs: false }],
  ['onnx/model.onnx', { bytes: fixture('transformers/sdpa-bert/model.onnx'), lfs: true }],
]);

let server: HubServer;
let storage: FolderStorage;
let options: HubOptions;

beforeEach(async () => {
  server = new HubServer(ID, files);
  await server.start();
  storage = new FolderStorage(mkdtempSync(join(tmpdir(), 'hub-')));
  options = {
    url: server.url,
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
  const [variant] = findVariants(repository.files);
  if (variant === undefined) throw new Error('no variant');
  return planDownload(repository, variant);
}

/** How something ends: its code, and the sentence. */
async function endOf(action: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ExplainError) return { code: error.code, message: error.message };
    return { code: isAbort(error) ? 'aborted' : `not coded: ${String(error)}`, message: '' };
  }
  return { code: 'done', message: '' };
}
const codeOf = async (action: Promise<unknown>): Promise<string> => (await endOf(action)).code;

describe('one at a time', () => {
  test('two downloads of one model, and a removal meanwhile: the first one alone, and what it leaves is whole', async () => {
    const wanted = await plan();
    const first = download(options, storage, wanted);
    expect(await codeOf(download(options, storage, wanted))).toBe('HUB_BUSY');
    expect(await codeOf(removeModel(storage, wanted))).toBe('HUB_BUSY');
    const manifest = await first;
    const read = await readModel(storage, manifest);
    for (const [path, { bytes }] of files) expect(Buffer.compare(read[path] ?? new Uint8Array(), bytes)).toBe(0);
    // Let go of: the same again, and a removal, go through.
    expect(await codeOf(download(options, storage, wanted))).toBe('done');
    expect(await codeOf(removeModel(storage, wanted))).toBe('done');
    expect(await storage.list('')).toEqual([]);
  });

  test('between windows, which share no locks, a file says so; also after a failure it is gone', async () => {
    const folder = 'a--b--fp32';
    const held = Promise.withResolvers<string>();
    const first = withLockFile(storage, folder, 'a/b', () => held.promise);
    const second = await endOf(withLockFile(storage, folder, 'a/b', () => Promise.resolve('never')));
    expect(second).toEqual({ code: 'HUB_BUSY', message: expect.stringContaining('another window') as string });
    // Another model's is another lock.
    expect(await withLockFile(storage, 'a--c--fp32', 'a/c', () => Promise.resolve('free'))).toBe('free');
    held.resolve('whole');
    expect(await first).toBe('whole');
    expect(await codeOf(withLockFile(storage, folder, 'a/b', () => Promise.reject(new Error('x'))))).toMatch(/x/);
    expect(await withLockFile(storage, folder, 'a/b', () => Promise.resolve('again'))).toBe('again');
    expect(await storage.list('')).toEqual([]);
  });

  test('a window that is gone holds nothing: its lock is out of date, or was cut off while it was written', async () => {
    const old = JSON.stringify({ owner: 'gone', renewed: Date.now() - 60_000 });
    for (const left of [old, '{"own', '', '[]', 'null']) {
      writeFileSync(join(storage.root, 'a--b--fp32.lock'), left);
      expect(await withLockFile(storage, 'a--b--fp32', 'a/b', () => Promise.resolve(left))).toBe(left);
    }
    // It is no model either.
    writeFileSync(join(storage.root, 'a--b--fp32.lock'), old);
    expect(await listModels(storage)).toEqual([]);
  });

  test('a model that another window replaces while it is read is not half of each', async () => {
    const manifest = await download(options, storage, await plan());
    server.revision = 'f'.repeat(40);
    const other = await plan();
    let replaced = false;
    const reading = readModel(storage, manifest, undefined, () => {
      if (replaced) return;
      replaced = true;
      const path = join(storage.root, folderOf(manifest), 'model.json');
      writeFileSync(path, JSON.stringify({ ...other, files: manifest.files }));
    });
    expect(await codeOf(reading)).toBe('MODEL_FILE_MISSING');
    expect(await codeOf(readModel(storage, manifest))).toBe('MODEL_FILE_MISSING');
  });
});

describe('what is stored', () => {
  test('is what is checked: a part that is not what was sent is found out before the model is called whole', async () => {
    const wanted = await plan();
    const write = storage.writeFile.bind(storage);
    storage.writeFile = (path, bytes) =>
      write(path, path.endsWith('model.onnx.parts/000001') ? bytes.map((byte) => byte ^ 1) : bytes);
    expect(await codeOf(download(options, storage, wanted))).toBe('HASH_MISMATCH');
    storage.writeFile = write;
    await readModel(storage, await download(options, storage, wanted));
  });

  test('a part that is gone is said as that', async () => {
    const wanted = await plan();
    const write = storage.writeFile.bind(storage);
    storage.writeFile = (path, bytes) =>
      path.endsWith('model.onnx.parts/000001') ? Promise.resolve() : write(path, bytes);
    expect(await endOf(download(options, storage, wanted))).toEqual({
      code: 'HASH_MISMATCH',
      message: expect.stringContaining('not whole on the disk') as string,
    });
  });

  test('is listed with one call a model, and one model is found with one, whatever they weigh', async () => {
    const manifest = await download({ ...options, partBytes: 500 }, storage, await plan());
    const parts = await storage.list(`${folderOf(manifest)}/onnx/model.onnx.parts`);
    expect(parts.length).toBeGreaterThan(50);
    storage.calls = 0;
    const [listed] = await listModels(storage);
    expect(storage.calls).toBe(2);
    expect(listed).toMatchObject({ complete: true, storedBytes: listed?.bytes });
    storage.calls = 0;
    expect((await findModel(storage, manifest))?.manifest).toEqual(manifest);
    expect(storage.calls).toBe(1);
  });

  test('is read with its progress', async () => {
    const manifest = await download(options, storage, await plan());
    const seen: number[] = [];
    await readModel(storage, manifest, undefined, (fraction) => seen.push(fraction));
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  test('a manifest that does not fit its schema vouches for nothing', async () => {
    const manifest = await download(options, storage, await plan());
    const [file, ...others] = manifest.files;
    const write = (value: unknown): void =>
      writeFileSync(join(storage.root, folderOf(manifest), 'model.json'), JSON.stringify(value));
    const damaged: readonly object[] = [
      { version: 2 },
      { id: '../../etc' },
      { revision: '../main' },
      { dtype: 'constructor' },
      { graphs: ['../model.onnx'] },
      { graphs: 7 },
      { files: [{ ...file, path: '/etc/passwd' }, ...others] },
      { files: [{ ...file, size: -1 }, ...others] },
      { files: [{ ...file, size: 1e300 }, ...others] },
      { files: [{ ...file, sha256: 'zz' }, ...others] },
      { files: [{ ...file, verified: 'yes' }, ...others] },
      { files: Array.from({ length: 2000 }, () => file) },
      { licence: 'x'.repeat(5_000_000) },
    ];
    for (const change of damaged) {
      write({ ...manifest, ...change });
      expect(await listModels(storage), JSON.stringify(change).slice(0, 80)).toEqual([]);
    }
    write(manifest);
    expect((await listModels(storage)).length).toBe(1);
    // Manifests of earlier versions do not know how much is stored.
    write({ ...manifest, files: manifest.files.map(({ stored, ...rest }) => (stored >= 0 ? rest : rest)) });
    expect((await listModels(storage)).length).toBe(1);
  });

  test('is called checked only where the hub gives something to be checked by', async () => {
    const wanted = await plan();
    expect(checkedFiles(wanted)).toBe(wanted.files.length);
    const [first, ...others] = wanted.files;
    if (!first) throw new Error('no file');
    expect(checkedFiles({ files: [{ ...first, sha256: null, gitOid: null }, ...others] })).toBe(others.length);
  });
});

describe('a hostile server', () => {
  /** Answers the model's page, and `pages` of its tree one after another. */
  const serverOf = (pages: readonly { readonly entries: unknown; readonly link?: string }[]): HubOptions['fetch'] => {
    let page = 0;
    return (url) => {
      if (url.includes('/revision/')) return Promise.resolve(Response.json({ sha: 'a'.repeat(40) }));
      const { entries, link } = pages[page++ % pages.length] ?? { entries: [] };
      return Promise.resolve(Response.json(entries, link === undefined ? {} : { headers: { link } }));
    };
  };
  const entries = (count: number, from = 0): object[] =>
    Array.from({ length: count }, (_, i) => ({ type: 'file', path: `f${from + i}`, size: 1, oid: '0'.repeat(40) }));
  const base = 'https://hub.example';
  const next = `<${base}/api/models/${ID}/tree/x?cursor=1>; rel="next"`;

  test('that lists more files, or more text, than a model can have is left, with the number', async () => {
    const look = (fetch: HubOptions['fetch']) => endOf(lookUp({ ...options, url: base, fetch }, ID));
    expect(await look(serverOf([{ entries: entries(10_000) }]))).toMatchObject({ code: 'done' });
    expect(await look(serverOf([{ entries: entries(6000), link: next }]))).toEqual({
      code: 'TOO_LARGE',
      message: expect.stringContaining('10,000 files') as string,
    });
    const wide = [{ type: 'file', path: 'a', size: 1, note: 'x'.repeat(3_000_000) }];
    expect((await look(serverOf([{ entries: wide, link: next }]))).code).toMatch(/^(TOO_LARGE|HUB_BAD_RESPONSE)$/);
  });

  test.each([
    ['many openings', '<'.repeat(200_000)],
    ['many targets', '<a>; rel="prev", '.repeat(20_000)],
    ['no end', `<${'a'.repeat(200_000)}`],
    ['many parameters', `<a>${'; rel'.repeat(100_000)}`],
  ])('with a Link header made to be searched for ever (%s) costs nothing', async (_, link) => {
    const began = performance.now();
    const found = await lookUp({ ...options, url: base, fetch: serverOf([{ entries: entries(1), link }]) }, ID);
    expect(found.files.length).toBe(1);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('the next page is found among others, and another origin’s is not followed', async () => {
    const pages = (link: string) => serverOf([{ entries: entries(1), link }, { entries: entries(1, 1) }]);
    const count = async (link: string): Promise<number> =>
      (await lookUp({ ...options, url: base, fetch: pages(link) }, ID)).files.length;
    expect(await count(`<${base}/first>; rel="first", ${next}`)).toBe(2);
    expect(await count(`</api?cursor=1>;rel=next`)).toBe(2);
    expect(await count(next.replace('hub.example', 'evil.example'))).toBe(1);
    expect(await count(`<${base}/x>; rel="prev"; title="next"`)).toBe(1);
  });

  test.each(['', 'huggingface.co', 'not an address', 'ftp://hub.example', 'file:///etc', 'javascript:0', 'https://'])(
    'the address “%s” is none, and nothing is asked of any other',
    async (url) => {
      const asked: string[] = [];
      const fetch: HubOptions['fetch'] = (address) => {
        asked.push(address);
        return Promise.reject(new Error('asked'));
      };
      expect(await codeOf(lookUp({ ...options, url, fetch }, ID))).toBe('HUB_BAD_RESPONSE');
      expect(asked).toEqual([]);
    },
  );

  test('a name and password in the address are explained, and not repeated', async () => {
    const { code, message } = await endOf(lookUp({ ...options, url: 'https://me:geheim@hub.example' }, ID));
    expect(code).toBe('HUB_BAD_RESPONSE');
    expect(message).toMatch(/user:password@.*Access Token/);
    expect(message).not.toContain('geheim');
  });

  test.each([
    ['https://hub.example', true],
    ['http://localhost:8080', true],
    ['http://127.0.0.1:8080', true],
    ['http://[::1]:8080', true],
    ['http://hub.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://192.168.0.1', false],
  ])('the token is sent to %s: %s', async (url, sent) => {
    const seen: (string | null)[] = [];
    const fetch: HubOptions['fetch'] = (_, init) => {
      seen.push(new Headers(init?.headers).get('authorization'));
      return Promise.resolve(new Response('', { status: 401 }));
    };
    const { code, message } = await endOf(lookUp({ ...options, url, fetch, token: 'hf_secret' }, ID));
    expect(code).toBe('HUB_GATED');
    expect(seen).toEqual([sent ? 'Bearer hf_secret' : null]);
    expect(/over https only/.test(message)).toBe(!sent);
  });
});
