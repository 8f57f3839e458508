/** The lesson in the real page over a real run: by keyboard alone, in every theme, and where one was after a reload. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { LessonPlace } from '../../src/protocol/lessonPlace';
import { followed, needsNumbers, stationsOf } from '../../src/lesson/stations';
import { findings } from './axe';
import { RESULTS } from './harness';
import { realRun } from './realRun';
import { useWebview } from './support';
import { THEMES } from './themes';

const { open } = useWebview();
beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

/** One short text for the whole file: what is read and written takes longer than all stations together. */
let running: ReturnType<typeof realRun> | undefined;
async function hostAt(lesson: LessonPlace | null): ReturnType<typeof realRun> {
  running ??= realRun('The cat sat on the mat because it was tired.', 24);
  const host = await running;
  host.view = { ...host.view, lesson };
  return host;
}

const title = (page: Page): Promise<string | null> => page.locator('.lesson-title').textContent();
const PLACE = { kind: 'encoder', stage: 'softmax', layer: 1, head: 2, token: 3, feature: 0 } as const;

test('the whole lesson is walked by keyboard, with numbers at every station, and is there again after a reload', async () => {
  const host = await hostAt(null);
  const opened = await open({ view: 'panel', host });
  const { page } = opened;
  await page.getByRole('button', { name: 'How It Works' }).click();
  const stations = stationsOf('encoder-decoder', host.snapshot?.model?.kinds ?? []);
  for (const [at, { kind, stage }] of stations.entries()) {
    await page.locator('.lesson-bar-top', { hasText: `Station ${at + 1} of ${stations.length}` }).waitFor();
    const current = page.locator('.lesson-station[aria-current]');
    expect([await current.getAttribute('data-kind'), await current.getAttribute('data-stage')]).toEqual([kind, stage]);
    expect(await page.locator('math').getAttribute('aria-label')).toMatch(/\w+ \w+/);
    if (needsNumbers(stage)) {
      await page.locator('.lesson-strip, .lesson-number').first().waitFor();
      const checks = await page.locator('.lesson-checks').textContent();
      expect(checks).not.toContain('not computed again');
      expect(host.view.lesson?.token).toBeLessThan(host.snapshot?.[followed(kind)].length ?? 0);
    }
    // The map has the keyboard: its arrow goes to the next station.
    await current.focus();
    await page.keyboard.press('ArrowDown');
  }
  expect(await page.locator('.lesson-look').textContent()).toContain('Three things to try');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.locator('.lesson-bar-top', { hasText: `Station ${stations.length - 1} of` }).waitFor();
  const name = await title(page);
  const again = await open({ view: 'panel', host, initialState: (await opened.savedStates()).at(-1) });
  await again.page.locator('.lesson-bar-top', { hasText: `Station ${stations.length - 1} of` }).waitFor();
  expect(await title(again.page)).toBe(name);
  await again.page.getByRole('button', { name: 'Leave the Lesson' }).click();
  await again.page.locator('.heat').waitFor();
});

test('a number that is pointed at says how it was made, and the question is answered by the reader’s own numbers', async () => {
  const host = await hostAt(PLACE);
  const { page } = await open({ view: 'panel', host });
  const bars = page.locator('.lesson-bars').last().locator('.lesson-number');
  await bars.first().waitFor();
  const weights = host.weights
    ?.tokenWeights('source', [3])
    .find(({ kind, role }) => kind === 'encoder' && role === 'query');
  if (!weights) throw new Error('No weights.');
  const at = (PLACE.layer * 8 + PLACE.head) * weights.length;
  const row = weights.data.slice(at, at + weights.length);
  // The very numbers that the panel shows.
  const shown = await bars.locator('.number').allTextContents();
  shown.forEach((text, index) => expect(Number(text)).toBeCloseTo(row[index] ?? 0, 3));
  await bars.nth(5).hover();
  await expect
    .poll(() => page.locator('.lesson-made').textContent())
    .toMatch(new RegExp(`^${shown[5]?.replace('.', '\\.')} = softmax over these ${weights.length} scores`));
  await page.locator('.lesson-question summary').click();
  const best = row.indexOf(Math.max(...row));
  expect(await page.locator('.lesson-question p').textContent()).toContain(host.snapshot?.source[best]?.text.trim());

  // A number that an earlier station made is there with its value.
  const [score] = await page.locator('.lesson-bars').first().locator('.number').allTextContents();
  await page.locator('.lesson-bars').first().locator('.lesson-number').first().hover();
  const before = `Scores after the mask, number 1: ${score ?? ''}. It was made before this station.`;
  await expect.poll(() => page.locator('.lesson-made').textContent()).toBe(before);

  // A strip's numbers by arrow keys; what it takes is asked for, and the strip keeps the keyboard.
  await page.locator('.lesson-station[data-kind=encoder][data-stage=projection]').click();
  const strip = page.getByRole('slider', { name: 'What attention adds' });
  await strip.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.locator('.lesson-made').textContent()).toMatch(/^−?\d.*·.* from 250 more \+ /);
  expect(host.view.lesson?.feature).toBe(2);
  expect(await strip.evaluate((node) => node === document.activeElement)).toBe(true);
});

test.each(THEMES.map((theme, at) => ({ ...theme, stage: (['softmax', 'residual'] as const)[at % 2] ?? 'softmax' })))(
  'the lesson in $name is accessible, and fits',
  async ({ stage, ...theme }) => {
    const host = await hostAt({ ...PLACE, stage });
    const { page } = await open({ view: 'panel', host, theme, width: 400, height: 900 });
    await page.locator('.lesson-number, .lesson-strip').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await page.screenshot({ path: `${RESULTS}/lesson-${theme.name}.png`, fullPage: true });
  },
);
