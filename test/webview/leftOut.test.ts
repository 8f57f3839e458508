/** Words left out, in the panel, on a real run of the bundled model. */
import { expect, test } from 'vitest';
import type { InputWithoutRequest } from '../../src/protocol/engine';
import { exactNumber } from '../../src/measure/numbers';
import { MEASURES } from '../../src/measure/measure';
import { piecesOf } from '../../webview/state/shown/pieces';
import { CROSS_VIEW } from './crossView';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();

test('words are ranked with progress, exact and coloured; what a locked word needs; sentences; stopped, what is known stays', async () => {
  const host = await realRun('The dog barked. The cat slept on the mat.', 40);
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const section = page.locator('.left-out');
  const rank = section.getByRole('button', { name: 'Rank', exact: true });
  await rank.click();
  await section.locator('.left-out-table tbody tr').first().waitFor();
  const { snapshot, switcher } = host;
  if (!snapshot || !switcher) throw new Error('No run.');
  const ranges = piecesOf(snapshot, 'words');
  expect(host.callsOf('leaveOut').at(-1)).toMatchObject({ ranges, manner: 'removed' });
  await expect.poll(() => section.locator('.hint').first().textContent()).toContain('Coloured by how');
  const report = await switcher.leaveOut({ explanation: 'one', ranges, manner: 'removed' }, () => undefined);
  const changes = [...report.costs].map((cost) => exactNumber(-cost, MEASURES.difference));
  const titles = await section
    .locator('.left-out-piece')
    .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
  expect(titles).toHaveLength(ranges.length);
  titles.forEach((title, at) => expect(title).toContain(`: ${changes[at] ?? ''} nats a token`));
  expect(await section.locator('.agreement').textContent()).toMatch(/layer \d, head \d orders these pieces most/);
  await inEveryTheme(opened, 'left-out');
  await page.setViewportSize({ width: 400, height: 900 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await page.setViewportSize({ width: 1200, height: 900 });

  // With a word of the output locked it is that word alone.
  await page.locator('[data-sequence=target] .token').nth(3).click();
  await rank.click();
  await expect.poll(() => host.callsOf('leaveOut').at(-1)).toMatchObject({ outputs: host.focus?.indices });
  await expect.poll(() => section.locator('.hint').first().textContent()).toContain('over 1 tokens');
  await page.keyboard.press('Escape');

  // Two words of the input together: each token's own change, and what is written without them.
  const without = section.locator('.input-without');
  const leave = without.getByRole('button', { name: 'Leave out what is locked' });
  expect(await leave.isDisabled()).toBe(true);
  const words = page.locator('[data-sequence=source] .token');
  await words.nth(1).click();
  await words.nth(2).click({ modifiers: ['Shift'] });
  await leave.click();
  await without.getByText(/^Without “.*mean log probability of the output/).waitFor();
  const asked = host.callsOf('inputWithout').at(-1) as InputWithoutRequest;
  expect(asked.ranges.map(({ from }) => from)).toEqual(host.focus?.indices);
  const change = await switcher.inputWithout({ explanation: 'one', ranges: asked.ranges, manner: 'removed' });
  const expected = change.tokens.map(({ before, after }) =>
    [before, after].map((one) => exactNumber(one, MEASURES.difference)),
  );
  const told = await without
    .locator('.changed-token')
    .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
  expect(told).toHaveLength(expected.length);
  told.forEach((title, at) => expect(title).toContain(`log probability ${expected[at]?.join(' → ') ?? ''};`));
  expect(await without.locator('.rewritten').textContent()).toContain(change.written[0]?.text.trim());
  await inEveryTheme(opened, 'input-without');
  await page.keyboard.press('Escape');

  // Sentences, and one that stands still after the first.
  await section.locator('vscode-dropdown').first().click();
  await section.locator('vscode-option', { hasText: 'Sentences' }).click();
  host.switcher = {
    ...switcher,
    leaveOut: async (request, told, signal) => {
      let isFirst = true;
      await switcher.leaveOut(
        request,
        (sofar) => {
          if (isFirst) told(sofar);
          isFirst = false;
        },
        signal,
      );
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
      );
    },
  };
  await rank.click();
  await section.getByText('Leaving out: 1 of 2').waitFor();
  await section.getByRole('button', { name: 'Stop' }).click();
  await section.getByText(/^Stopped after 1 of 2; what was measured stays/).waitFor();
  expect(await section.locator('.left-out-piece').count()).toBe(2);

  // Another page of the same panel, as after a reload, has what was measured; cleared, it is gone from the host too.
  const again = (await open({ view: 'panel', host, width: 1200, height: 900 })).page.locator('.left-out');
  await again.getByText(/^Stopped after 1 of 2; what was measured stays/).waitFor();
  expect(await again.locator('.left-out-piece').count()).toBe(2);
  await again.getByRole('button', { name: 'Clear', exact: true }).click();
  await again.getByText(/^What each word or sentence of the input is worth/).waitFor();
  expect(await again.locator('.left-out-piece').count()).toBe(0);
  expect(host.leftOut).toBeNull();
});

test('sentences by a sparse fit over random masks: exact, with how far it foretells masks that it has not seen', async () => {
  const host = await realRun(
    'Maria came first. It rained all day. The dog barked at the old man. Nobody was late. He slept. The room was cold.',
    40,
  );
  host.view = { ...CROSS_VIEW, leave: { by: 'sentences', manner: 'removed' } };
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const section = opened.page.locator('.left-out');
  await section.locator('vscode-dropdown').nth(1).click();
  await section.locator('vscode-option', { hasText: 'Fit over random masks' }).click();
  await expect.poll(() => host.view.leave).toEqual({ by: 'sentences', manner: 'removed', method: 'fit' });
  const { snapshot, switcher } = host;
  if (!snapshot || !switcher) throw new Error('No run.');
  // Stopped after 20 masks: the fit of those.
  host.switcher = {
    ...switcher,
    leaveOut: async (request, told, signal) => {
      await switcher.leaveOut(request, (sofar) => {
        if (sofar.done === 20) told(sofar);
      });
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
      );
    },
  };
  const rank = section.getByRole('button', { name: 'Rank', exact: true });
  const note = section.getByRole('status').first();
  await rank.click();
  await expect.poll(() => note.textContent()).toBe('Reading with random halves of the sentences: 20 of 63');
  await section.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => note.textContent()).toMatch(/^Stopped after 20 of 63 masks; the fit is of those.* 5 masks /);
  host.switcher = switcher;
  await rank.click();
  await expect
    .poll(() => note.textContent())
    .toMatch(/^Coloured by the weight of each piece in a sparse linear fit over 63/);
  const ranges = piecesOf(snapshot, 'sentences');
  expect(host.callsOf('leaveOut').at(-1)).toMatchObject({ ranges, manner: 'removed', method: 'fit' });
  const request = { explanation: 'one', ranges, manner: 'removed', method: 'fit' } as const;
  const { costs, fit } = await switcher.leaveOut(request, () => undefined);
  const correlation = exactNumber(fit?.correlation ?? NaN, MEASURES.difference);
  expect(await note.textContent()).toContain(
    `15 masks that are not in the fit with a rank correlation of ${correlation} `,
  );
  const titles = await section
    .locator('.left-out-piece')
    .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
  expect(titles).toHaveLength(6);
  titles.forEach((title, at) =>
    expect(title).toContain(`: ${exactNumber(-(costs[at] ?? NaN), MEASURES.difference)} log-odds a token`),
  );
  await inEveryTheme(opened, 'left-out-fit');
  // Words are left out one at a time.
  await section.locator('vscode-dropdown').first().click();
  await section.locator('vscode-option', { hasText: 'Words' }).click();
  await expect.poll(() => section.locator('vscode-dropdown').nth(1).isVisible()).toBe(false);
});
