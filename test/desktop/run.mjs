// @ts-check
/**
 * `npm run test:desktop`: the extension in a downloaded desktop VS Code. Where that cannot be downloaded or has no
 * screen to run on, it says so and ends well: the same extension is tested in VS Code's browser form by `npm test`.
 */
import { join } from 'node:path';
import { ensureDependencies } from '../support/dependencies.mjs';
import { CACHE, ROOT, SAMPLE } from '../support/paths.mjs';
import { findNode } from '../support/node.mjs';
import { run } from '../support/run-command.mjs';
import { findDesktop } from '../vscode/desktop.mjs';

/** @param {string} why */
function skip(why) {
  console.log(`Skipped: ${why}`);
  console.log('0 passed, 0 failed, 1 skipped');
}

async function main() {
  await ensureDependencies();
  const { bundleTests } = await import('./bundle.mjs');
  const { downloadAndUnzipVSCode, runTests } = await import('@vscode/test-electron');
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return skip(
      'a desktop VS Code needs a screen, and neither DISPLAY nor WAYLAND_DISPLAY is set (xvfb-run gives one).',
    );
  }
  let vscodeExecutablePath;
  try {
    vscodeExecutablePath = await downloadAndUnzipVSCode({
      version: process.env['EXPLAIN_VSCODE_VERSION'] ?? 'stable',
      cachePath: join(CACHE, 'electron'),
    });
  } catch (error) {
    return skip(
      `VS Code could not be downloaded: ${error instanceof Error ? error.message : String(error)}${findDesktop() ? ' (npm start uses the one that is installed here.)' : ''}`,
    );
  }
  const built = await run(findNode(20), ['esbuild.config.mjs'], { cwd: ROOT });
  if (built.code !== 0) throw new Error('The build failed.');
  const code = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: await bundleTests(),
    launchArgs: [
      SAMPLE,
      '--disable-extensions',
      '--disable-workspace-trust',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  console.log(code === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exitCode = code;
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
