/** The real bundle in the real page under its real policy, with a real RPC peer in the test process. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { PanelApi, PanelEvents } from '../../src/protocol/panel';
import { serve, type Server as RpcServer } from '../../src/protocol/rpc';
import { webviewHtml } from '../../src/vscode/webviews/webviewHtml';
import { pack, PAGE_BRIDGE } from './wire';
import { THEMES, type Theme } from './themes';

const ROOT = join(import.meta.dirname, '../..');
export const RESULTS = join(ROOT, 'test-results/webview');

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.map': 'application/json',
};

export interface Site {
  readonly origin: string;
  close(): void;
}

/** Serves dist/ and, under /panel and /generation, the webviews' page. */
export async function serveWebview(): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    if (path === 'panel' || path === 'generation') {
      const origin = `http://${request.headers.host ?? ''}`;
      response.setHeader('content-type', 'text/html');
      response.end(
        webviewHtml({
          cspSource: origin,
          nonce: randomBytes(16).toString('hex'),
          scriptUri: `${origin}/webview.js`,
          styleUri: `${origin}/webview-styles.css`,
          view: path,
          lang: 'en',
        }),
      );
      return;
    }
    if (path === 'favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    readFile(join(ROOT, 'dist', path)).then(
      (body) => {
        response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
        // Compiled once for all pages of a context: what is built does not change while the tests run.
        response.setHeader('cache-control', 'max-age=3600');
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

export interface WebviewPage {
  readonly page: Page;
  readonly rpc: RpcServer<PanelEvents>;
  setTheme(theme: Theme): Promise<void>;
  cspReports(): Promise<readonly string[]>;
  savedStates(): Promise<readonly unknown[]>;
  /** What the page logged as an error or threw. */
  readonly errors: readonly string[];
}

export interface OpenOptions {
  readonly view: 'panel' | 'generation';
  readonly service: PanelApi;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: Theme;
  readonly initialState?: unknown;
  readonly deviceScaleFactor?: number;
  /** Runs in place of the bundle, under the same policy. */
  readonly script?: string;
  /** Runs before everything else on the page. */
  readonly before?: string;
}

/** As VS Code does it: variables on the root's style through the CSSOM, the kind as the body's class. */
const applyTheme = ({ bodyClass, variables, view }: Theme & { readonly view: string }): void => {
  const root = document.documentElement;
  root.removeAttribute('style');
  for (const [name, value] of Object.entries(variables)) root.style.setProperty(name, value);
  document.body.className = bodyClass;
  // VS Code paints the view's own background behind the page.
  root.style.setProperty(
    'background-color',
    variables[view === 'panel' ? '--vscode-editor-background' : '--vscode-sideBar-background'] ?? '',
  );
};

/** The toolkit's controls take a theme's colours with the next frames. Runs on the page. */
const SETTLED = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))';

/** Contexts of a browser by their pages' scale. The pages of one share a process's caches, so that all but the first open faster. */
const contexts = new WeakMap<Browser, Map<number, Promise<BrowserContext>>>();

function contextOf(browser: Browser, deviceScaleFactor: number): Promise<BrowserContext> {
  const known = contexts.get(browser) ?? new Map<number, Promise<BrowserContext>>();
  contexts.set(browser, known);
  const context = known.get(deviceScaleFactor) ?? browser.newContext({ deviceScaleFactor });
  known.set(deviceScaleFactor, context);
  return context;
}

export async function openWebview(browser: Browser, site: Site, options: OpenOptions): Promise<WebviewPage> {
  const { view, service } = options;
  const page = await (await contextOf(browser, options.deviceScaleFactor ?? 1)).newPage();
  await page.setViewportSize({ width: options.width ?? 1100, height: options.height ?? 900 });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  let receive: (message: unknown) => void = () => undefined;
  await page.exposeFunction('toHost', (text: string) => receive(JSON.parse(text)));
  const rpc = serve<PanelApi, PanelEvents>(
    {
      post: (message) => {
        if (!page.isClosed())
          page
            .evaluate((text) => (window as unknown as { fromHost(text: string): void }).fromHost(text), pack(message))
            .catch(() => undefined);
      },
      listen: (listener) => {
        receive = listener;
        return () => (receive = () => undefined);
      },
    },
    service,
  );
  await page.addInitScript({
    content: `window.initialState = ${JSON.stringify(options.initialState ?? null)} ?? undefined;${PAGE_BRIDGE}`,
  });
  const dark = THEMES[0];
  const theme = options.theme ?? dark;
  if (theme) {
    // The theme is there before the page's script, as in VS Code.
    await page.addInitScript({
      content: `document.addEventListener('readystatechange', () => { if (document.readyState === 'interactive' && document.body) (${applyTheme.toString()})(${JSON.stringify({ ...theme, view })}); });`,
    });
  }
  if (options.before !== undefined) await page.addInitScript({ content: options.before });
  const { script } = options;
  if (script !== undefined)
    await page.route('**/webview.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  await page.goto(`${site.origin}/${view}`);
  return {
    page,
    rpc,
    errors,
    async setTheme(next) {
      await page.evaluate(applyTheme, { ...next, view });
      await page.evaluate(SETTLED);
    },
    cspReports: () => page.evaluate(() => (window as unknown as { cspReports: string[] }).cspReports),
    savedStates: () => page.evaluate(() => (window as unknown as { savedStates: unknown[] }).savedStates),
  };
}
