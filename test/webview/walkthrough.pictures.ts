/**
 * Makes the pictures of the walkthrough (`npm run pictures`) from the real panel over a real run of the bundled model, in each of the
 * four themes: media/walkthrough/<step>-<theme>.png. To be made anew where the panel or the model changes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, test } from 'vitest';
import { realRun } from './realRun';
import { useWebview } from './support';
import { THEMES } from './themes';

const FOLDER = join(import.meta.dirname, '../../media/walkthrough');
const WIDTH = 760;
const HEIGHT = 480;
const SENTENCE = 'The cat sat on the mat because it was tired.';

const { open } = useWebview();
beforeAll(() => mkdirSync(FOLDER, { recursive: true }));

interface Step {
  readonly id: string;
  readonly view: 'panel' | 'generation';
  /** Brings the page to what the step is about; resolves with what stands at the top of the picture. */
  readonly to: (page: Page) => Promise<Locator>;
}

const hovered = async (page: Page): Promise<void> => {
  await page.locator('[data-sequence=source] .token').nth(2).hover();
  await page.locator('.token.current').first().waitFor();
};

const STEPS: readonly Step[] = [
  {
    id: 'explain',
    view: 'panel',
    async to(page) {
      await hovered(page);
      return page.locator('body');
    },
  },
  {
    id: 'write',
    view: 'generation',
    async to(page) {
      await page.getByRole('listbox', { name: 'Generated tokens' }).getByRole('option').nth(2).click();
      return page.locator('body');
    },
  },
  {
    id: 'align',
    view: 'panel',
    async to(page) {
      await page.getByRole('tab', { name: 'Cross-attention' }).click();
      const section = page.locator('.alignment');
      await section.locator('.aligned-word').first().waitFor();
      return section;
    },
  },
  {
    id: 'lesson',
    view: 'panel',
    async to(page) {
      await page.getByRole('button', { name: 'How It Works' }).click();
      await page.locator('.lesson-station[data-kind=encoder][data-stage=softmax]').click();
      await page.locator('.lesson-number').first().waitFor();
      return page.locator('.lesson');
    },
  },
  {
    id: 'model',
    view: 'panel',
    async to(page) {
      await page.locator('.heat').waitFor();
      return page.getByRole('grid', { name: 'Layers and heads' });
    },
  },
];

test.each(STEPS)('$id', async ({ id, view, to }) => {
  const host = await realRun(SENTENCE, 24);
  const opened = await open({ view, host, width: WIDTH, height: HEIGHT });
  const top = await to(opened.page);
  for (const theme of THEMES) {
    await opened.setTheme(theme);
    await top.evaluate((node) => {
      node.scrollIntoView({ block: 'start' });
      // What stays in sight at the top of the panel must not lie over it.
      const bar = document.querySelector('.toolbar')?.getBoundingClientRect();
      if (bar && bar.top <= 60) window.scrollBy(0, -bar.bottom - 40);
    });
    await opened.page.screenshot({ path: join(FOLDER, `${id}-${theme.name}.png`), animations: 'disabled' });
  }
});
