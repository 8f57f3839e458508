/** `npm start`, as a user does it on a machine without a desktop VS Code: the printed address opens the sample, and it explains. */
import { expect, test } from 'vitest';
import { ROOT } from '../support/paths.mjs';
import { endTree, run, start } from '../support/run-command.mjs';
import { launchChromium } from '../support/chromium';
import { PATIENCE, until, Workbench } from '../vscode/workbench';

test('npm start prints an address with the sample open, and Explain Attention works on it', async () => {
  const child = start(process.execPath, ['test/start.mjs', '--browser'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' },
  });
  let said = '';
  child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
  const gone = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  const browser = await launchChromium();
  try {
    const address = await until('the address', () => Promise.resolve(/http:\S+/.exec(said)?.[0]));
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(address);
    const workbench = new Workbench(page);
    await workbench.ready();
    await page.locator('.tab', { hasText: 'sample.md' }).waitFor();
    await page.locator('.view-line', { hasText: 'The white horse' }).click({ clickCount: 3 });
    await workbench.contextMenu('Explain Attention');
    const panel = await workbench.webview('body[data-view="panel"] [role="listbox"]');
    await until(
      'the tokens',
      async () =>
        (await panel
          .getByRole('listbox', { name: /^Generated (tokens|words)$/ })
          .getByRole('option')
          .count()) > 5,
    );
    // Ctrl+C ends it, and the server with it.
    endTree(child, 'SIGINT');
    expect(await gone).toBe(0);
    await until('the server to be gone', () =>
      fetch(address).then(
        () => false,
        () => true,
      ),
    );
  } finally {
    endTree(child, 'SIGKILL');
    await browser.close();
  }
});

test('npm start -- --check starts VS Code, finds the extension, and ends well', async () => {
  const { code, output } = await run(process.execPath, ['test/start.mjs', '--check'], {
    cwd: ROOT,
    output: 'collect',
    seconds: 200,
  });
  expect(output).toContain('the extension is installed');
  expect(code).toBe(0);
});
