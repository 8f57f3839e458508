/** A second measure and other sources, through everything that shows numbers, on a real run of the bundled model. */
import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { MapRef, MapSource } from '../../src/attention/types';
import { tokenWeightsOf } from '../../src/engine/maps';
import { toByte } from '../../src/measure/bytes';
import { MEASURES } from '../../src/measure/measure';
import { exactNumber } from '../../src/measure/numbers';
import { allHeads, ONE_HEAD } from '../../src/measure/source';
import { measuredHeads, measuredRow } from '../../src/measure/rows';
import { buildDivergingRamp, type Rgb } from '../../webview/render/ramp';
import { findings } from './axe';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { useWebview } from './support';
import { THEMES } from './themes';

const { open } = useWebview();

const VIEW = {
  version: 1,
  kind: 'cross',
  layer: 2,
  head: 3,
  hideSpecial: { encoder: false, decoder: false, cross: true },
  scale: 'fixed',
} as const;
const rgb = (hex: string | undefined): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex?.slice(at, at + 2) ?? '', 16)) as unknown as Rgb;

beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

/** What a target token gives in cross-attention, by a measure and a source. */
function exact(host: TestHost, index: number, ref: Pick<MapRef, 'measure' | 'source'>): Float32Array {
  const weights = host.weights
    ?.tokenWeights('target', [index])
    .find(({ kind, role }) => kind === 'cross' && role === 'query');
  if (!weights) throw new Error('No such weights.');
  return measuredRow(weights, { ...ref, layer: 2, head: 3 });
}

/** The strongest tokens of a row as the lists write them. */
function ranked(host: TestHost, row: Float32Array, measure: keyof typeof MEASURES): readonly (readonly string[])[] {
  const source = host.snapshot?.source ?? [];
  return [...row]
    .map((value, index) => ({ value, token: source[index] }))
    .filter(({ token, value }) => token?.special !== true && Math.abs(value) >= 0.00005)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, 8)
    .map(({ value, token }) => [token?.text.trim() ?? '', exactNumber(value, MEASURES[measure])]);
}

const rows = (page: Page): Promise<readonly (readonly string[])[]> =>
  page
    .locator('.list')
    .first()
    .locator('.ranked-token')
    .evaluateAll((nodes) =>
      nodes.map((node) => [
        node.querySelector('bdi')?.textContent ?? '',
        node.querySelector('.number')?.textContent ?? '',
      ]),
    );

async function choose(page: Page, picker: string, option: string): Promise<void> {
  await page.locator(picker).click();
  await page.locator(picker).locator('vscode-option', { hasText: option }).click();
}

test('several heads by mouse and key: asked of the engine, listed exactly, said what they are', async () => {
  const host = await realRun();
  host.view = VIEW;
  const { page } = await open({ view: 'panel', host });
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await page.locator('.ranked-token').first().waitFor();
  const places = allHeads(host.snapshot?.model?.kinds.find(({ kind }) => kind === 'cross') ?? { layers: 0, heads: 0 });
  const head = (layer: number, at: number): Locator =>
    page.locator(`.atlas-cell[data-cell="${layer * (places.length / 3) + at}"]`);
  const layer = places.filter((place) => place.layer === 2);
  const expectSource = async (source: MapSource, name: string): Promise<void> => {
    await expect.poll(() => host.view.source).toEqual(source);
    await expect.poll(() => rows(page)).toEqual(ranked(host, exact(host, 7, { measure: 'weight', source }), 'weight'));
    await expect.poll(() => page.locator('.detail .section-note').textContent()).toBe(name);
    await page.locator(`.heat[aria-label*="${name}"]`).waitFor();
    expect(host.callsOf('head').at(-1)).toMatchObject({ kind: 'cross', measure: 'weight', source });
  };
  expect(new Set(places.map((place) => place.layer)).size).toBe(3);

  // A way of taking heads together begins with the layer's.
  await choose(page, '.picker-source', 'Mean');
  await expectSource({ type: 'heads', by: 'mean', heads: layer }, 'Mean of layer 3’s heads');
  await choose(page, '.picker-source', 'Maximum');
  await expectSource({ type: 'heads', by: 'max', heads: layer }, 'Maximum of layer 3’s heads');
  // By mouse: one head, with Ctrl another, with Shift a range, a label its line.
  await head(0, 1).click();
  await expect.poll(() => host.view.source).toEqual({ type: 'head' });
  await head(1, 3).click({ modifiers: ['Control'] });
  await expectSource(
    {
      type: 'heads',
      by: 'mean',
      heads: [
        { layer: 0, head: 1 },
        { layer: 1, head: 3 },
      ],
    },
    'Mean of heads 1.2, 2.4',
  );
  expect(await page.locator('.atlas-cell[aria-selected=true]').count()).toBe(2);
  await head(0, 2).click({ modifiers: ['Shift'] });
  await expect.poll(() => page.locator('.atlas-cell.picked').count()).toBe(4);
  await page.getByRole('columnheader', { name: '2', exact: true }).first().click();
  await expectSource(
    { type: 'heads', by: 'mean', heads: places.filter((place) => place.head === 1) },
    'Mean of head 2 in all layers',
  );
  await page.getByRole('rowheader', { name: '2', exact: true }).first().click();
  await expectSource(
    { type: 'heads', by: 'mean', heads: places.filter((place) => place.layer === 1) },
    'Mean of layer 2’s heads',
  );
  // By key: all of them, a range, one more, and a label that is reached with the arrows.
  await head(2, 3).click();
  await page.keyboard.press('Control+a');
  await expectSource({ type: 'heads', by: 'mean', heads: places }, 'Mean of all heads');
  await head(2, 3).click();
  await page.keyboard.press('Shift+ArrowRight');
  await expectSource(
    {
      type: 'heads',
      by: 'mean',
      heads: [
        { layer: 2, head: 3 },
        { layer: 2, head: 4 },
      ],
    },
    'Mean of heads 3.4, 3.5',
  );
  await head(1, 0).click();
  await page.keyboard.press('Control+ArrowDown');
  await page.keyboard.press('Control+Enter');
  await expectSource(
    {
      type: 'heads',
      by: 'mean',
      heads: [
        { layer: 1, head: 0 },
        { layer: 2, head: 0 },
      ],
    },
    'Mean of heads 2.1, 3.1',
  );
  await head(2, 0).click();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expectSource({ type: 'heads', by: 'mean', heads: layer }, 'Mean of layer 3’s heads');
});

test('rollout: its map and rows are the engine’s, it says what it assumes, and it goes from layer to layer', async () => {
  const host = await realRun();
  host.view = VIEW;
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await choose(page, '.picker-source', 'Rollout');
  const { source = [], target = [] } = host.snapshot ?? {};
  for (const layer of [2, 0]) {
    if (layer === 0) await page.locator('.atlas-cell[data-cell="0"]').click();
    if (!host.weights) throw new Error('No weights.');
    const list = await tokenWeightsOf(
      { store: host.weights, source, target },
      { sequence: 'target', indices: [7], rollout: layer },
    );
    const row = list.find(({ kind, role }) => kind === 'cross' && role === 'query')?.rollout;
    if (!row) throw new Error('No rollout.');
    expect([...row].reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    await expect.poll(() => rows(page)).toEqual(ranked(host, row, 'weight'));
    await page.locator(`.heat[aria-label*="Rollout to layer ${layer + 1}"]`).waitFor();
  }
  expect(await page.locator('.assumptions').textContent()).toContain('carried back through the encoder’s rollout');
  await page.getByRole('tab', { name: 'Encoder self-attention', exact: true }).click();
  await expect.poll(() => page.locator('.assumptions').textContent()).toContain('all heads count the same');
  expect(await findings(page)).toEqual([]);
  await page.screenshot({ path: `${RESULTS}/rollout.png`, fullPage: true });
  await choose(page, '.picker-source', 'One head');
  await expect.poll(() => page.locator('.assumptions').isVisible()).toBe(false);
});

describe.each(THEMES)('the difference from the mean head in $name', (theme) => {
  test('is signed in list, grid, text, legend, matrix and lines, and accessible', async () => {
    const host = await realRun();
    host.view = VIEW;
    const { page } = await open({ view: 'panel', host, theme, width: 1200, height: 900 });
    await page.locator('[data-sequence=target] .token[data-index="7"]').click();
    await choose(page, '.picker-measure', 'Difference from the mean head');
    const row = exact(host, 7, { measure: 'difference', source: ONE_HEAD });
    await expect.poll(() => rows(page)).toEqual(ranked(host, row, 'difference'));
    expect([...row].some((value) => value < -0.01)).toBe(true);
    expect(await page.locator('.ranked-token .bar.below').count()).toBeGreaterThan(0);
    expect(await page.locator('.legend').textContent()).toBe('−11');
    expect(await page.locator('.legend').getAttribute('aria-label')).toBe(
      'Colour scale from −1 to 1: difference from the mean head',
    );

    // The colours are the diverging scale's, of the very numbers.
    const ramp = buildDivergingRamp(
      rgb(theme.variables['--vscode-editor-background']),
      rgb(theme.variables['--vscode-editor-foreground']),
    );
    const source = host.snapshot?.source ?? [];
    const fills = await page
      .locator('[data-sequence=source] .token')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.backgroundColor));
    fills.forEach((fill, index) => {
      const step = toByte(row[index] ?? 0, MEASURES.difference);
      const isBlank = source[index]?.special === true || step === 128;
      expect(fill).toBe(isBlank ? '' : ramp.fill[step]);
    });

    // Every head's number is its own, farthest from zero.
    const weights = host.weights
      ?.tokenWeights('target', [7])
      .find(({ kind, role }) => kind === 'cross' && role === 'query');
    if (!weights) throw new Error('No weights.');
    const heads = measuredHeads(weights, 'difference');
    const titles = await page
      .locator('.number-cell')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
    titles.forEach((title, cell) => {
      let best = 0;
      for (let key = 0; key < weights.length; key++) {
        const value = heads[cell * weights.length + key] ?? 0;
        if (source[key]?.special !== true && Math.abs(value) > Math.abs(best)) best = value;
      }
      expect(title).toContain(`: ${exactNumber(best, MEASURES.difference)} to “`);
    });

    await page.locator('.heat[aria-label*="difference from the mean head"]').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: `${RESULTS}/difference-${theme.name}.png`, fullPage: true });
    await choose(page, '.detail vscode-dropdown', 'Lines');
    await page.locator('.lines-canvas[aria-label*="difference from the mean head"]').waitFor();
    await page.screenshot({ path: `${RESULTS}/difference-lines-${theme.name}.png`, fullPage: true });
  });
});
