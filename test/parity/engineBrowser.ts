/** A real Chromium with the real engine bundle in a real worker, for the tests of what Node cannot show. */
import { build } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { gzipSync } from 'node:zlib';
import { findChromium } from '../vscode/chromium.mjs';
import type { EnginePage } from './enginePage';

const root = join(import.meta.dirname, '../..');
const runtime = join(root, 'node_modules/onnxruntime-web/dist');

async function bundle(entry: string): Promise<string> {
  // The very options that the shipped bundle is built with.
  const config = (await import(join(root, 'esbuild.config.mjs'))) as { bundles: Parameters<typeof build>[0][] };
  const engine = config.bundles.find((options) => Object.keys(options.entryPoints ?? {}).includes('engine'));
  const result = await build({
    ...engine,
    entryPoints: { out: join(root, entry) },
    sourcemap: false,
    write: false,
    outdir: tmpdir(),
  });
  const file = result.outputFiles[0];
  if (!file) throw new Error(`esbuild made nothing of ${entry}`);
  return file.text;
}

const zipped = new Map<string, Buffer>();
function gzip(name: string): Buffer {
  const bytes = zipped.get(name) ?? gzipSync(readFileSync(join(runtime, name)), { level: 6 });
  zipped.set(name, bytes);
  return bytes;
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page, the bundles, the runtime, the repository's models and `more` files by path; cross-origin isolated where asked. */
export async function serveEngine(
  isolated: boolean,
  more: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Site> {
  const scripts: Readonly<Record<string, string>> = {
    '/engine.js': await bundle('src/engine/worker.ts'),
    '/page.js': await bundle('test/parity/enginePage.ts'),
  };
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*/, '');
    const headers: Record<string, string> = isolated
      ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
      : {};
    const send = (type: string, body: string | Uint8Array): void =>
      void response.writeHead(200, { ...headers, 'content-type': type }).end(body);
    const script = scripts[path];
    const extra = more[path];
    if (path === '/') send('text/html', '<!doctype html><title>engine</title><script src="/page.js"></script>');
    else if (script !== undefined) send('text/javascript', script);
    else if (path.startsWith('/ort/') && path.endsWith('.wasm.gz'))
      send('application/octet-stream', gzip(path.slice(5, -3)));
    else if (path.startsWith('/ort/')) send('text/javascript', readFileSync(join(runtime, path.slice(5))));
    else if (extra !== undefined) send('application/json', extra);
    else {
      const file = join(root, path);
      if (file.startsWith(root) && existsSync(file)) send('application/octet-stream', readFileSync(file));
      else response.writeHead(404, headers).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/**
 * Switches of Chromium, with blanks between them in the environment, that give its pages this machine's graphics card: WebGPU is tested
 * and measured on that, and a software adapter is not taken in its place. Undefined where nothing is said of a card.
 */
export const CARD: readonly string[] | undefined = process.env['EXPLAIN_WEBGPU_CARD']
  ?.split(/\s+/)
  .filter((word) => word !== '');

/** @param switches of Chromium, beside those that every test needs */
export async function launchBrowser(switches: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium() ?? '',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...switches,
    ],
  });
}

/** Puts a module, with all that it imports, into a page, as a global of that name. */
export async function addModule(page: Page, path: string, globalName: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    bundle: true,
    format: 'iife',
    globalName,
    write: false,
    logLevel: 'error',
    define: { 'import.meta.url': '""' },
  });
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
}

type Asynchronous<T> = T extends (...args: infer A) => Promise<infer R>
  ? (...args: A) => Promise<R>
  : T extends (...args: infer A) => infer R
    ? (...args: A) => Promise<R>
    : never;
/** The page's functions, called from here. */
export interface Driver extends Pick<EnginePage, 'start' | 'load' | 'call' | 'callWithFiles'> {
  readonly abort: Asynchronous<EnginePage['abort']>;
  readonly steps: Asynchronous<EnginePage['steps']>;
  readonly death: Asynchronous<EnginePage['death']>;
  readonly page: Page;
}

export async function openPage(browser: Browser, site: Site): Promise<Driver> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url);
  const call = (name: string, args: unknown[]): Promise<unknown> =>
    page.evaluate(
      ([method, list]) =>
        (globalThis as unknown as { page: Record<string, (...items: unknown[]) => unknown> }).page[method]?.(...list),
      [name, args] as const,
    );
  return new Proxy({ page } as Driver, {
    get: (target, name) =>
      name === 'page' || name === 'then' || typeof name !== 'string'
        ? (Reflect.get(target, name) as unknown)
        : (...args: unknown[]) => call(name, args),
  });
}
