import { mkdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium';
import { findings } from './axe';
import { openWebview, RESULTS, serveWebview, type OpenOptions, type Site, type WebviewPage } from './harness';
import type { TestHost } from './host';
import { THEMES, type Theme } from './themes';

export type Open = (options: Omit<OpenOptions, 'service'> & { readonly host: TestHost }) => Promise<WebviewPage>;

/**
 * Browser and server for a file's tests. After each test every page that it opened must have had no
 * content-security report and no error.
 */
export function useWebview(): { readonly open: Open; readonly browser: () => Browser } {
  let browser: Browser | undefined;
  let site: Site | undefined;
  const pages: WebviewPage[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
    site = await serveWebview();
  });
  afterEach(async () => {
    for (const opened of pages.splice(0)) {
      expect(await opened.cspReports()).toEqual([]);
      expect(opened.errors).toEqual([]);
      opened.rpc.dispose();
      await opened.page.close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });
  const need = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('The browser has not started.');
    return value;
  };
  return {
    browser: () => need(browser),
    async open({ host, ...options }) {
      const opened = await openWebview(need(browser), need(site), { ...options, service: host });
      host.attach(opened.rpc);
      pages.push(opened);
      return opened;
    },
  };
}

/**
 * What stands on the page now, in each of the four themes: axe finds nothing, what `check` expects holds, and a
 * screenshot `<name>-<theme>.png` is there to be looked at. The page is left in the last of them.
 */
export async function inEveryTheme(
  opened: WebviewPage,
  name: string,
  check: (theme: Theme) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  for (const theme of THEMES) {
    await opened.setTheme(theme);
    await check(theme);
    expect.soft(await findings(opened.page, theme === THEMES[0] ? 'all' : 'colours'), theme.name).toEqual([]);
    await opened.page.screenshot({ path: `${RESULTS}/${name}-${theme.name}.png`, fullPage: true });
  }
}
