// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../support/lock.mjs';
import { CACHE } from '../support/paths.mjs';
import { run } from '../support/run-command.mjs';

const NAMES = [
  // Chromium without its own windows: the same pages for two thirds of the processor time.
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
  'msedge',
];

const PLACES = {
  linux: ['/snap/bin/chromium', '/opt/google/chrome/chrome'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((variable) => {
    const base = process.env[variable];
    return base
      ? [join(base, 'Google/Chrome/Application/chrome.exe'), join(base, 'Microsoft/Edge/Application/msedge.exe')]
      : [];
  }),
};

/** A Chromium, Chrome or Edge on this machine, or undefined. `EXPLAIN_CHROMIUM` goes first. */
export function findChromium() {
  const chosen = process.env['EXPLAIN_CHROMIUM'];
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new Error(`EXPLAIN_CHROMIUM is ${chosen}, and there is no such file.`);
  }
  const folders = process.platform === 'win32' ? [] : (process.env['PATH'] ?? '').split(':').filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const places = PLACES[/** @type {keyof typeof PLACES} */ (process.platform)] ?? [];
  return [...onPath, ...places].find((path) => existsSync(path));
}

/** How to run apt-get here without being asked for a password; undefined where there is no way. */
async function aptGet() {
  const can = async (/** @type {string} */ command, /** @type {string[]} */ args) =>
    (await run(command, args, { output: 'collect', seconds: 20 })).code === 0;
  if (process.platform !== 'linux' || !(await can('apt-get', ['--version']))) return undefined;
  if (process.getuid?.() === 0) return ['apt-get'];
  return (await can('sudo', ['-n', 'true'])) ? ['sudo', '-n', 'apt-get'] : undefined;
}

/**
 * Finds a Chromium, or installs Debian's where apt-get may be used.
 * @returns {Promise<string>} path of the executable
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  return withLock(join(CACHE, 'chromium.lock'), async () => {
    const apt = findChromium() ? undefined : await aptGet();
    if (apt) {
      console.log('Installing Chromium for the tests (apt-get install chromium-headless-shell, once)…');
      const [command = '', ...first] = apt;
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await run(command, [...first, 'update', '-qq'], { env, output: 'collect', seconds: 300 });
      const { code, output } = await run(
        command,
        [
          ...first,
          'install',
          '-y',
          '--no-install-recommends',
          'chromium-headless-shell',
          'fonts-liberation',
          'fonts-noto-color-emoji',
        ],
        { env, output: 'collect', seconds: 600 },
      );
      if (code !== 0) console.log(output.split('\n').slice(-15).join('\n'));
    }
    const installed = findChromium();
    if (installed) return installed;
    throw new Error(
      'The tests need a browser: please install Chromium, Chrome or Edge, or name one in EXPLAIN_CHROMIUM.',
    );
  });
}
