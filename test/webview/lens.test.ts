/** The logit lens in the panel, on a real run of the bundled model. */
import { expect, test } from 'vitest';
import { exactNumber } from '../../src/measure/numbers';
import { MEASURES } from '../../src/measure/measure';
import { CROSS_VIEW } from './crossView';
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
