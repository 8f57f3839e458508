/** The tests of `npm run test:desktop`, in the browser's extension host: so they are known to run, where no desktop VS Code can be had. */
import { expect, test } from 'vitest';
import { bundleTests } from '../desktop/bundle.mjs';
import { ROOT, SAMPLE } from '../support/paths.mjs';
import { launchChromium } from '../support/chromium';
import { startServer } from '../vscode/server.mjs';
import { PATIENCE } from '../vscode/workbench';

test('the spine inside the extension host, started as a development extension with its tests', async () => {
  const tests = await bundleTests();
  const server = await startServer({ flags: ['--vscode-option', 'enable-smoke-test-driver'] });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    const ended = new Promise<number>((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction(
      'codeAutomationLog',
      (type: string, args: readonly unknown[]) => void said.push(`${type}: ${args.map(String).join(' ')}`),
    );
    const remote = (path: string) => `vscode-remote://127.0.0.1:${server.port}${path}`;
    const payload = JSON.stringify([
      ['extensionDevelopmentPath', remote(ROOT)],
      ['extensionTestsPath', remote(tests)],
    ]);
    await page.goto(`${server.address(SAMPLE)}&payload=${encodeURIComponent(payload)}`, { timeout: PATIENCE });
    const code = await ended;
    expect(code, said.slice(-40).join('\n')).toBe(0);
  } finally {
    await browser.close();
    await server.stop();
  }
});
