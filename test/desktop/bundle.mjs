// @ts-check
import { build } from 'esbuild';
import { join } from 'node:path';
import { ROOT } from '../support/paths.mjs';

/**
 * Bundles the tests that run inside an extension host, to a place under the extension's own folder: VS Code runs them
 * in the host of the extension that they belong to.
 * @returns {Promise<string>} path of the bundle
 */
export async function bundleTests() {
  const outfile = join(ROOT, '.vscode-test', 'desktop-tests', 'tests.js');
  await build({
    entryPoints: [join(ROOT, 'test/desktop/tests.ts')],
    outfile,
    bundle: true,
    platform: 'browser',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  return outfile;
}
