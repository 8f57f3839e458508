/** The overview arranged by what heads look at: sorted, filtered, with badges, by mouse and by keyboard. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { badgeText, ROLES } from '../../src/measure/roles/role';
import { measureHeads } from '../../src/engine/headProbe/measureHeads';
import { PROBE_SENTENCES } from '../../src/engine/headProbe/probeSentences';
import type { RoleName, RoleTable } from '../../src/attention/types';
import { RESULTS } from './harness';
import { bundledModel, realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();
beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

async function choose(page: Page, picker: string, option: string): Promise<void> {
  await page.locator(picker).click();
  await page.locator(picker).locator('vscode-option', { hasText: option }).click();
}

const options = (page: Page): Promise<readonly string[]> =>
  page
    .locator('.ranked-head')
    .evaluateAll((nodes) =>
      nodes.map((node) => [node.firstElementChild, node.lastElementChild].map((part) => part?.textContent).join(' ')),
    );

/** What the list must show: heads with a score in `from`…, highest first. */
function expected({ heads, scores }: RoleTable, role: RoleName, least: number): readonly string[] {
  return scores[role]
    .flatMap((score, at) => (score === null || score < least ? [] : [{ score, at }]))
    .sort((one, other) => other.score - one.score)
    .map(({ score, at }) => `${Math.floor(at / heads) + 1}.${(at % heads) + 1} ${badgeText(ROLES[role], score)}`);
}

test('sorted and filtered by the score on this text and on the probe set, said, and chosen by key', async () => {
  const host = await realRun();
  host.view = { ...host.view, kind: 'encoder', layer: 0, head: 0 };
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  await page.locator('.atlas-cell').first().waitFor();
  await choose(page, '.by-role', 'Previous token');
  const snapshot = host.snapshot;
  if (!snapshot) throw new Error('No snapshot.');
  const onText = await host.roles({ explanation: 'one', kind: 'encoder' });
  await expect.poll(() => options(page)).toEqual(expected(onText, 'previous', 0));
  expect(await page.locator('.atlas-grid').isVisible()).toBe(false);
  expect(await page.locator('.role-caveat').textContent()).toBe(
    'A score describes where a head looks, not what it is for.',
  );
  expect(await page.locator('.ranked-head').first().getAttribute('title')).toMatch(
    /^Layer \d, head \d: previous token 0\.\d\d$/,
  );
  await page
    .getByRole('option', { name: /^Layer \d, head \d ?previous 0\.\d\d$/ })
    .first()
    .waitFor();
  await choose(page, '.by-bound', 'At least 0.25');
  await expect.poll(() => options(page)).toEqual(expected(onText, 'previous', 0.25));
  const shown = (await options(page)).length;
  expect(shown).toBeGreaterThan(0);
  expect(await page.locator('.ranked-note').textContent()).toBe(`${shown} of ${onText.layers * onText.heads} heads`);

  // By key: the first in the order, then the next.
  await page.locator('.ranked-head[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  const [first = ''] = await options(page);
  const [layer = 0, head = 0] = (first.split(' ')[0] ?? '').split('.').map(Number);
  await expect.poll(() => [host.view.layer + 1, host.view.head + 1]).toEqual([layer, head]);
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-selected'))).toBe('true');

  // On the probe set: first there is nothing, then what was measured.
  await choose(page, '.by-on', 'Probe set');
  await expect
    .poll(() => page.locator('.ranked-note').textContent())
    .toBe('This model has not been measured on the probe set yet; press the button to do it.');
  await page.locator('.role-bar vscode-button', { hasText: 'Measure' }).click();
  await expect.poll(() => host.callsOf('command')).toEqual([{ name: 'measureHeads' }]);
  const model = await bundledModel();
  const scores = await measureHeads(
    model,
    { pairs: [], sentences: PROBE_SENTENCES.slice(0, 3), parts: 'all', told: () => undefined },
    new AbortController().signal,
  );
  host.scores = scores;
  host.emit('scores', scores);
  const [encoder] = scores.roles;
  if (!encoder) throw new Error('No scores.');
  await expect.poll(() => options(page)).toEqual(expected(encoder, 'previous', 0.25));
  await inEveryTheme(opened, 'roles');
  await page.setViewportSize({ width: 400, height: 900 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await page.screenshot({ path: `${RESULTS}/roles-400.png`, fullPage: true });
});

test('a kind that cannot have the role shows its layers and heads, and a text without repetition says so', async () => {
  const host = await realRun('Birds sing.', 6);
  host.view = { ...host.view, kind: 'encoder' };
  const { page } = await open({ view: 'panel', host });
  await choose(page, '.by-role', 'Duplicate token');
  await expect
    .poll(() => page.locator('.ranked-note').textContent())
    .toBe(
      'This text has nothing to measure this on: it is too short, or no token comes back. Choose another role, or the probe set.',
    );
  await page.locator('[role=tab][data-id=cross]').click();
  await page.locator('.atlas-grid').waitFor();
  expect(await page.locator('.ranked-view').isVisible()).toBe(false);
  expect(await page.locator('.by-role vscode-option').allTextContents()).toEqual([
    'Layers and heads',
    'First token or separator (sink)',
    'Punctuation',
    'Diagonal (alignment)',
    'Entropy',
  ]);
});
