/** The logit lens and the parts of a logit in the panel, on a real run of the bundled model. */
import { expect, test } from 'vitest';
import { ExplainError } from '../../src/errors';
import { headSums, strongestEdges } from '../../src/measure/attribution/attributedKeys';
import { exactNumber } from '../../src/measure/numbers';
import { MEASURES } from '../../src/measure/measure';
import { choiceWithin, firstChoice, predictedPlaces } from '../../webview/state/attribution/attributedPlaces';
import { signedNumber as number } from '../../webview/views/attribution/signedCell';
import { CROSS_VIEW } from './crossView';
import { EMPTY_SNAPSHOT } from './host';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();

test('shown when asked for: each layer’s likeliest token, by mouse and key, a page at a time, and hidden again', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const section = page.locator('.lens');
  await section.getByRole('button', { name: 'Show', exact: true }).waitFor();
  // Nothing is computed before.
  expect(host.callsOf('lens')).toEqual([]);
  await section.getByRole('button', { name: 'Show', exact: true }).click();
  await section.locator('.lens-cell').first().waitFor();
  const report = await host.lensing?.({ explanation: 'one', from: 0, count: 24 });
  if (!report) throw new Error('No report.');
  const { layers, rows, length } = report;
  expect(await section.locator('.section-note').textContent()).toBe(`Places 1 to 24 of ${length}`);
  expect(await section.locator('.lens-cell').count()).toBe(layers.length * rows.length);
  const right = rows.flatMap(({ came, cells }) => cells.filter(({ top }) => top[0]?.id === came?.id));
  expect(right.length).toBeGreaterThan(3);
  expect(await section.locator('.lens-cell.right').count()).toBe(right.length);

  // By mouse: the five likeliest, and how the token that came ranks; the place lights up in the text.
  const cell = section.locator('.lens-cell[data-row="3"][data-column="1"]');
  await cell.hover();
  const own = rows[3]?.cells[1];
  const [first] = own?.top ?? [];
  await expect
    .poll(() => section.locator('.lens-readout').textContent())
    .toContain(exactNumber(first?.probability ?? NaN, MEASURES.weight));
  expect(await section.locator('.lens-readout').textContent()).toContain(`rank ${own?.came?.rank}`);
  await expect.poll(() => host.focus).toMatchObject({ sequence: 'target', indices: [3], locked: false });
  // By key: one cell is in the tab order, the arrows go from cell to cell.
  await section.locator('.lens-cell[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  expect(
    await page.evaluate(() => {
      const { row, column } = (document.activeElement as HTMLElement).dataset;
      return [Number(row), Number(column)];
    }),
  ).toEqual([1, layers.length - 1]);
  await expect.poll(() => section.locator('.lens-readout').textContent()).toContain('Output, after');
  await inEveryTheme(opened, 'lens');
  await page.setViewportSize({ width: 400, height: 900 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await page.screenshot({ path: 'test-results/webview/lens-400.png', fullPage: true });

  await section.getByRole('button', { name: 'Places after' }).click();
  await expect.poll(() => host.callsOf('lens').at(-1)).toMatchObject({ from: 24, count: 24 });
  await expect.poll(() => section.locator('.section-note').textContent()).toContain('Places 25 to');
  await expect.poll(() => host.view.lens).toBe(24);
  await section.getByRole('button', { name: 'Hide' }).click();
  await expect.poll(() => section.locator('.lens-cell').count()).toBe(0);
  expect(host.view.lens).toBe(null);
});

test('a model that cannot be read so says why', async () => {
  const host = await realRun();
  host.view = { ...CROSS_VIEW, lens: 0 };
  const plain = host.lensing;
  host.lensing = async (request) => {
    const report = await plain?.(request);
    if (!report) throw new Error('No report.');
    return { ...report, layers: [], rows: [], gaps: ['the logits are not a product with a matrix'] };
  };
  const { page } = await open({ view: 'panel', host });
  await page.getByText('This model cannot be read this way: the logits are not a product with a matrix.').waitFor();
  expect(await page.locator('.lens-readout').isVisible()).toBe(false);
});

test('why a token: the parts of its lead, by head and by token, and their sum; another place, another rival, none, hidden again', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const section = page.locator('.attribution');
  await section.getByRole('button', { name: 'Show', exact: true }).click();
  await section.locator('.attribution-cell').first().waitFor();
  const [step] = host.snapshot?.steps ?? [];
  const rival = step?.top.find(({ id }) => id !== step.chosen.id);
  if (!step || !rival) throw new Error('Nothing was written.');
  const asked = { index: step.index, token: step.chosen.id, other: rival.id };
  expect(host.callsOf('attribution')).toMatchObject([asked]);
  expect(host.view.attribution).toEqual(asked);
  const report = await host.attributing?.({ explanation: 'one', ...asked });
  if (!report) throw new Error('No report.');
  // The sum: its parts, and the model's own number under them.
  const parts = await section.locator('.attribution-parts td').allTextContents();
  expect(parts.at(-1)).toBe(number(report.logit));
  const shown = parts.slice(0, -1).map((text) => Number(text.replace('−', '-')));
  expect(shown.reduce((sum, one) => sum + one, 0)).toBeCloseTo(report.logit, 2);
  // Each head of each kind, and each feed-forward part.
  const [self, cross] = report.kinds;
  if (!self || !cross) throw new Error('A kind is missing.');
  const cells = section.locator('.attribution-cell');
  expect(await cells.count()).toBe(self.layers * (self.heads + 1) + cross.layers * cross.heads);
  const head = section.locator('.attribution-cell[data-kind="cross"][data-row="1"][data-column="3"]');
  expect(await head.getAttribute('title')).toContain(number(headSums(cross)[cross.heads + 3] ?? NaN));
  // The strongest link of all stands first.
  const [link] = strongestEdges(report.kinds, 1, 1);
  expect(await section.locator('.attribution-links').first().locator('tbody .number').first().textContent()).toBe(
    number(link?.value ?? NaN),
  );

  // By key: one cell of each grid is in the tab order; a chosen head's tokens stand alone.
  await section.locator('[data-kind="cross"][tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  for (let at = 0; at < 3; at++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  expect(await head.getAttribute('aria-selected')).toBe('true');
  await expect.poll(() => section.locator('.changed-text').count()).toBe(1);
  const own = cross.values.subarray((cross.heads + 3) * cross.keys, (cross.heads + 4) * cross.keys);
  const titles = await section
    .locator('.changed-text .changed-token')
    .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('title') ?? ''));
  expect(titles.map((title) => title.slice(title.lastIndexOf(' ') + 1))).toEqual([...own].map(number));
  await inEveryTheme(opened, 'attribution');
  await page.setViewportSize({ width: 400, height: 900 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await page.screenshot({ path: 'test-results/webview/attribution-400.png', fullPage: true });
  await head.press(' ');
  await expect.poll(() => section.locator('.changed-text').count()).toBe(2);

  // Another view of the same text: the token alone, at another place. What comes meanwhile is not the old answer.
  const second = host.snapshot?.steps[1];
  await page.evaluate(() => scrollTo(0, 0));
  host.view = { ...host.view, attribution: { index: second?.index ?? 0, token: second?.chosen.id ?? 0, other: null } };
  host.emit('view', host.view);
  await expect.poll(() => section.locator('.attribution-sum').textContent()).toMatch(/^The logit of .* is [+−]/);
  // Asked for elsewhere, it comes into sight.
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(500);
  await section.getByRole('button', { name: 'Hide' }).click();
  await expect.poll(() => cells.count()).toBe(0);
  expect(host.view.attribution).toBe(null);
});

test('what is chosen stays where the text has it, and gives way to what is there where it has not', () => {
  const candidate = (id: number) => ({ id, text: `t${id}`, probability: 0.1 });
  const step = (index: number, chosen: number, ...top: number[]) => ({
    index,
    chosen: candidate(chosen),
    rank: 1,
    top: top.map(candidate),
    origin: 'forced' as const,
    milliseconds: 1,
  });
  const snapshot = { ...EMPTY_SNAPSHOT, steps: [step(1, 7, 7, 8), step(2, 30, 10, 11)] };
  const places = predictedPlaces(snapshot);
  // A forced token that is not among the likeliest stands first.
  expect(places[1]?.candidates.map(({ id }) => id)).toEqual([30, 10, 11]);
  expect(firstChoice(snapshot, null)).toEqual({ index: 1, token: 7, other: 8 });
  const locked = { sequence: 'target', indices: [2], locked: true, from: 'panel' } as const;
  expect(firstChoice(snapshot, locked)).toEqual({ index: 2, token: 30, other: 10 });
  expect(firstChoice(EMPTY_SNAPSHOT, null)).toBe(null);
  const within = (index: number, token: number, other: number | null) => choiceWithin(places, { index, token, other });
  expect(within(2, 11, 30)).toEqual({ index: 2, token: 11, other: 30 });
  expect(within(2, 11, null)).toEqual({ index: 2, token: 11, other: null });
  expect(within(2, 11, 11)).toEqual({ index: 2, token: 11, other: null });
  expect(within(2, 11, 99)).toEqual({ index: 2, token: 11, other: null });
  expect(within(2, 99, 11)).toEqual({ index: 2, token: 30, other: 10 });
  expect(within(9, 7, 8)).toEqual({ index: 1, token: 7, other: 8 });
  expect(choiceWithin([], { index: 1, token: 7, other: 8 })).toBe(null);
  expect(choiceWithin(places, null)).toBe(null);
});

test('a token that cannot be taken apart says why, and one that takes long can be stopped', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const { page } = await open({ view: 'panel', host });
  const section = page.locator('.attribution');
  let stopped: Promise<unknown> | undefined;
  host.attributing = (_request, signal) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    stopped = promise.catch(() => 'stopped');
    return promise;
  };
  await section.getByRole('button', { name: 'Show', exact: true }).click();
  await section.getByText('Reading the parts of the logit…').waitFor();
  await section.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => stopped).toBe('stopped');
  expect(host.view.attribution).toBe(null);
  host.attributing = () =>
    Promise.reject(new ExplainError('MODEL_UNSUPPORTED', 'Where this token comes from cannot be told.'));
  await section.getByRole('button', { name: 'Show', exact: true }).click();
  await section.getByText('Where this token comes from cannot be told.').waitFor();
  expect(await section.locator('.attribution-cell').count()).toBe(0);
});
