/** Heads switched off and ranked, on a real run of the bundled model. */
import { mkdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { ExplainError } from '../../src/errors';
import { MEASURES } from '../../src/measure/measure';
import { exactNumber } from '../../src/measure/numbers';
import { changedTokens } from '../../webview/state/shown/changedText';
import { CROSS_VIEW } from './crossView';
import { findings } from './axe';
import { RESULTS } from './harness';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();

beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

test('a text beside another: what is new in it', () => {
  expect(changedTokens([1, 2, 3, 4], [1, 9, 3, 4])).toEqual([false, true, false, false]);
  expect(changedTokens([1, 2, 3], [2, 3, 3])).toEqual([false, false, true]);
  expect(changedTokens([], [5])).toEqual([true]);
  expect(changedTokens([5], [])).toEqual([]);
});

test('heads go off and on by button and key; the output stands beside the untouched one, exact and accessible', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  await page.locator('.atlas-cell.chosen').waitFor();
  expect(await page.locator('.heads-off').isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.locator('.changed-table tbody tr').first().waitFor();
  expect(host.view.off).toEqual([{ kind: 'cross', layer: CROSS_VIEW.layer, head: CROSS_VIEW.head }]);
  const report = await host.switcher?.headsOff({ explanation: 'one', off: host.view.off ?? [] });
  const mean = (of: 'before' | 'after'): number =>
    (report?.tokens ?? []).reduce((sum, one) => sum + one[of], 0) / (report?.tokens.length ?? 1);
  const sentence = (await page.locator('.heads-off p').first().textContent()) ?? '';
  const shown = [...sentence.matchAll(/[−-]?\d+\.\d+/g)].map(([one]) => Number(one.replace('−', '-')));
  expect(shown[0]).toBeCloseTo(mean('before'), 3);
  expect(shown[1]).toBeCloseTo(mean('after'), 3);
  expect(await page.locator('.changed-text .changed-token').count()).toBe(report?.tokens.length);
  expect(await page.locator('.atlas-cell.off').count()).toBe(1);
  expect(await page.locator('.atlas-cell.off').getAttribute('aria-label')).toContain('switched off');
  // A whole layer, by its label and the key: with it the model writes something else.
  await page.locator('.atlas-layer[data-layer="0"]').click();
  await page.locator('.atlas-cell[data-cell="0"]').press('o');
  await expect.poll(() => page.locator('.atlas-cell.off').count()).toBe(9);
  await page.locator('.changed-text mark').first().waitFor();
  await inEveryTheme(opened, 'heads-off');
  await page.getByRole('button', { name: 'All heads on' }).first().click();
  await expect.poll(() => page.locator('.heads-off').isVisible()).toBe(false);
  expect(await page.locator('.atlas-cell.off').count()).toBe(0);
});

test('links are cut from the list, in the picked head or everywhere; the output stands beside the untouched one, and each comes back', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  await page.locator('[data-sequence=target] .token').nth(3).click();
  const cut = page.locator('.lists .cut-link').first();
  await cut.click();
  await page.locator('.heads-off .changed-table tbody tr').first().waitFor();
  expect(await cut.getAttribute('aria-pressed')).toBe('true');
  const kept = host.view.cutLinks?.links ?? [];
  expect(kept).toMatchObject([{ kind: 'cross', layer: CROSS_VIEW.layer, head: CROSS_VIEW.head }]);
  const report = await host.switcher?.headsOff({ explanation: 'one', off: [], cut: kept });
  const after = (report?.tokens ?? []).reduce((sum, one) => sum + one.after, 0) / (report?.tokens.length ?? 1);
  const sentence = (await page.locator('.heads-off p').first().textContent()) ?? '';
  expect(Number([...sentence.matchAll(/[−-]?\d+\.\d+/g)][1]?.[0].replace('−', '-'))).toBeCloseTo(after, 3);
  // The same link everywhere, by keyboard; it stands beside the first.
  await cut.press('Shift+Enter');
  await expect.poll(() => page.locator('.cut-links li').count()).toBe(2);
  expect(await page.locator('.cut-links li').nth(1).textContent()).toContain('every head of every layer');
  await page.locator('.heads-off .changed-table tbody tr').first().waitFor();
  await inEveryTheme(opened, 'links-cut');
  await page.locator('.cut-links .cut-link').first().click();
  await expect.poll(() => page.locator('.cut-links li').count()).toBe(1);
  expect(await cut.getAttribute('aria-pressed')).toBe('false');
  await page.getByRole('button', { name: 'All back' }).click();
  await expect.poll(() => page.locator('.heads-off').isVisible()).toBe(false);
  expect(host.view.cutLinks).toBeNull();
});

test('heads are ranked with progress; what is known when it is stopped stays', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  await page.locator('.atlas-cell.chosen').waitFor();
  await page.getByRole('button', { name: 'Rank heads' }).click();
  await page.getByText(/^The bar under a head is what switching it off costs/).waitFor();
  const costs = await host.switcher?.headCosts({ explanation: 'one', kind: 'cross' }, () => undefined);
  const titles = await page
    .locator('.atlas-cell')
    .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('title') ?? ''));
  titles.forEach((title, at) => {
    const [, word, size = ''] = /(costs|gains) <?([\d.]+) nats/.exec(title) ?? [];
    expect(word === 'costs' ? Number(size) : -Number(size)).toBeCloseTo(costs?.costs[at] ?? NaN, 3);
  });
  expect(await page.locator('.number-cell').first().getAttribute('title')).toContain('nats a token');
  const layers = [...(costs?.layerCosts ?? [])].map(
    (cost, layer) => `layer ${layer + 1} ${exactNumber(-cost, MEASURES.difference)}`,
  );
  expect(layers.length).toBeGreaterThan(1);
  await page.getByText(layers.join(' · ')).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.screenshot({ path: `${RESULTS}/heads-ranked.png`, fullPage: true });
  // One that stands still after its first head, as on a large model.
  const { switcher } = host;
  if (!switcher) throw new Error('No heads can be switched.');
  host.switcher = {
    ...switcher,
    headCosts: (request, told, signal) => {
      let isFirst = true;
      return switcher
        .headCosts(
          request,
          (sofar) => {
            if (isFirst) told(sofar);
            isFirst = false;
          },
          signal,
        )
        .then(
          () =>
            new Promise((_, reject) =>
              signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
            ),
        );
    },
  };
  await page.getByRole('button', { name: 'Rank heads' }).click();
  await page.getByText(`Ranking: 1 of ${titles.length} heads`).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(`Stopped after 1 of ${titles.length} heads; what was measured stays`).waitFor();
});

test('a head that stays on is said, and what was on show stays', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  host.switcher = {
    headsOff: () =>
      Promise.reject(new ExplainError('INVALID_REQUEST', 'This head cannot be switched off: it is fused.')),
    leaveOut: () => Promise.reject(new Error('Nothing is left out here.')),
    inputWithout: () => Promise.reject(new Error('Nothing is left out here.')),
    headCosts: () => Promise.reject(new ExplainError('INVALID_REQUEST', 'None can.')),
  };
  const { page } = await open({ view: 'panel', host });
  await page.locator('.atlas-cell.chosen').waitFor();
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByText('This head cannot be switched off: it is fused.').first().waitFor();
  expect(await page.locator('.heat').count()).toBe(1);
});
