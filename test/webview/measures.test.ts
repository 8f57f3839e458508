/** A second measure and other sources, through everything that shows numbers, on a real run of the bundled model. */
import { mkdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { MapRef, MapSource, ProbedMeasure, TokenWeights } from '../../src/attention/types';
import { tokenWeightsOf } from '../../src/engine/weights/maps';
import { toByte } from '../../src/measure/bytes';
import { MEASURES, measureOf } from '../../src/measure/measure';
import { exactNumber } from '../../src/measure/numbers';
import { allHeads, ONE_HEAD } from '../../src/measure/source';
import { measuredHeads, measuredRow } from '../../src/measure/rows';
import { buildDivergingRamp, type Rgb } from '../../webview/render/ramp';
import { CROSS_VIEW, listedRows } from './crossView';
import { findings } from './axe';
import { RESULTS } from './harness';
import type { TestHost } from './host';
import { realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();

const rgb = (hex: string | undefined): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex?.slice(at, at + 2) ?? '', 16)) as unknown as Rgb;

beforeAll(() => mkdirSync(RESULTS, { recursive: true }));

/** A token's row of a made measure, as the engine holds it. */
async function made(host: TestHost, measure: ProbedMeasure, index: number): Promise<TokenWeights> {
  const held = host.maker?.held(measure, undefined);
  const list = held ? await tokenWeightsOf(held, { sequence: 'target', indices: [index] }) : [];
  const entry = list.find(({ kind, role }) => kind === 'cross' && role === 'query');
  if (!entry) throw new Error('No such numbers.');
  return entry;
}

/** What a target token gives in cross-attention, by a measure and a source. */
function exact(host: TestHost, index: number, ref: Pick<MapRef, 'measure' | 'source'>): Float32Array {
  const weights = host.weights
    ?.tokenWeights('target', [index])
    .find(({ kind, role }) => kind === 'cross' && role === 'query');
  if (!weights) throw new Error('No such weights.');
  return measuredRow(weights, { ...ref, layer: CROSS_VIEW.layer, head: CROSS_VIEW.head });
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

async function choose(page: Page, picker: string, option: string): Promise<void> {
  await page.locator(picker).click();
  await page.locator(picker).locator('vscode-option', { hasText: option }).click();
}

test('several heads by mouse and key: asked of the engine, listed exactly, said what they are', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const { page } = await open({ view: 'panel', host });
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await page.locator('.ranked-token').first().waitFor();
  const places = allHeads(host.snapshot?.model?.kinds.find(({ kind }) => kind === 'cross') ?? { layers: 0, heads: 0 });
  const { length: heads } = places.filter(({ layer: own }) => own === 0);
  const head = (layer: number, at: number): Locator => page.locator(`.atlas-cell[data-cell="${layer * heads + at}"]`);
  const layer = places.filter((place) => place.layer === CROSS_VIEW.layer);
  const expectSource = async (source: MapSource, name: string): Promise<void> => {
    await expect.poll(() => host.view.source).toEqual(source);
    await expect
      .poll(() => listedRows(page))
      .toEqual(ranked(host, exact(host, 7, { measure: 'weight', source }), 'weight'));
    await expect.poll(() => page.locator('.detail .section-note').textContent()).toBe(name);
    await page.locator(`.heat[aria-label*="${name}"]`).waitFor();
    expect(host.callsOf('head').at(-1)).toMatchObject({ kind: 'cross', measure: 'weight', source });
  };
  expect(new Set(places.map((place) => place.layer)).size).toBeGreaterThan(1);

  // A way of taking heads together begins with the layer's.
  await choose(page, '.picker-source', 'Mean');
  await expectSource({ type: 'heads', by: 'mean', heads: layer }, 'Mean of layer 2’s heads');
  await choose(page, '.picker-source', 'Maximum');
  await expectSource({ type: 'heads', by: 'max', heads: layer }, 'Maximum of layer 2’s heads');
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
  await head(1, 3).click();
  await page.keyboard.press('Control+a');
  await expectSource({ type: 'heads', by: 'mean', heads: places }, 'Mean of all heads');
  await head(1, 3).click();
  await page.keyboard.press('Shift+ArrowRight');
  await expectSource(
    {
      type: 'heads',
      by: 'mean',
      heads: [
        { layer: 1, head: 3 },
        { layer: 1, head: 4 },
      ],
    },
    'Mean of heads 2.4, 2.5',
  );
  await head(0, 0).click();
  await page.keyboard.press('Control+ArrowDown');
  await page.keyboard.press('Control+ArrowRight');
  await page.keyboard.press('Control+Enter');
  await expectSource(
    {
      type: 'heads',
      by: 'mean',
      heads: [
        { layer: 0, head: 0 },
        { layer: 1, head: 1 },
      ],
    },
    'Mean of heads 1.1, 2.2',
  );
  await head(0, 0).click();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expectSource(
    { type: 'heads', by: 'mean', heads: places.filter((place) => place.layer === 0) },
    'Mean of layer 1’s heads',
  );
});

test('rollout: its map and rows are the engine’s, it says what it assumes, and it goes from layer to layer', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const { page } = await open({ view: 'panel', host, width: 1200, height: 900 });
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await choose(page, '.picker-source', 'Rollout');
  const { source = [], target = [] } = host.snapshot ?? {};
  for (const layer of [CROSS_VIEW.layer, 0]) {
    if (layer === 0) await page.locator('.atlas-cell[data-cell="0"]').click();
    if (!host.weights) throw new Error('No weights.');
    const list = await tokenWeightsOf(
      { store: host.weights, source, target },
      { sequence: 'target', indices: [7], rollout: layer },
    );
    const row = list.find(({ kind, role }) => kind === 'cross' && role === 'query')?.rollout;
    if (!row) throw new Error('No rollout.');
    expect([...row].reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    await expect.poll(() => listedRows(page)).toEqual(ranked(host, row, 'weight'));
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

test('is signed in list, grid, text, legend, matrix and lines, and accessible', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await choose(page, '.picker-measure', 'Difference from the mean head');
  const row = exact(host, 7, { measure: 'difference', source: ONE_HEAD });
  await expect.poll(() => listedRows(page)).toEqual(ranked(host, row, 'difference'));
  expect([...row].some((value) => value < -0.01)).toBe(true);
  expect(await page.locator('.ranked-token .bar.below').count()).toBeGreaterThan(0);
  expect(await page.locator('.legend').textContent()).toBe('−11');
  expect(await page.locator('.legend').getAttribute('aria-label')).toBe(
    'Colour scale from −1 to 1: difference from the mean head',
  );

  const source = host.snapshot?.source ?? [];
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
  // The colours are the diverging scale's, of the very numbers.
  await inEveryTheme(opened, 'difference', async ({ variables }) => {
    const ramp = buildDivergingRamp(
      rgb(variables['--vscode-editor-background']),
      rgb(variables['--vscode-editor-foreground']),
    );
    const expected = source.map(({ special }, index) => {
      const step = toByte(row[index] ?? 0, MEASURES.difference);
      return special || step === 128 ? '' : ramp.fill[step];
    });
    const fills = (): Promise<readonly string[]> =>
      page
        .locator('[data-sequence=source] .token')
        .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.backgroundColor));
    await expect.poll(fills).toEqual(expected);
  });
  await choose(page, '.detail vscode-dropdown', 'Lines');
  await page.locator('.lines-canvas[aria-label*="difference from the mean head"]').waitFor();
  await page.screenshot({ path: `${RESULTS}/difference-lines.png`, fullPage: true });
});

test('list, grid, overview, text, legend and matrix follow the switch, and are accessible', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await page.locator('.ranked-token').first().waitFor();
  await page.screenshot({ path: `${RESULTS}/measure-weight.png`, fullPage: true });
  for (const [option, measure] of [
    ['What it moves', 'moved'],
    ['Contribution', 'contribution'],
  ] as const) {
    await choose(page, '.picker-measure', option);
    await page.locator(`.heat[aria-label*="${option.charAt(0).toLowerCase()}${option.slice(1)}"]`).waitFor();
    const entry = await made(host, measure, 7);
    const row = measuredRow(entry, {
      layer: CROSS_VIEW.layer,
      head: CROSS_VIEW.head,
      measure,
      source: { type: 'head' },
    });
    await expect.poll(() => listedRows(page)).toEqual(ranked(host, row, measure));
    const shown = measureOf({ measure, fit: entry.fit });
    expect(shown.range[1]).toBe(measure === 'moved' ? entry.fit?.most : 1);
    expect(await page.locator('.legend').textContent()).toBe(`0${Number(shown.range[1].toPrecision(3))}`);
    expect(host.callsOf('atlas').at(-1)).toMatchObject({ kind: 'cross', measure });
    expect(host.callsOf('head').at(-1)).toMatchObject({ kind: 'cross', measure });
    // One number a layer, or one a head.
    const heads = measure === 'contribution' ? 1 : 8;
    expect(await page.locator('.number-cell').count()).toBe(heads * entry.layers);
    expect(await page.locator('.atlas-cell').count()).toBe(heads * entry.layers);
    expect(await page.locator('.number-cell.chosen').count()).toBe(1);
    // The colours are of the very numbers, on the scale that the legend states.
    const ramp = await page
      .locator('[data-sequence=source] .token')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.backgroundColor !== ''));
    const source = host.snapshot?.source ?? [];
    expect(ramp).toEqual(source.map(({ special }, index) => !special && toByte(row[index] ?? 0, shown) !== 0));
    await inEveryTheme(opened, `measure-${measure}`);
  }
  expect(await page.locator('.list').first().textContent()).toContain('Of the output itself');
  await choose(page, '.picker-measure', 'Weight');
  await expect
    .poll(() => listedRows(page))
    .toEqual(ranked(host, exact(host, 7, { measure: 'weight', source: { type: 'head' } }), 'weight'));
  const cross = host.snapshot?.model?.kinds.find(({ kind }) => kind === 'cross');
  expect(await page.locator('.number-cell').count()).toBe((cross?.layers ?? 0) * (cross?.heads ?? 0));
});

test('a measure is made with progress, can be stopped, and is there again after a reload', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const { maker } = host;
  if (!maker) throw new Error('A real run makes measures.');
  let told: ((fraction: number) => void) | undefined;
  let stopped = false;
  let go: (() => void) | undefined;
  host.maker = {
    ...maker,
    make: async (measure, progress, signal) => {
      told = progress;
      await new Promise<void>((resolve, reject) => {
        go = resolve;
        signal?.addEventListener('abort', () => {
          stopped = true;
          reject(new DOMException('Stopped.', 'AbortError'));
        });
      });
      return maker.make(measure, progress, signal);
    },
  };
  const opened = await open({ view: 'panel', host });
  const { page } = opened;
  await page.locator('.heat').waitFor();
  await choose(page, '.picker-measure', 'What it moves');
  await page.locator('.measure-note', { hasText: 'What it moves is being computed…' }).waitFor();
  told?.(0.4);
  await page.locator('.measure-note', { hasText: '40 %' }).waitFor();
  // Until it is there the weights are on show, under their own name.
  expect(await page.locator('.heat').getAttribute('aria-label')).not.toContain('moves');
  expect(await page.locator('.legend').getAttribute('aria-label')).toBe('Colour scale from 0 to 1: weight');
  await page.locator('.measure-note').getByRole('button', { name: 'Cancel' }).click();
  await page.locator('.measure-note').waitFor({ state: 'hidden' });
  await expect.poll(() => stopped).toBe(true);
  expect(host.view.measure).toBe('weight');

  await choose(page, '.picker-measure', 'What it moves');
  await expect.poll(() => host.callsOf('measure').length).toBe(2);
  go?.();
  await page.locator('.heat[aria-label*="what it moves"]').waitFor();
  expect(await page.locator('.measure-note').isHidden()).toBe(true);
  const saved = (await opened.savedStates()).at(-1);
  expect(saved).toMatchObject({ view: { measure: 'moved' } });

  const again = await open({ view: 'panel', host, initialState: saved });
  await expect.poll(() => host.callsOf('measure').length).toBe(3);
  go?.();
  await again.page.locator('.heat[aria-label*="what it moves"]').waitFor();
});

test('what is generated is measured too, once it has come to rest', async () => {
  const host = await realRun(undefined, 4);
  host.view = { ...CROSS_VIEW, measure: 'moved' };
  const { page } = await open({ view: 'panel', host });
  await page.locator('.heat[aria-label*="what it moves"]').waitFor();
  const before = host.callsOf('measure').length;
  await host.driver?.generation('step');
  await expect.poll(() => host.callsOf('measure').length).toBe(before + 1);
  const at = (host.snapshot?.target.length ?? 0) - 2;
  await page.locator(`[data-sequence=target] .token[data-index="${at}"]`).click();
  await expect
    .poll(async () => listedRows(page))
    .toEqual(
      ranked(
        host,
        measuredRow(await made(host, 'moved', at), {
          layer: CROSS_VIEW.layer,
          head: CROSS_VIEW.head,
          measure: 'moved',
          source: { type: 'head' },
        }),
        'moved',
      ),
    );
});

test('a model that cannot give a measure says why, and each view stands', async () => {
  const host = await realRun();
  host.view = CROSS_VIEW;
  const { maker } = host;
  if (!maker) throw new Error('A real run makes measures.');
  const reason = 'its queries, keys and values are packed';
  host.maker = {
    ...maker,
    make: async (measure, progress) => {
      const report = await maker.make(measure, progress);
      return {
        ...report,
        kinds: report.kinds.map((one) => (one.kind === 'cross' ? { ...one, fit: null, reason } : one)),
      };
    },
  };
  const { page, errors } = await open({ view: 'panel', host });
  await page.locator('[data-sequence=target] .token[data-index="7"]').click();
  await choose(page, '.picker-measure', 'What it moves');
  await page.locator('.measure-note', { hasText: reason }).waitFor();
  expect(await page.locator('.measure-note').textContent()).toContain('The weights are shown.');
  await expect
    .poll(() => listedRows(page))
    .toEqual(ranked(host, exact(host, 7, { measure: 'weight', source: { type: 'head' } }), 'weight'));
  expect(await page.locator('.legend').getAttribute('aria-label')).toBe('Colour scale from 0 to 1: weight');
  // Another kind has it.
  await page.getByRole('tab', { name: 'Encoder' }).click();
  await page.locator('.heat[aria-label*="what it moves"]').waitFor();
  expect(await page.locator('.measure-note').isHidden()).toBe(true);
  expect(errors).toEqual([]);
});
