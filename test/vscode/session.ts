import { build } from 'esbuild';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';
import { launchChromium, SOFTWARE_WEBGPU } from '../support/chromium';
import { ROOT } from '../support/paths.mjs';
import { startBridge, type Bridge } from './bridge';
import { startIsolationProxy } from './isolation-proxy.mjs';
import { startServer, type VSCodeServer } from './server.mjs';
import { PATIENCE, until, Workbench } from './workbench';

export interface SessionOptions {
  /** Extensions to install (.vsix) or link (folders); the companion comes by itself. */
  readonly extensions: readonly string[];
  /** Files of the workspace, by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Send the headers that make every context cross-origin isolated, as vscode.dev does. */
  readonly isolated?: boolean;
  /** Give the browser a software WebGPU adapter. */
  readonly softwareWebGpu?: boolean;
  /** Workspace trust on: a new folder is then untrusted. */
  readonly trust?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
}

const open = new Set<Session>();
let closed = 0;

/** Pictures and words of every VS Code that is open now, for a test that failed. */
export async function reportOpenSessions(name: string): Promise<void> {
  let number = 0;
  for (const session of open)
    await session.report(`failed/${name.replace(/[^\w]+/g, '-').slice(0, 100)}-${++number}`).catch(() => undefined);
}

/** One VS Code with one window, and the ways to use and to look into it. */
export class Session {
  private constructor(
    readonly workbench: Workbench,
    readonly host: Bridge,
    readonly server: VSCodeServer,
    /** The workspace's folder on disk. */
    readonly folder: string,
    private readonly ends: readonly (() => Promise<unknown>)[],
  ) {}

  static async open(options: SessionOptions): Promise<Session> {
    // In the order of starting; a failure on the way ends what had started.
    const ends: (() => Promise<unknown>)[] = [];
    try {
      const companion = await buildCompanion();
      ends.unshift(() => rm(companion, { recursive: true, force: true }));
      const host = await startBridge();
      ends.unshift(() => host.stop());
      const folder = await realpath(await mkdtemp(join(tmpdir(), 'explain-files-')));
      ends.unshift(() => rm(folder, { recursive: true, force: true }));
      for (const [name, content] of Object.entries(options.files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
      const server = await startServer({
        extensions: [...options.extensions, companion],
        settings: { 'explainTest.bridge': host.address, ...options.settings },
        trust: options.trust ?? false,
      });
      ends.unshift(() => server.stop());
      let origin = server.origin;
      if (options.isolated) {
        const proxy = await startIsolationProxy(server.port);
        ends.unshift(() => proxy.stop());
        origin = proxy.origin;
      }
      const browser = await launchChromium(options.softwareWebGpu ? SOFTWARE_WEBGPU : []);
      ends.unshift(() => browser.close());
      const context = await browser.newContext({
        viewport: options.viewport ?? { width: 1400, height: 900 },
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const workbench = new Workbench(page);
      await page.goto(`${origin}/?folder=${encodeURIComponent(folder)}`, { timeout: PATIENCE });
      const session = new Session(workbench, host, server, folder, ends);
      open.add(session);
      ends.unshift(() => Promise.resolve(open.delete(session)));
      await session.ready();
      return session;
    } catch (thrown) {
      for (const end of ends) await end().catch(() => undefined);
      throw thrown;
    }
  }

  /** Waits until the window is drawn and its extension host answers. */
  async ready(): Promise<void> {
    await this.workbench.ready();
    await this.host.run((api) => api.version);
  }

  /** Reloads the window, as a user does; VS Code then keeps what is to be kept. */
  async reload(): Promise<void> {
    this.host.leaveWindow();
    const loaded = this.workbench.page.waitForEvent('load', { timeout: PATIENCE });
    await this.workbench.command('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /**
   * Opens a file of the workspace and selects `[start, end)` in UTF-16 offsets, or the first place of a text. Waits
   * until it is on screen in the active group. VS Code polls for a webview's focus four times a second: what a click
   * in the panel gave it can arrive after the editor was shown, and makes the panel's group the active one again.
   * The editor is then shown anew, as a user would click into it again.
   */
  async select(file: string, range: readonly [start: number, end: number] | string): Promise<void> {
    await until('the selection on screen', async () => {
      await this.#show(file, range);
      return until('the selection in the active group', () => this.#selectionIsActive(), 3000).catch(() => false);
    });
  }

  #show(file: string, range: readonly [start: number, end: number] | string): Promise<void> {
    return this.host.run(
      async (api, _explain, { path, target }) => {
        const document = await api.workspace.openTextDocument(
          api.Uri.joinPath(api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/'), path),
        );
        const start = typeof target === 'string' ? document.getText().indexOf(target) : target[0];
        if (start < 0) throw new Error(`There is no “${String(target)}” in ${path}.`);
        const end = typeof target === 'string' ? start + target.length : target[1];
        const selection = new api.Selection(document.positionAt(start), document.positionAt(end));
        const editor = await api.window.showTextDocument(document, {
          viewColumn: api.ViewColumn.One,
          preview: false,
          selection,
        });
        editor.revealRange(selection);
      },
      { path: file, target: range },
    );
  }

  #selectionIsActive(): Promise<boolean> {
    return this.workbench.page.evaluate(
      () =>
        document.querySelector('.editor-group-container.active .monaco-editor :is(.cursor, .selected-text)') !== null,
    );
  }

  /** Opens a text that no file could hold (NUL, lone surrogates) and selects all of it; resolves with the text as VS Code holds it. */
  selectAllOf(content: string): Promise<string> {
    return this.host.run(async (api, _explain, text) => {
      const document = await api.workspace.openTextDocument({ content: text, language: 'plaintext' });
      const selection = new api.Selection(new api.Position(0, 0), document.positionAt(document.getText().length));
      await api.window.showTextDocument(document, { viewColumn: api.ViewColumn.One, preview: false, selection });
      return document.getText();
    }, content);
  }

  /** Changes the user's settings; resolves when they are in force. `undefined` goes back to the default. */
  settings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    return this.host.run(
      async (api, _explain, entries) => {
        for (const [name, value] of entries)
          await api.workspace.getConfiguration().update(name, value ?? undefined, api.ConfigurationTarget.Global);
      },
      Object.entries(settings).map(([name, value]) => [name, value ?? null] as const),
    );
  }

  async screenshot(name: string): Promise<void> {
    const path = join(ROOT, 'test-results', `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    await this.workbench.page.screenshot({ path });
  }

  /** A picture, and what VS Code and its console said last. */
  async report(name: string): Promise<void> {
    await this.screenshot(name);
    const said = [
      ...(await this.workbench.notifications()),
      '',
      ...this.workbench.pageErrors,
      '',
      ...this.workbench.console.filter((line) => !/spdlog|watchdog/.test(line)).slice(-60),
    ];
    await writeFile(join(ROOT, 'test-results', `${name}.txt`), said.join('\n'));
  }

  /** Ends it all; how it looked at the end is kept, for a test that failed. */
  async close(): Promise<void> {
    await this.report(`sessions/${testFile()}-${++closed}`).catch(() => undefined);
    for (const end of this.ends) await end().catch(() => undefined);
  }
}

/** The running test file's name; the bench opens VS Code outside of a test. */
function testFile(): string {
  try {
    return basename(expect.getState().testPath ?? 'session', '.test.ts');
  } catch {
    return 'session';
  }
}

/** Bundles the companion extension into a folder of its own: test files that run beside each other do so at the same time. */
async function buildCompanion(): Promise<string> {
  const from = join(ROOT, 'test', 'vscode', 'companion');
  const to = await mkdtemp(join(tmpdir(), 'explain-companion-'));
  await build({
    entryPoints: [join(from, 'companion.ts')],
    outfile: join(to, 'companion.js'),
    bundle: true,
    platform: 'browser',
    format: 'cjs',
    target: 'chrome128',
    external: ['vscode'],
    logLevel: 'warning',
  });
  await cp(join(from, 'package.json'), join(to, 'package.json'));
  return to;
}
