/** A text that is read without some of its words, beside the text as it stands, in the panel, on real runs of the bundled model. */
import { expect, test } from 'vitest';
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { exactNumber } from '../../src/measure/numbers';
import { MEASURES } from '../../src/measure/measure';
import type { PanelRequests } from '../../src/protocol/panel';
import { largestDifference } from '../parity/reference';
import type { TestHost } from './host';
import { bundledFiles } from '../support/bundledFiles';
import { bundledModel, realRun } from './realRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();
const TEXT = 'The animal did not cross the street because it was too tired.';

/** Reads as the host does: the plain one is pinned, and what is read takes its place; or the pinned one is shown again. */
function readingsOf(host: TestHost): (request: PanelRequests['intervene']) => Promise<ComputedExplanation | undefined> {
  const plain = { snapshot: host.snapshot, weights: host.weights };
  return async ({ intervention, map }) => {
    if (!plain.snapshot || !plain.weights) throw new Error('No run.');
    // What was locked is of the tokens before.
    host.emit('focus', { explanation: host.snapshot?.id ?? '', focus: null });
    if (!intervention) {
      host.weights = plain.weights;
      host.other = undefined;
      host.pinned = null;
      host.emit('pinned', null);
      host.show(plain.snapshot);
      return undefined;
    }
    const model = await bundledModel();
    if (!model.gated.isMade) await model.gated.make(model, bundledFiles());
    const reader = await model.gated.without(intervention.off);
    const read = [TEXT, 0, model, { intervention }, undefined, undefined, reader] as const;
    const { explanation, encoded } = await ComputedExplanation.create('two', ...read);
    const { target, steps } = await explanation.generate(40, new AbortController().signal, () => undefined);
    host.other = { snapshot: plain.snapshot, weights: plain.weights };
    host.weights = explanation.store;
    host.pinned = { id: plain.snapshot.id, map, snapshot: plain.snapshot };
    host.emit('pinned', host.pinned);
    const { source, intervention: done = null } = encoded;
    host.show({ ...plain.snapshot, id: 'two', source, target, steps, intervention: done });
    return explanation;
  };
}

test('words are left out beside the plain text: it says so, the difference is exact, and one button puts all back', async () => {
  const host = await realRun(TEXT, 40);
  // What the first layer looks at is not yet of other words.
  host.view = { ...host.view, layer: 1 };
  const read = readingsOf(host);
  let without: ComputedExplanation | undefined;
  host.intervening = async (request) => {
    without = await read(request);
  };
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const title = page.locator('h1');
  const plainTitle = await title.textContent();
  const explain = page.getByRole('button', { name: 'Explain without it, beside the plain one' });
  expect(await explain.isDisabled()).toBe(true);
  const word = (text: string) => page.locator('[data-sequence=source] .token').getByText(text, { exact: true }).first();
  await word('too').click();
  await word('tired').click({ modifiers: ['Shift'] });
  await explain.click();
  await expect.poll(() => title.textContent()).toBe(`${plainTitle ?? ''} · without “too tired”`);
  expect(host.callsOf('intervene').at(-1)).toMatchObject({
    intervention: { manner: 'removed', off: [] },
    map: { kind: 'encoder', layer: 1, head: 0 },
  });
  const banner = page.locator('.banner.info', { hasText: 'Everything here is of the text without “too tired”' });
  await banner.waitFor();
  expect(await page.locator('.compare .section-note').textContent()).not.toContain('without');
  await page.getByRole('checkbox', { name: 'Difference' }).click();

  // The numbers of “it” in both, and their difference.
  await word('it').click();
  const sides = [
    { snapshot: host.snapshot, store: host.weights },
    { snapshot: host.other?.snapshot, store: host.other?.weights },
  ];
  expect(without?.tokens.source.length).toBe((host.other?.snapshot.source.length ?? 0) - 2);
  const table = page.locator('.difference tbody tr');
  await table.first().waitFor();
  const [now, pinned] = sides.map(({ snapshot, store }) => {
    const at = snapshot?.source.findIndex(({ text }) => text.trim() === 'it') ?? -1;
    const weights = store
      ?.tokenWeights('source', [at])
      .find(({ kind, role }) => kind === 'encoder' && role === 'query');
    const row = (weights?.heads ?? 0) * (weights?.length ?? 0);
    return new Map(snapshot?.source.map(({ text }, index) => [text.trim(), weights?.data[row + index] ?? NaN]));
  });
  const exact = (name: string): readonly string[] => {
    const [one = NaN, other = NaN] = [now?.get(name), pinned?.get(name)];
    return [
      exactNumber(one, MEASURES.weight),
      exactNumber(other, MEASURES.weight),
      exactNumber(one - other, MEASURES.difference),
    ];
  };
  // Until the answer for “it” has come the table is of what was on show before: of what words receive on average.
  await expect
    .poll(async () => {
      const cells = await table.evaluateAll((nodes) =>
        nodes.map((node) => [...node.querySelectorAll('th, td')].map((cell) => cell.textContent)),
      );
      const shared = cells.filter(
        ([name = '']) => now?.has(name) === true && pinned?.has(name) === true && name !== 'the',
      );
      const wrong = shared.filter(([name = '', ...numbers]) => numbers.join() !== exact(name).join());
      return { isEnough: shared.length > 3, wrong };
    })
    .toEqual({ isEnough: true, wrong: [] });
  await inEveryTheme(opened, 'intervention');

  await banner.getByRole('button', { name: 'Put everything back' }).click();
  await expect.poll(() => title.textContent()).toBe(plainTitle);
  expect(host.callsOf('intervene').at(-1)).toMatchObject({ explanation: 'two', intervention: null });
  await expect.poll(() => page.locator('.compare').count()).toBe(0);
});

test('heads are off in the run on show: every view says so, the first layer is as it was, and all come on again', async () => {
  const host = await realRun(TEXT, 40);
  host.view = { ...host.view, layer: 1, off: [{ kind: 'encoder', layer: 0, head: 6 }] };
  const read = readingsOf(host);
  let changed: ComputedExplanation | undefined;
  host.intervening = async (request) => {
    changed = await read(request);
  };
  const opened = await open({ view: 'panel', host, width: 1200, height: 900 });
  const { page } = opened;
  const off = page.locator('.heads-off');
  await off.getByText('1 head switched off', { exact: true }).waitFor();
  await off.getByRole('button', { name: 'Explain without them, beside the plain one' }).click();
  const banner = page.locator('.banner.info', { hasText: 'with encoder self-attention 1.7 off' });
  await banner.waitFor();
  expect(await page.locator('h1').textContent()).toContain('with encoder self-attention 1.7 off');
  await page.locator('.assumptions', { hasText: 'The text is read with encoder self-attention 1.7 off.' }).waitFor();
  // The output that stood beside it is this run's own now.
  await expect.poll(() => off.isVisible()).toBe(false);
  expect(await page.locator('.atlas .off').getAttribute('aria-label')).toContain('switched off');
  const store = changed?.store;
  if (!store) throw new Error('No run.');
  const rowsOf = (one: typeof store): readonly Float32Array[] => {
    const found = one.tokenWeights('source', [8]).find(({ kind, role }) => kind === 'encoder' && role === 'query');
    const half = (found?.data.length ?? 0) / 2;
    return found ? [found.data.subarray(0, half), found.data.subarray(half)] : [];
  };
  const plain = host.other?.weights;
  if (!plain) throw new Error('Nothing pinned.');
  const [first, second] = rowsOf(store);
  const [plainFirst, plainSecond] = rowsOf(plain);
  expect(largestDifference(first ?? [], plainFirst ?? [])).toBeLessThan(1e-6);
  expect(largestDifference(second ?? [], plainSecond ?? [])).toBeGreaterThan(1e-3);
  await page.getByRole('checkbox', { name: 'Difference' }).click();
  await page.locator('[data-sequence=source] .token').nth(8).click();
  await page.locator('.difference tbody tr').first().waitFor();
  await inEveryTheme(opened, 'intervention-heads');
  await banner.getByRole('button', { name: 'Put everything back' }).click();
  await expect.poll(() => page.locator('h1').textContent()).not.toContain('off');
  expect([await off.isVisible(), await page.locator('.atlas .off').count()]).toEqual([false, 0]);
});
