/** The four kinds of theme, in VS Code itself: pictures for people, and that the panel follows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { colouredPieces, explainSelection, openExplained, PanelPage, settled } from './support';

const SENTENCE = 'The animal did not cross the street because it was too tired.';
const THEMES = [
  ['light', 'Default Light Modern', 'vscode-light'],
  ['dark', 'Default Dark Modern', 'vscode-dark'],
  ['high-contrast', 'Default High Contrast', 'vscode-high-contrast'],
  ['high-contrast-light', 'Default High Contrast Light', 'vscode-high-contrast-light'],
] as const;

describe('themes', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openExplained({ files: { 'text.txt': `${SENTENCE}\n` }, viewport: { width: 1600, height: 1000 } });
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    await settled(session);
  });
  afterAll(() => session.close());

  test.each(THEMES)('%s', async (name, theme, bodyClass) => {
    await session.settings({ 'workbench.colorTheme': theme });
    const panel = await PanelPage.find(session);
    await until(`the panel to be ${bodyClass}`, () =>
      panel.frame.evaluate((wanted) => document.body.classList.contains(wanted), bodyClass),
    );
    await panel.tokens('Source').nth(1).hover();
    await until(
      'a hovered token',
      async () => (await panel.frame.locator('.token.current, .token.locked').count()) > 0,
    );
    const colours = await panel.frame.evaluate(() => [
      getComputedStyle(document.body).color,
      getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background'),
    ]);
    expect(new Set(colours).size).toBe(2);
    // The text is still selected, as it is right after the command; a selection covers backgrounds, so that lines say the
    // strength. Their widths, in pixels:
    await until('colours in the editor', async () => (await colouredPieces(session)) > 0);
    expect(await session.workbench.page.locator('.monaco-editor .selected-text').count()).toBeGreaterThan(0);
    const widths = await session.workbench.page.evaluate(() =>
      [...document.querySelectorAll('.monaco-editor .view-overlays [class*="ced-"]')].map((node) =>
        parseInt(getComputedStyle(node).borderBottomWidth, 10),
      ),
    );
    expect(new Set(widths).size).toBeGreaterThan(1);
    await session.screenshot(`theme-${name}`);
  });
});
