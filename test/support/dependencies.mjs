// @ts-check
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { npm } from './run-command.mjs';

/**
 * @typedef {{ readonly version?: string, readonly optional?: boolean, readonly peer?: boolean }} LockedPackage
 * @typedef {{ readonly packages: Readonly<Record<string, LockedPackage>> }} Lock
 */

/** @param {string} file @returns {Promise<Lock>} */
const readLock = async (file) => JSON.parse(await readFile(join(ROOT, file), 'utf8'));

/** What package-lock.json asks for and node_modules does not have; empty when all is there. npm writes its own list last, so a cut install shows. */
export async function missingDependencies() {
  const wanted = await readLock('package-lock.json');
  const installed = await readLock('node_modules/.package-lock.json').catch(() => null);
  if (!installed) return ['node_modules'];
  return Object.entries(wanted.packages)
    .filter(
      ([path, { version, optional }]) =>
        path !== '' && (installed.packages[path] ? installed.packages[path].version !== version : !optional),
    )
    .map(([path]) => path);
}

/** Installs the dependencies where they are missing or older than package-lock.json says. */
export async function ensureDependencies() {
  if ((await missingDependencies()).length === 0) return;
  await withLock(join(CACHE, 'dependencies.lock'), async () => {
    const missing = await missingDependencies();
    if (missing.length === 0) return;
    const fresh = !existsSync(join(ROOT, 'node_modules', '.package-lock.json'));
    console.log(
      fresh ? 'Installing the dependencies (about 20 s)…' : `Updating the dependencies (${missing.length} differ)…`,
    );
    await npm([fresh ? 'ci' : 'install'], ROOT);
  });
}
