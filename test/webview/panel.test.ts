import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { TokenWeights } from '../../src/attention/types';
import { chosenRow, CROSS_VIEW } from './crossView';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { useWebview } from './support';

const { open } = useWebview();

const token = (sequence: 'source' | 'target', index: number): string =>
  `[data-sequence=${sequence}] .token[data-index="${index}"]`;
const settled = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => document.querySelector('.numbers:not(.waiting)') && !document.querySelector('.lists.waiting'),
  );

/** The model's own numbers for a token, straight from the store. */
function exact(host: TestHost, sequence: 'source' | 'target', index: number, kind: string, role: string): TokenWeights {
  const found = host.weights
    ?.tokenWeights(sequence, [index])
    .find((entry) => entry.kind === kind && entry.role === role);
  if (!found) throw new Error('No such weights.');
  return found;
}

const rows = (page: Page, list: number): Promise<readonly (readonly [string, string])[]> =>
  page
    .locator('.list')
    .nth(list)
    .locator('.ranked-token')
    .evaluateAll((nodes) =>
      nodes.map(
        (node) =>
          [node.querySelector('bdi')?.textContent ?? '', node.querySelector('.number')?.textContent ?? ''] as const,
      ),
    );

describe('the panel, with a real run of the bundled model', () => {
  test('before the first token is written cross-attention has no picture; the encoder has its own', async () => {
    const host = await realRun('The dog sleeps.', 0);
    host.view = CROSS_VIEW;
    const { page } = await open({ view: 'panel', host });
    await page.locator(token('source', 0)).waitFor();
    await page.getByRole('tab', { name: 'Encoder self-attention', exact: true }).click();
    await page.locator('.detail .heat-pixels').waitFor();
    await page.getByRole('tab', { name: 'Cross-attention', exact: true }).click();
    await page.locator('.detail').waitFor({ state: 'hidden' });
  });

  test('before the first token is written no head of cross-attention has a number, and each says why', async () => {
    const host = await realRun('The dog sleeps.', 0);
    host.view = CROSS_VIEW;
    const { page } = await open({ view: 'panel', host });
    await page.getByRole('tab', { name: 'Encoder self-attention', exact: true }).click();
    const note = page.locator('.section-note', { hasText: /^Layer \d, head \d: / });
    const cells = page.locator('.atlas-cell');
    await expect.poll(() => note.textContent()).toMatch(/: sink mass \d\.\d\d, entropy \d\.\d\d bits$/);
    await page.locator('.head-grid').waitFor();
    await page.locator('.sink', { hasText: 'Sink mass' }).waitFor();
    for (const kind of ['Cross-attention', 'Masked decoder self-attention']) {
      await page.getByRole('tab', { name: kind, exact: true }).click();
      await expect.poll(() => note.textContent()).toMatch(/^Layer \d, head \d: no row yet$/);
      expect(await cells.first().getAttribute('aria-label')).toBe('Layer 1, head 1: no row yet');
      await page.locator('.head-grid').waitFor({ state: 'hidden' });
      await page.locator('.sink:text-is("")').waitFor({ state: 'attached' });
    }
    await page.getByRole('tab', { name: 'Cross-attention', exact: true }).click();
    await page.locator(token('source', 1)).hover();
    await page.getByText('Nothing looks at it yet: the model has not written a token.').waitFor();
    await page.locator('.head-grid').waitFor({ state: 'hidden' });
    expect(await page.locator('body').innerText()).not.toMatch(/0\.00 (bits|from nothing)|sink mass 0/i);
  });

  test('says what is explained, by what, on what', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    await page.locator(token('source', 0)).waitFor();
    expect(await page.locator('.title').textContent()).toBe('sample.md:3–5');
    expect(await page.locator('.chips').textContent()).toContain('English to French (bundled)');
    expect(await page.locator('.chips').textContent()).toContain('WASM · 1 thread');
    expect(await page.locator('.reason').textContent()).toBe('WebGPU is there, but it offers no graphics adapter.');
    expect(await page.locator('[role=tab]').allTextContents()).toEqual([
      'Encoder self-attention',
      'Masked decoder self-attention',
      'Cross-attention',
    ]);
    expect(await page.locator('.footer').textContent()).toContain('not why');
    const words = await page.locator('[data-sequence=source] .tokens').textContent();
    expect(words?.replace('</s>', '').trim()).toBe(
      'The cat sat on the mat because it was tired, and the dog that had chased it all morning slept beside the fire.',
    );
  });

  test('hovering a token shows its weight in every head, and exact lists for the chosen one', async () => {
    const host = await realRun();
    host.view = CROSS_VIEW;
    const { page } = await open({ view: 'panel', host });
    await page.locator(token('target', 7)).hover();
    await page.locator('.who', { hasText: 'fed “' }).waitFor();
    await settled(page);
    const info = host.snapshot?.model?.kinds.find(({ kind }) => kind === 'cross');
    const cells = await page.locator('.number-cell').count();
    expect(cells).toBe((info?.layers ?? 0) * (info?.heads ?? 0));

    const weights = exact(host, 'target', 7, 'cross', 'query');
    const source = host.snapshot?.source ?? [];
    for (const [layer, head] of [
      [0, 0],
      [CROSS_VIEW.layer, CROSS_VIEW.head],
      [1, 7],
    ] as const) {
      const from = (layer * weights.heads + head) * weights.length;
      const row = weights.data.subarray(from, from + weights.length);
      let best = 0;
      row.forEach((weight, index) => {
        if (source[index]?.special !== true && weight > (row[best] ?? 0)) best = index;
      });
      const label = await page
        .locator(`.number-cell[data-cell="${layer * weights.heads + head}"]`)
        .getAttribute('title');
      expect(label).toBe(
        `Layer ${layer + 1}, head ${head + 1}: ${(row[best] ?? 0).toFixed(4)} to “${source[best]?.text.trim() ?? ''}”`,
      );
    }

    const from = chosenRow(weights);
    const expected = [...weights.data.subarray(from, from + weights.length)]
      .map((weight, index) => ({ weight, token: source[index] }))
      .filter(({ token: one, weight }) => one?.special !== true && weight >= 0.00005)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, 8)
      .map(({ weight, token: one }) => [one?.text.trim() ?? '', weight.toFixed(4)]);
    expect(await rows(page, 0)).toEqual(expected);
    // The host is told, so that the editor can follow.
    await expect.poll(() => host.focus).toEqual({ sequence: 'target', indices: [7], locked: false, from: 'panel' });
  });

  test('the text’s colours are the ramp’s entries for the exact weights', async () => {
    const host = await realRun();
    host.view = CROSS_VIEW;
    const { page } = await open({ view: 'panel', host });
    await page.locator(token('target', 7)).hover();
    await settled(page);
    await page.locator('.who', { hasText: 'fed' }).waitFor();
    const weights = exact(host, 'target', 7, 'cross', 'query');
    const from = chosenRow(weights);
    const best = weights.data
      .subarray(from, from + weights.length - 1)
      .reduce((at, weight, index, row) => (weight > (row[at] ?? 0) ? index : at), 0);
    await expect.poll(async () => (await rows(page, 0))[0]?.[1]).toBe((weights.data[from + best] ?? 0).toFixed(4));
    const strongest = await page.locator(token('source', best)).evaluate((node) => node.style.backgroundColor);
    const cell = await page
      .locator(`.number-cell[data-cell="${CROSS_VIEW.layer * weights.heads + CROSS_VIEW.head}"]`)
      .evaluate((node) => node.style.backgroundColor);
    expect(strongest).toBe(cell);
    const special = await page
      .locator(token('source', weights.length - 1))
      .evaluate((node) => node.style.backgroundColor);
    expect(special).toBe('');
  });

  test('a click locks, the pointer then compares, Shift adds, Escape frees', async () => {
    const host = await realRun();
    host.view = CROSS_VIEW;
    const opened = await open({ view: 'panel', host });
    const { page } = opened;
    await page.locator(token('target', 7)).click();
    await expect.poll(() => host.focus?.locked).toBe(true);
    await page.locator(token('source', 2)).hover();
    const weights = exact(host, 'target', 7, 'cross', 'query');
    const at = chosenRow(weights) + 2;
    await expect
      .poll(() =>
        page
          .locator(`.number-cell[data-cell="${CROSS_VIEW.layer * weights.heads + CROSS_VIEW.head}"]`)
          .getAttribute('title'),
      )
      .toContain((weights.data[at] ?? 0).toFixed(4));
    expect(await page.locator('.grid-caption').textContent()).toContain('weight from');
    expect(await page.locator(token('target', 7)).getAttribute('aria-selected')).toBe('true');

    await page.locator(token('target', 9)).click({ modifiers: ['Shift'] });
    await expect.poll(() => host.focus?.indices).toEqual([7, 9]);
    await expect
      .poll(async () => (await opened.savedStates()).at(-1))
      .toMatchObject({
        version: 1,
        explanation: 'one',
        focus: { indices: [7, 9], locked: true },
        view: CROSS_VIEW,
        recipe: host.recipe,
      });
    expect(JSON.stringify(await opened.savedStates())).not.toContain('cat');

    await page.keyboard.press('Escape');
    await expect.poll(() => host.focus).toBeNull();
    await expect.poll(() => page.locator('.token.locked').count()).toBe(0);
  });

  test('a head is picked in the atlas, in the numbers and with the pickers; the kind with its tab', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    await page.locator('.atlas-cell[data-cell="9"]').click();
    await expect.poll(() => [host.view.layer, host.view.head]).toEqual([1, 1]);
    await page.locator('.number-cell[data-cell="3"]').click();
    await expect.poll(() => [host.view.layer, host.view.head]).toEqual([0, 3]);
    await page.locator('.picker-layer vscode-button').last().click();
    await expect.poll(() => host.view.layer).toBe(1);
    await page.locator('[role=tab][data-id=decoder]').click();
    await expect.poll(() => host.view.kind).toBe('decoder');
    await page.getByText('Hide sinks').click();
    await expect.poll(() => host.view.hideSpecial.decoder).toBe(true);
    await page.getByText('Scale by row').click();
    await expect.poll(() => host.view.scale).toBe('row');
    await expect.poll(() => page.locator('.legend').textContent()).toContain('row’s largest');
    expect(host.callsOf('head').at(-1)).toMatchObject({ kind: 'decoder', layer: 1, head: 3 });
  });

  test('the last written token says that it has no weights yet', async () => {
    const host = await realRun();
    host.view = { ...CROSS_VIEW, kind: 'decoder' };
    const { page } = await open({ view: 'panel', host });
    const last = (host.snapshot?.target.length ?? 0) - 1;
    await page.locator(token('target', last)).hover();
    await page.locator('.who', { hasText: 'not yet read' }).waitFor();
    await expect.poll(() => page.locator('.list', { hasText: 'has not been read' }).count()).toBe(2);
    // Nor are there numbers of a token that was looked at before.
    const numbers = (): Promise<string> =>
      page
        .locator('.cell-number')
        .allTextContents()
        .then((all) => all.join(''));
    await page.locator(token('target', 1)).hover();
    await expect.poll(numbers).not.toBe('');
    await page.locator(token('target', last)).hover();
    await expect.poll(numbers).toBe('');
  });
});
