/** The lesson in the real page over a real run: by keyboard alone, in every theme, and where one was after a reload. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { LessonPlace } from '../../src/protocol/lessonPlace';
import { followed, needsNumbers, stationsOf, type Station } from '../../src/lesson/stations';
import { findings } from './axe';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();
beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

/** One short text for the whole file: what is read and written takes longer than all stations together. */
let running: ReturnType<typeof realRun> | undefined;
async function hostAt(lesson: LessonPlace | null): ReturnType<typeof realRun> {
  running ??= realRun('The cat sat on the mat because it was tired.', 24);
  const host = await running;
  host.view = { ...host.view, lesson, lessonPath: 'whole', lessonPlay: null };
  return host;
}

const lessonBy = (teacher: TestHost['teacher'], place: Parameters<NonNullable<TestHost['teacher']>>[0]) => {
  if (!teacher) throw new Error('No teacher.');
  return teacher(place);
};

/** Formulas of a post-norm model as they are written, without the places of their parts (Vaswani et al. 2017). */
const WRITTEN: Readonly<Partial<Record<Station['stage'], string>>> = {
  stream: 'xi=c·ei+pi',
  vectors: 'q=xWQ+bQ,k=xWK+bK,v=xWV+bV',
  values: 'z=∑jwjvj',
  projection: 'o=zWO+bO',
  residual: 'y=Norm(x+o)',
  feedForward: 'f=φ(yW1+b1)W2+b2',
  layerEnd: 'x′=Norm(y+f)',
};

/** In cross-attention keys and values are of the encoder's states. */
const CROSSED = 'q=xWQ+bQ,k=hWK+bK,v=hWV+bV';

interface Seen {
  /** As a screen reader says it. */
  readonly formula: string | null;
  readonly written: string | null;
  readonly checks: string | null;
}

/** What stands on the page once progress and map are both at a station, and its numbers are there where it has some. */
async function stationSeen(page: Page, progress: string, { kind, stage }: Station): Promise<Seen> {
  const seen = await page.waitForFunction(
    ([wanted, isNumbered, current]): Seen | null => {
      const find = (selector: string): Element | null => document.querySelector(selector);
      const isThere = (find('.lesson-bar-top')?.textContent ?? '').includes(wanted) && find(current) !== null;
      const isShown = !isNumbered || find('.lesson-strip, .lesson-number, .lesson-table') !== null;
      if (!isThere || !isShown) return null;
      return {
        formula: find('math')?.getAttribute('aria-label') ?? null,
        written: find('math')?.textContent ?? null,
        checks: find('.lesson-checks')?.textContent ?? null,
      };
    },
    [
      progress,
      needsNumbers(stage),
      `.lesson-station[aria-current][data-kind="${kind}"][data-stage="${stage}"]`,
    ] as const,
  );
  const value = await seen.jsonValue();
  if (!value) throw new Error('Nothing was seen.');
  return value;
}

const title = (page: Page): Promise<string | null> => page.locator('.lesson-title').textContent();
const PLACE = { kind: 'encoder', stage: 'softmax', layer: 1, head: 2, token: 3, feature: 0 } as const;

test('the whole lesson is walked by keyboard, with numbers at every station, and is there again after a reload', async () => {
  const host = await hostAt(null);
  const opened = await open({ view: 'panel', host });
  const { page } = opened;
  await page.getByRole('button', { name: 'How It Works' }).click();
  const stations = stationsOf('encoder-decoder', host.snapshot?.model?.kinds ?? []);
  await page.locator('.lesson-station[aria-current]').focus();
  for (const [at, station] of stations.entries()) {
    const { formula, written, checks } = await stationSeen(page, `Station ${at + 1} of ${stations.length}`, station);
    expect(formula).toMatch(/\w+ \w+/);
    const isCrossed = station.kind === 'cross' && station.stage === 'vectors';
    expect(written, station.stage).toContain(isCrossed ? CROSSED : (WRITTEN[station.stage] ?? ''));
    expect(checks).not.toContain('not computed again');
    expect(host.view.lesson?.token).toBeLessThan(host.snapshot?.[followed(station.kind)].length ?? 0);
    // The map has the keyboard: its arrow goes to the next station.
    await page.keyboard.press('ArrowDown');
  }
  expect(await page.locator('.lesson-look').textContent()).toContain('Three things to try');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.locator('.lesson-bar-top', { hasText: `Station ${stations.length - 1} of` }).waitFor();
  // Back through what was seen, which is not the order of the lesson; forward again; and a breadcrumb.
  await page.keyboard.press('Alt+Shift+ArrowLeft');
  await page.locator('.lesson-bar-top', { hasText: `Station ${stations.length} of` }).waitFor();
  await page.getByRole('button', { name: 'Forward again' }).click();
  await page.locator('.lesson-bar-top', { hasText: `Station ${stations.length - 1} of` }).waitFor();
  await page.getByRole('button', { name: 'Copy a link to this station' }).click();
  await expect.poll(() => host.callsOf('command')).toContainEqual({ name: 'copyLessonLink' });
  await page.locator('.lesson-path').getByRole('button', { name: 'How it works' }).click();
  await page.locator('.lesson-bar-top', { hasText: 'Station 1 of' }).waitFor();
  await page.keyboard.press('Alt+Shift+ArrowLeft');
  await page.locator('.lesson-bar-top', { hasText: `Station ${stations.length - 1} of` }).waitFor();
  const name = await title(page);
  const again = await open({ view: 'panel', host, initialState: (await opened.savedStates()).at(-1) });
  await again.page.locator('.lesson-bar-top', { hasText: `Station ${stations.length - 1} of` }).waitFor();
  expect(await title(again.page)).toBe(name);
  await again.page.getByRole('button', { name: 'Leave the Lesson' }).click();
  await again.page.locator('.heat').waitFor();
});

test('who steps on before the host has answered is not taken back by what it tells of the view before', async () => {
  const host = await hostAt(PLACE);
  const { page } = await open({ view: 'panel', host });
  const stationAt = (by: number) => page.locator('.lesson-bar-top', { hasText: `Station ${first + by} of` }).waitFor();
  await page.locator('.lesson-picture, .lesson-row').first().waitFor();
  const first = Number(/Station (\d+) of/.exec((await page.locator('.lesson-bar-top').textContent()) ?? '')?.[1]);
  const before = host.view;
  host.delay = 300;
  await page.locator('.lesson-title').press('Alt+ArrowRight');
  await stationAt(1);
  host.emit('view', before);
  await page.evaluate(() => undefined);
  await page.locator('.lesson-title').press('Alt+ArrowRight');
  await stationAt(2);
  const wanted = host.callsOf('setView').at(-1);
  await expect.poll(() => host.view).toEqual((wanted as { readonly view: unknown }).view);
  await stationAt(2);
  // What the host tells when nothing is on its way is taken.
  host.delay = 0;
  host.emit('view', before);
  await stationAt(0);
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

  // The next station has been asked for ahead: it is there although the model answers no more.
  const { teacher } = host;
  await expect.poll(() => host.callsOf('lesson')).toContainEqual(expect.objectContaining({ stage: 'values' }));
  // Each answer is sent before what the page is asked next.
  await lessonBy(teacher, { explanation: 'one', ...PLACE });
  await new Promise(setImmediate);
  host.teacher = () => new Promise(() => undefined);
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.getByRole('slider', { name: 'This head’s output' }).waitFor();
  host.teacher = teacher;

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

test('one thing is changed and brought back, one stack is walked alone, and what a graph lacks stands greyed', async () => {
  const host = await hostAt(PLACE);
  const { teacher } = host;
  host.teacher = async (place) => ({
    ...(await lessonBy(teacher, place)),
    absent: [{ kind: 'encoder', stage: 'scores', reason: 'the scores stay inside one operator' }],
  });
  const { page } = await open({ view: 'panel', host });
  const bars = page.locator('.lesson-bars').last().locator('.lesson-number');
  const shown = (): Promise<string[]> => bars.locator('.number').allTextContents();
  await bars.first().waitFor();
  const own = await shown();
  await page.getByRole('textbox', { name: 'Another word in this token’s place' }).fill('dog');
  await page.getByRole('button', { name: 'Swap' }).click();
  await page.locator('.lesson-number.changed').first().waitFor();
  expect(await page.locator('.lesson-played').textContent()).toMatch(/stands in place of .* \d+ of \d+ numbers/);
  expect(await findings(page)).toEqual([]);
  // Each changed number says what it was.
  (await shown()).forEach((text, index) => expect(text.includes('was') ? text : own[index]).toContain(own[index]));
  await page.screenshot({ path: `${RESULTS}/lesson-play.png`, fullPage: true });
  await page.getByRole('button', { name: 'True Numbers' }).click();
  await expect.poll(shown).toEqual(own);
  expect(host.view.lessonPlay).toBe(null);

  const greyed = page.locator('.lesson-station.absent');
  expect(await greyed.textContent()).toBe('Scores');
  expect(await greyed.getAttribute('title')).toBe('Not in this model: the scores stay inside one operator.');
  // A model that adds numbers to scores by distance has its own words, formula and strips for it.
  host.teacher = async (place) => ({
    ...(await lessonBy(teacher, place)),
    absent: [],
    gaps: [],
    checks: [],
    numbers: { isRelative: 1 },
    tensors: [
      { name: 'distance', rows: 2, columns: 5, first: 0, data: Float32Array.from({ length: 10 }, (_, i) => i / 4) },
    ],
  });
  await page.locator('.lesson-station[data-kind=encoder][data-stage=position]').click();
  const second = page.getByRole('slider', { name: 'Added by distance of head 2' });
  await second.focus();
  await page.keyboard.press('ArrowRight');
  expect(await second.getAttribute('aria-valuetext')).toBe('2 before: 1.500');
  expect(await page.locator('.lesson-made').textContent()).toBe(
    '1.500: what head 2 adds to a score at this distance (2 before)',
  );
  expect(await page.locator('math').getAttribute('aria-label')).toContain('at the distance j minus i');
  await page.screenshot({ path: `${RESULTS}/lesson-distance.png`, fullPage: true });
  host.teacher = teacher;

  await page.getByRole('combobox', { name: 'Path' }).click();
  await page.getByRole('option', { name: 'The decoder’s path' }).click();
  await page.locator('.lesson-bar-top', { hasText: 'of 26' }).waitFor();
  expect(await page.locator('.lesson-station[data-kind=encoder]').count()).toBe(0);
  expect(host.view.lessonPath).toBe('decoder');
});

test('the lesson is accessible in every theme, and fits', async () => {
  const host = await hostAt(PLACE);
  const opened = await open({ view: 'panel', host, width: 400, height: 900 });
  await opened.page.locator('.lesson-number').first().waitFor();
  await inEveryTheme(opened, 'lesson', async () => {
    await expect.poll(() => opened.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  });
  // A window of 640 pixels at 200 % zoom has half as many of the page's own.
  await opened.page.setViewportSize({ width: 320, height: 700 });
  await expect.poll(() => opened.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await opened.page.screenshot({ path: `${RESULTS}/lesson-zoomed.png`, fullPage: true });
  // Whoever wants no motion gets none, at this station and on the way to the next.
  await opened.page.emulateMedia({ reducedMotion: 'reduce' });
  await opened.page.getByRole('button', { name: 'Next', exact: true }).click();
  await opened.page.locator('.lesson-row').first().waitFor();
  expect(await opened.page.evaluate(() => document.getAnimations().length)).toBe(0);
});
