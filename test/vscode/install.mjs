// @ts-check
/**
 * A real VS Code from npm: code-server is VS Code itself (4.139.1 is 1.139.1) behind a web address.
 * It goes into the cache folder, nothing is installed globally, and none of its scripts run.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../support/lock.mjs';
import { CACHE } from '../support/paths.mjs';
import { npm } from '../support/run-command.mjs';

export const CODE_SERVER = '4.139.1';

/**
 * Installs the test VS Code unless it is there (about 30 s, 600 MB).
 * An install that was cut leaves only a `.partial` folder behind, which the next one replaces.
 * @returns {Promise<string>} code-server's entry script
 */
export async function ensureVSCode() {
  const folder = join(CACHE, `code-server-${CODE_SERVER}`);
  const entry = join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  if (existsSync(entry)) return entry;
  return withLock(join(CACHE, 'install.lock'), async () => {
    if (existsSync(entry)) return entry;
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, 'package.json'), '{ "private": true }\n');
    const vscode = join(partial, 'node_modules', 'code-server', 'lib', 'vscode');
    console.log(`Installing VS Code for the tests (code-server ${CODE_SERVER} from npm, once, about 600 MB)…`);
    await npm(['install', '--ignore-scripts', '--save-exact', `code-server@${CODE_SERVER}`], partial);
    console.log('… its workbench …');
    await npm(['install', '--omit=dev', '--ignore-scripts'], vscode);
    console.log('… its built-in extensions …');
    await npm(['install', '--omit=dev', '--ignore-scripts'], join(vscode, 'extensions'));
    await rename(partial, folder);
    console.log('VS Code is installed.');
    return entry;
  });
}
