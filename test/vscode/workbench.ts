import type { Frame, Locator, Page } from 'playwright-core';

/** How long the slowest machine may need for one thing to appear. */
export const PATIENCE = 90_000;

/** Polls until `look` gives something; its last error, or `what`, explains a failure. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  limit = PATIENCE,
): Promise<T> {
  const deadline = Date.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
      last = undefined;
    } catch (thrown) {
      last = thrown;
    }
    if (Date.now() > deadline)
      throw new Error(`Waited ${limit / 1000} s for ${what}.${last instanceof Error ? ` ${last.message}` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Drives VS Code's window as a user does. */
export class Workbench {
  /** What the browser reported against a Content Security Policy, in any frame. */
  readonly cspReports: string[] = [];
  /** Errors that a page or webview did not catch. */
  readonly pageErrors: string[] = [];
  readonly console: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      const text = message.text();
      this.console.push(`${message.type()}: ${text}`);
      if (/Content.Security.Policy/i.test(text)) this.cspReports.push(text);
    });
    page.on('pageerror', (error) => this.pageErrors.push(error.stack ?? error.message));
  }

  /** Waits until the window is drawn. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: PATIENCE });
    await this.page.locator('.monaco-workbench .part.editor').waitFor({ timeout: PATIENCE });
  }

  /** Runs a command by its title from the palette. The palette lists what exists when it opens, so it is opened until the command is there. */
  async command(title: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget:visible input[type="text"]');
    const row = this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: title }) })
      .first();
    await until(`the command “${title}” in the palette`, async () => {
      await this.page.keyboard.press('F1');
      await box.waitFor({ timeout: 5000 });
      await box.fill(`>${title}`);
      try {
        await row.waitFor({ timeout: 3000 });
      } catch {
        await this.page.keyboard.press('Escape');
        return false;
      }
      await row.click();
      return true;
    });
  }

  /** Right-clicks the editor's selection (or, without one, the cursor) and chooses from the menu. */
  async contextMenu(title: string): Promise<void> {
    await until(`“${title}” in the editor's context menu`, async () => {
      await this.rightClick();
      const item = this.menuItem(title);
      try {
        await item.waitFor({ timeout: 5000 });
        await item.click();
        // A menu that has just opened can take a click for the end of the one that opened it, and stays.
        await item.waitFor({ state: 'hidden', timeout: 3000 });
        return true;
      } catch {
        await this.page.keyboard.press('Escape');
        return false;
      }
    });
  }

  /** An entry of the open context menu. */
  menuItem(title: string): Locator {
    return this.page.locator('.monaco-menu').getByRole('menuitem', { name: title, exact: true });
  }

  /** Opens the editor's context menu on the selection or the cursor. */
  async rightClick(): Promise<void> {
    const editor = this.page
      .locator('.editor-instance.active, .editor-group-container.active .editor-instance')
      .first();
    const selected = editor.locator('.selected-text').first();
    const target = (await selected.count()) > 0 ? selected : editor.locator('.cursor').first();
    await target.waitFor({ state: 'attached', timeout: 10_000 });
    const place = await target.boundingBox();
    if (!place) throw new Error('The selection is not on screen.');
    await this.page.mouse.click(place.x + Math.min(10, place.width / 2), place.y + place.height / 2, {
      button: 'right',
    });
  }

  /** The webview frame that has an element of its own; webviews are nested and their names tell nothing. */
  webview(selector: string, limit = PATIENCE): Promise<Frame> {
    return until(
      `a webview with ${selector}`,
      async () => {
        for (const frame of this.page.frames()) {
          // A frame that is just going away throws: it is not the one.
          const found = await frame
            .locator(selector)
            .count()
            .catch(() => 0);
          if (found > 0) return frame;
        }
        return undefined;
      },
      limit,
    );
  }

  /** Notifications now on screen, as text. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification. */
  notification(text: string | RegExp): Promise<string> {
    return until(`a notification ${text}`, async () =>
      (await this.notifications()).find((message) =>
        typeof text === 'string' ? message.includes(text) : text.test(message),
      ),
    );
  }
}
