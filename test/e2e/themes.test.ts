/** The four kinds of theme, in VS Code itself: pictures for people, and that the panel follows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { explainSelection, openExplained, PanelPage, settled } from './support';

const SENTENCE = 'The animal did not cross the street because it was too tired.';
const THEMES = [
  ['light', 'Default Light Modern', 'vscode-light'],
  ['dark', 'Default Dark Modern', 'vscode-dark'],
  ['high-contrast', 'Default High Contrast', 'vscode-high-contrast'],
  ['high-contrast-light', 'Default High Contrast Light', 'vscode-high-contrast-light'],
] as const;

/** Thickness in pixels of the visible lines under text in the editor. Runs in the page. */
function linesUnderText(): number[] {
  return [...document.querySelectorAll('.monaco-editor .view-overlays .cdr')]
    .map((node) => getComputedStyle(node))
    .filter((style) => style.borderBottomStyle === 'solid' && !/, 0\)$/.test(style.borderBottomColor))
    .map((style) => Number.parseFloat(style.borderBottomWidth))
    .filter((width) => width >= 1);
}

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
    await panel.tokens('Generated').nth(2).hover();
    await until(
      'a hovered token',
      async () => (await panel.frame.locator('.token.current, .token.locked').count()) > 0,
    );
    // Right after the command the text is still selected, which covers its background: the lines can be seen.
    // The hovered token has reached the editor when the strongest of its lines is there, two pixels thick; it may be the only one.
    await until('a strong line under the selected text', async () =>
      (await session.workbench.page.evaluate(linesUnderText)).some((thickness) => thickness >= 2),
    );
    expect(await session.workbench.page.locator('.monaco-editor .selected-text').count()).toBeGreaterThan(0);
    const colours = await panel.frame.evaluate(() => [
      getComputedStyle(document.body).color,
      getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background'),
    ]);
    expect(new Set(colours).size).toBe(2);
    await session.screenshot(`theme-${name}`);
  });

  test('Get Started: five things to do, each with its picture', async () => {
    await session.host.run(async (api) => {
      await api.commands.executeCommand(
        'workbench.action.openWalkthrough',
        'explain-attention.explain-attention#start',
        false,
      );
    });
    const { page } = session.workbench;
    const steps = page.locator('.getting-started-step');
    await steps.nth(4).waitFor();
    expect(await steps.count()).toBe(5);
    for (let index = 0; index < 5; index++) {
      await steps.nth(index).click();
      await page.locator('.getting-started-step.expanded').and(steps.nth(index)).waitFor();
      await until('the picture of the step', () =>
        page.evaluate(() => {
          const picture = document.querySelector<HTMLImageElement>('.getting-started-media img');
          return picture !== null && picture.naturalWidth > 0;
        }),
      );
    }
    await session.screenshot('walkthrough');
  });
});
