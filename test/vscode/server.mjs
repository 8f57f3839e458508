// @ts-check
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findNode } from '../support/node.mjs';
import { ROOT } from '../support/paths.mjs';
import { endTree, run, start } from '../support/run-command.mjs';
import { installed } from './installed.mjs';
import { ensureVSCode } from './install.mjs';

/** A quiet VS Code: nothing of its own on screen, nothing that moves by itself, asks or fetches. */
export const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'editor.cursorBlinking': 'solid',
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'npm.autoDetect': 'off',
  'typescript.tsserver.web.projectWideIntellisense.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/**
 * Those of the extensions inside VS Code that a window of the tests needs: themes, and what shows Markdown, notebooks and code. All of
 * them make each window slower to open by a third.
 */
const BUILT_IN = [
  'theme-defaults',
  'markdown-basics',
  'markdown-language-features',
  'ipynb',
  'notebook-renderers',
  'json',
  'javascript',
  'python',
];

/**
 * A folder with links to the extensions inside VS Code that a window of the tests needs.
 * @param {string} folder to be made
 * @param {string} entry code-server's entry script
 */
async function linkBuiltIn(folder, entry) {
  await mkdir(folder);
  const all = join(entry, '..', '..', '..', 'lib', 'vscode', 'extensions');
  for (const name of BUILT_IN) await symlink(join(all, name), join(folder, name), 'junction');
  return folder;
}

/** @returns {Promise<number>} a port of 127.0.0.1 that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/**
 * Puts an unpacked extension into an extensions folder by a link, under the name that VS Code would give it.
 * @param {string} folder of the extension
 * @param {string} extensions
 */
export async function linkExtension(folder, extensions) {
  const { publisher, name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  await mkdir(extensions, { recursive: true });
  const link = join(extensions, `${publisher}.${name}-${version}`);
  await rm(link, { force: true, recursive: false }).catch(() => undefined);
  await symlink(folder, link, 'junction');
}

/**
 * Starts VS Code on 127.0.0.1 and waits until it answers. Everything that it writes is in one new temporary folder.
 * @param {{
 *   extensions?: readonly string[],
 *   settings?: Readonly<Record<string, unknown>>,
 *   trust?: boolean,
 *   port?: number,
 *   flags?: readonly string[],
 *   whole?: boolean,
 * }} options `extensions`: .vsix files to install and folders to link; `trust`: whether workspace trust is on (it is off by default); `flags`: more of the command line; `whole`: with all extensions inside VS Code, for a person
 */
export async function startServer({
  extensions = [],
  settings = {},
  trust = false,
  port,
  flags = [],
  whole = false,
} = {}) {
  const entry = await ensureVSCode();
  const node = findNode(24);
  // Short, as the path of a socket inside must stay under 108 characters.
  const home = await mkdtemp(join(tmpdir(), 'explain-vscode-'));
  const userData = join(home, 'data');
  const extensionsFolder = join(home, 'extensions');
  await mkdir(join(userData, 'User'), { recursive: true });
  await mkdir(extensionsFolder);
  await writeFile(join(home, 'config.yaml'), 'auth: none\ncert: false\n');

  // Nothing may go to the user's own folders, nor anything of theirs come from there.
  const foreign = [
    'PORT',
    'PASSWORD',
    'HASHED_PASSWORD',
    'VSCODE_IPC_HOOK_CLI',
    'NODE_OPTIONS',
    'ELECTRON_RUN_AS_NODE',
  ];
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.includes(name))),
    XDG_DATA_HOME: join(home, 'xdg'),
    XDG_CONFIG_HOME: join(home, 'xdg'),
    XDG_CACHE_HOME: join(home, 'xdg'),
    XDG_RUNTIME_DIR: home,
  };
  const base = [
    entry,
    '--config',
    join(home, 'config.yaml'),
    '--user-data-dir',
    userData,
    '--extensions-dir',
    extensionsFolder,
  ];

  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2));

  for (const extension of extensions) {
    const folder = extension.endsWith('.vsix') ? await installed(extension, node, entry, env) : extension;
    await linkExtension(folder, extensionsFolder);
  }

  const chosen = port ?? (await freePort());
  const log = join(home, 'server.log');
  const stream = createWriteStream(log);
  const child = start(
    node,
    [
      ...base,
      '--auth',
      'none',
      '--bind-addr',
      `127.0.0.1:${chosen}`,
      '--disable-telemetry',
      '--disable-update-check',
      ...(trust ? [] : ['--disable-workspace-trust']),
      '--disable-getting-started-override',
      '--disable-proxy',
      ...(whole ? [] : ['--builtin-extensions-dir', await linkBuiltIn(join(home, 'built-in'), entry)]),
      ...flags,
    ],
    { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout?.pipe(stream, { end: false });
  child.stderr?.pipe(stream, { end: false });
  let exited = false;
  const gone = new Promise((resolve) => child.once('exit', () => ((exited = true), resolve(undefined))));

  const stop = async () => {
    endTree(child, 'SIGTERM');
    await Promise.race([gone, sleep(5000)]);
    endTree(child, 'SIGKILL');
    stream.end();
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(() => undefined);
  };

  const origin = `http://127.0.0.1:${chosen}`;
  const deadline = Date.now() + 90_000;
  for (;;) {
    const answered = await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(5000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) break;
    if (exited || Date.now() > deadline) {
      const text = existsSync(log) ? await readFile(log, 'utf8') : '';
      await stop();
      throw new Error(`VS Code did not start on ${origin}:\n${text.slice(-4000)}`);
    }
    await sleep(200);
  }
  return {
    origin,
    port: chosen,
    home,
    userData,
    extensionsFolder,
    log,
    pid: child.pid,
    /** The address that opens a folder. @param {string} folder absolute path */
    address: (folder) => `${origin}/?folder=${encodeURIComponent(folder)}`,
    /** Ids of the extensions that VS Code finds in its folder. */
    listed: async () =>
      (await run(node, [...base, '--list-extensions'], { env, output: 'collect', seconds: 60 })).output
        .split(/\s+/)
        .filter((word) => /^[\w-]+\.[\w-]+$/.test(word)),
    stop,
  };
}
/** @typedef {Awaited<ReturnType<typeof startServer>>} VSCodeServer */
