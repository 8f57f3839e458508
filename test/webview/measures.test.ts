/** A second measure and other sources, through everything that shows numbers, on a real run of the bundled model. */
import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { MapRef } from '../../src/attention/types';
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

test('mean and maximum over heads: asked of the engine, listed exactly, said what they are', async () => {
  const host = await realRun();
  host.view = VIEW;
  const { page } = await open({ view: 'panel', host });
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await page.locator('.ranked-token').first().waitFor();
  const all = allHeads(host.snapshot?.model?.kinds.find(({ kind }) => kind === 'cross') ?? { layers: 0, heads: 0 });
  const layer = all.filter((place) => place.layer === 2);
  for (const [option, source, name] of [
    ['Mean of the layer’s heads', { type: 'heads', by: 'mean', heads: layer }, 'Mean of layer 3’s heads'],
    ['Maximum of all heads', { type: 'heads', by: 'max', heads: all }, 'Maximum of all heads'],
  ] as const) {
    await choose(page, '.picker-source', option);
    await expect.poll(() => rows(page)).toEqual(ranked(host, exact(host, 7, { measure: 'weight', source }), 'weight'));
    await expect.poll(() => page.locator('.detail .section-note').textContent()).toBe(name);
    await page.locator(`.heat[aria-label*="${name}"]`).waitFor();
    expect(host.callsOf('head').at(-1)).toMatchObject({ kind: 'cross', measure: 'weight', source });
    expect(host.view.source).toEqual(source);
  }
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
