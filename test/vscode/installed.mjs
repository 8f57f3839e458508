// @ts-check
/** Packages installed by VS Code itself, once each: every further VS Code of the tests links what the first one unpacked. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../support/lock.mjs';
import { CACHE } from '../support/paths.mjs';
import { run } from '../support/run-command.mjs';

const INSTALLED = join(CACHE, 'installed');

/**
 * @param {string} vsix a package
 * @param {string} node
 * @param {string} entry code-server's entry script
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the folder of the installed extension
 */
export async function installed(vsix, node, entry, env) {
  const folder = join(
    INSTALLED,
    createHash('sha256')
      .update(await readFile(vsix))
      .digest('hex')
      .slice(0, 16),
  );
  return withLock(join(CACHE, 'installed.lock'), async () => {
    if (!existsSync(folder)) {
      // What was installed of other packages is out of date.
      await rm(INSTALLED, { recursive: true, force: true });
      const home = await mkdtemp(join(tmpdir(), 'explain-install-'));
      const extensions = `${folder}.partial`;
      await mkdir(extensions, { recursive: true });
      const places = ['--user-data-dir', join(home, 'data'), '--extensions-dir', extensions];
      const { code, output } = await run(node, [entry, ...places, '--install-extension', vsix], {
        env: { ...env, XDG_CONFIG_HOME: home },
        output: 'collect',
        seconds: 180,
      });
      await rm(home, { recursive: true, force: true });
      if (code !== 0 || !/successfully installed/.test(output))
        throw new Error(`VS Code could not install ${vsix}:\n${output}`);
      await rename(extensions, folder);
    }
    const name = (await readdir(folder)).find((one) => existsSync(join(folder, one, 'package.json')));
    if (name === undefined)
      throw new Error(`VS Code says that it installed ${vsix}, but there is no extension in ${folder}.`);
    return join(folder, name);
  });
}
