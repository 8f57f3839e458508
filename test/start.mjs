// @ts-check
/**
 * `npm start`: installs what is missing, builds, and opens a real VS Code with the extension and a sample folder:
 * the desktop's where there is one, else VS Code in the browser (code-server, from npm).
 *   node test/start.mjs [--build] [--browser] [--check]
 * `--build` stops after the build (F5 does so: VS Code is open already);
 * `--browser` takes VS Code in the browser in any case; `--check` starts it, looks whether all is there, and ends.
 * Only Node 20's own modules up to the install of the dependencies.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDependencies } from './support/dependencies.mjs';
import { findNode } from './support/node.mjs';
import { CACHE, ROOT, SAMPLE } from './support/paths.mjs';
import { onInterrupt, run, start } from './support/run-command.mjs';
import { findDesktop } from './vscode/desktop.mjs';
import { QUIET_SETTINGS, startServer } from './vscode/server.mjs';

const check = process.argv.includes('--check');
const browser = check || process.argv.includes('--browser');
const hasScreen = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);

/** A copy, so that trying things out changes nothing in the repository. */
async function sampleFolder() {
  const folder = join(CACHE, 'sample');
  await rm(folder, { recursive: true, force: true });
  await cp(SAMPLE, folder, { recursive: true });
  return folder;
}

/** @param {string} code the desktop's VS Code @param {string} folder */
async function openDesktop(code, folder) {
  const profile = join(CACHE, 'desktop');
  await mkdir(join(profile, 'data', 'User'), { recursive: true });
  await writeFile(join(profile, 'data', 'User', 'settings.json'), JSON.stringify(QUIET_SETTINGS, null, 2));
  console.log(
    'Opening VS Code. Select some text in sample.md, right-click, “Explain Attention”. Close the window to end.',
  );
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const { code: ended } = await run(
    code,
    [
      ...asRoot,
      '--wait',
      '--new-window',
      `--user-data-dir=${join(profile, 'data')}`,
      `--extensions-dir=${join(profile, 'extensions')}`,
      `--extensionDevelopmentPath=${ROOT}`,
      folder,
      join(folder, 'sample.md'),
    ],
    { seconds: 86_400 },
  );
  process.exitCode = ended;
}

/** @param {string} address */
function openInBrowser(address) {
  if (!hasScreen) return;
  const openers = /** @type {Record<string, string[]>} */ ({ darwin: ['open'], win32: ['cmd', '/c', 'start', ''] });
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  // Where there is no such program, the printed address does as well.
  start(command ?? 'xdg-open', [...args, address], { stdio: 'ignore' }).on('error', () => undefined);
}

/** @param {string} folder */
async function openServed(folder) {
  const server = await startServer({ extensions: [ROOT], whole: true });
  const file = encodeURIComponent(
    JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${server.port}${folder}/sample.md`]]),
  );
  const address = `${server.address(folder)}&payload=${file}`;
  if (check) {
    try {
      await checkServed(server, folder);
    } finally {
      await server.stop();
    }
    return;
  }
  console.log(`\nVS Code runs here:\n  ${address}\n`);
  console.log('Select some text in sample.md, right-click, “Explain Attention”. Ctrl+C ends it.');
  openInBrowser(address);
  onInterrupt(() => server.stop());
}

/** @param {import('./vscode/server.mjs').VSCodeServer} server @param {string} folder */
async function checkServed(server, folder) {
  const page = await (await fetch(server.address(folder))).text();
  if (!page.includes('vscode-workbench-web-configuration'))
    throw new Error('The address does not answer with VS Code.');
  const { name, publisher } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  if (!(await server.listed()).includes(`${publisher}.${name}`))
    throw new Error('VS Code does not list the extension.');
  console.log('VS Code answers, and the extension is installed in it.');
}

async function main() {
  await ensureDependencies();
  const built = await run(findNode(20), ['esbuild.config.mjs'], { cwd: ROOT });
  if (built.code !== 0) throw new Error('The build failed.');
  if (process.argv.includes('--build')) return;
  const folder = await sampleFolder();
  const desktop = browser || !hasScreen ? undefined : findDesktop();
  if (desktop) await openDesktop(desktop, folder);
  else await openServed(folder);
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
