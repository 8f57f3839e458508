import { describe, expect, test } from 'vitest';
import { realRun } from './realRun';
import { syntheticRun, tokens } from './syntheticRun';
import { useWebview } from './support';

const { open } = useWebview();

describe('the generation view, driving the bundled model', () => {
  test('shows each step’s token and true probability, and the top ten of the chosen step', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'generation', host, width: 320 });
    const steps = host.snapshot?.steps ?? [];
    await page
      .locator('.step')
      .nth(steps.length - 1)
      .waitFor();
    expect(await page.locator('.step').count()).toBe(steps.length);
    await page.locator('.step').nth(3).click();
    await expect.poll(() => page.locator('.section-note').textContent()).toBe('step 4');
    const shown = await page
      .locator('.alternative')
      .evaluateAll((nodes) => nodes.map((node) => node.querySelector('.number')?.textContent));
    const top = steps[3]?.top ?? [];
    expect(shown).toHaveLength(10);
    expect(shown[0]).toBe(`${((top[0]?.probability ?? 0) * 100).toFixed(1)} %`);
    const mass = top.reduce((sum, { probability }) => sum + probability, 0);
    expect(mass).toBeLessThan(1.000001);
    await expect
      .poll(() => host.focus)
      .toEqual({ sequence: 'target', indices: [steps[3]?.index], locked: false, from: 'generation' });
    // Where it comes from is shown in the panel: held against the likeliest of the others.
    await page.getByRole('button', { name: 'Why this token?' }).click();
    await expect
      .poll(() => host.view.attribution)
      .toEqual({ index: steps[3]?.index, token: steps[3]?.chosen.id, other: top[1]?.id });
  });

  test('step, run, branch, teacher forcing and restart', async () => {
    const host = await realRun('The cat sat on the mat.', 3);
    const { page } = await open({ view: 'generation', host, width: 280 });
    await page.locator('.step').nth(2).waitFor();
    await page.getByText('Step', { exact: true }).click();
    await page.locator('.step').nth(3).waitFor();
    expect(host.callsOf('generation')).toEqual([{ explanation: host.snapshot?.id, action: 'step' }]);

    await page.locator('.step').first().click();
    // The words that follow may be the same ones; how probable each is depends on what it follows.
    const following = (): readonly number[] =>
      host.snapshot?.steps.slice(1).map(({ chosen }) => chosen.probability) ?? [];
    const before = following();
    const second = host.snapshot?.steps[0]?.top[1];
    await page.locator('.alternative').nth(1).click();
    await expect.poll(() => host.snapshot?.steps[0]?.chosen.id).toBe(second?.id);
    expect(host.snapshot?.steps[0]).toMatchObject({ origin: 'branch', rank: 2 });
    await page.locator('.step', { hasText: 'branched' }).waitFor();
    expect(await page.locator('.step').first().textContent()).toContain('#2');
    await expect.poll(() => following().length).toBe(before.length);
    expect(following()).not.toEqual(before);

    await page.locator('vscode-text-field').locator('input').fill('Le chat est là.');
    await page.keyboard.press('Enter');
    await page.locator('.step', { hasText: 'forced' }).first().waitFor();
    expect(host.snapshot?.steps.every(({ origin }) => origin === 'forced')).toBe(true);

    await page.getByRole('button', { name: 'Restart: generate again from the start' }).click();
    await expect.poll(() => host.snapshot?.steps.every(({ origin }) => origin === 'greedy')).toBe(true);
  });

  test('the field’s name is what it is for, in Chromium’s own accessibility tree', async () => {
    const { page } = await open({ view: 'generation', host: await realRun('The cat sat on the mat.', 3) });
    await page.locator('vscode-text-field').waitFor();
    const chromium = await page.context().newCDPSession(page);
    const names = async (): Promise<readonly unknown[]> => {
      const { nodes } = await chromium.send('Accessibility.getFullAXTree');
      return nodes
        .filter(({ role, ignored }) => role?.value === 'textbox' && !ignored)
        .map((node) => node.name?.value as unknown);
    };
    await expect.poll(names).toEqual(['Text to teacher-force']);
    // Also when it leaves the page and comes back.
    await page.locator('.forcing').evaluate((node) => {
      const before = node.nextSibling;
      const parent = node.parentNode;
      node.remove();
      parent?.insertBefore(node, before);
    });
    await expect.poll(names).toEqual(['Text to teacher-force']);
  });

  test('works with the keyboard alone', async () => {
    const host = await realRun('The cat sat on the mat.');
    const { page } = await open({ view: 'generation', host, width: 300 });
    await page.locator('.step.chosen').waitFor();
    await page.locator('.step.chosen').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('.section-note').textContent()).toBe('step 2');
    await page.keyboard.press('Enter');
    await expect.poll(() => host.focus?.locked).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    const third = host.snapshot?.steps[1]?.top[2]?.text.trim() ?? '?';
    expect(await page.evaluate(() => document.activeElement?.querySelector('bdi')?.textContent)).toBe(third);
    await page.keyboard.press('Enter');
    await expect.poll(() => host.callsOf('branch').length).toBe(1);
  });

  test('tokens drawn by chance: the same seed writes the same text, and both distributions are shown', async () => {
    const host = await realRun('The cat sat on the mat.', 12);
    const { page } = await open({ view: 'generation', host, width: 300 });
    const greedy = host.snapshot?.target.map(({ id }) => id);
    await page.getByText('How tokens are chosen: the likeliest each time', { exact: true }).click();
    await page.getByText('Draw tokens by chance (sampling)').click();
    const set = async (name: string, value: string): Promise<void> => {
      await page.getByLabel(name, { exact: true }).fill(value);
    };
    const write = (): Promise<void> => page.getByText('Write again', { exact: true }).click();
    // What cannot be is said, and nothing is asked.
    await set('Temperature', '0');
    await write();
    await page.getByRole('alert').getByText('switch drawing off').waitFor();
    expect(host.callsOf('setDecoding')).toEqual([]);

    const texts: (readonly number[] | undefined)[] = [];
    for (const seed of ['3', '4', '3']) {
      await set('Temperature', '1.5');
      await set('Seed', seed);
      const before = host.callsOf('setDecoding').length;
      await write();
      await page.getByText(`drawn, temperature 1.5, seed ${seed}`).waitFor();
      expect(host.callsOf('setDecoding').length).toBe(before + 1);
      texts.push(host.snapshot?.target.map(({ id }) => id));
    }
    expect(texts[2]).toEqual(texts[0]);
    expect(texts[1]).not.toEqual(texts[0]);
    expect(host.snapshot?.steps[0]).toMatchObject({ origin: 'sampled' });
    await page.locator('.step', { hasText: 'drawn' }).first().click();
    const { chosen } = host.snapshot?.steps[0] ?? {};
    const numbers = await page.locator('.alternative.taken .number, .hint').allTextContents();
    expect(chosen?.after).toBeGreaterThan(0);
    if (host.snapshot?.steps[0]?.top.some(({ id }) => id === chosen?.id) === true)
      expect(numbers).toContain(`${((chosen?.after ?? 0) * 100).toFixed(1)} %`);

    await page.getByText('The model’s own choice', { exact: true }).click();
    await page.getByText('How tokens are chosen: the likeliest each time', { exact: true }).waitFor();
    expect(host.snapshot?.target.map(({ id }) => id)).toEqual(greedy);
  });

  test('beam search: a tree of texts with their scores, any of which is opened, by keyboard too', async () => {
    const host = await realRun('The children played in the garden.', 40);
    const greedy = host.snapshot?.target;
    const { page } = await open({ view: 'generation', host, width: 320 });
    await page.getByText('How tokens are chosen: the likeliest each time', { exact: true }).click();
    const beams = page.getByRole('spinbutton', { name: 'Beams' });
    const write = (): Promise<void> => page.getByText('Write again', { exact: true }).click();
    // What cannot be is said in a sentence, nothing is asked, and the text stays.
    const faults = [
      ['1000', 'Beams takes a whole number from 1 to 20.'],
      ['0', 'Beams takes a whole number from 1 to 20.'],
      ['', 'Beams takes a whole number from 1 to 20.'],
    ] as const;
    for (const [value, sentence] of faults) {
      await beams.fill(value);
      await write();
      await page.getByRole('alert').getByText(sentence, { exact: true }).waitFor();
    }
    await beams.fill('4');
    await page.getByText('Draw tokens by chance (sampling)').click();
    await page.getByRole('alert').getByText('switch drawing off, or set 1 beam').waitFor();
    await page.getByText('Draw tokens by chance (sampling)').click();
    const never = page.getByLabel('Tokens that never come', { exact: true });
    await never.fill('12 x');
    await write();
    await page.getByRole('alert').getByText('whole numbers from 0 to 11999').waitFor();
    await never.fill('');
    expect(host.callsOf('setDecoding')).toEqual([]);
    expect(host.snapshot?.target).toEqual(greedy);

    await write();
    await page.getByText('How tokens are chosen: the best of 4 beams').waitFor();
    const tree = page.getByRole('tree');
    const found = host.snapshot?.beams;
    expect(found?.ended).toHaveLength(4);
    for (const [at, { score }] of (found?.ended ?? []).entries()) {
      const row = tree.getByRole('treeitem', { name: `beam ${at + 1}` });
      await row.waitFor();
      expect(await row.locator('.number').textContent()).toBe(score.toFixed(3).replace('-', '−'));
      expect(await row.getAttribute('aria-selected')).toBe(String(at === 0));
    }
    const shown = await page.locator('.step-token').allTextContents();
    expect(shown.length).toBe(host.snapshot?.steps.length);

    // The tree is one stop of the Tab key; arrows move in it and Enter opens.
    await tree.getByRole('treeitem', { name: 'beam 1' }).focus();
    const rows = await tree.getByRole('treeitem').count();
    await page.keyboard.press('Home');
    await page.keyboard.press('End');
    const last = await page.evaluate(() => Number((document.activeElement as HTMLElement).dataset['beam']));
    expect(await tree.locator('[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Enter');
    await expect.poll(() => host.snapshot?.beams?.opened).toBe(last);
    await tree.locator(`[data-beam="${last}"][aria-selected=true]`).waitFor();
    await expect.poll(() => page.locator('.step-token').allTextContents()).not.toEqual(shown);
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset['beam'])).toBe(String(last));

    // What was given up is a click away.
    await page.getByText(/^Beams that were given up: \d+$/).click();
    await tree.locator('.beam.left').first().waitFor();
    expect(await tree.getByRole('treeitem').count()).toBeGreaterThan(rows);
    await tree.locator('.beam.left').first().click();
    // One that has its end was outdone by others that have theirs; the search went no further with the rest.
    const over = /The search is over and went no further with this beam|The model ended the sequence/;
    await page.getByText(over).first().waitFor();
    expect(await page.getByRole('button', { name: 'Run' }).isDisabled()).toBe(true);
  });

  test('a model of many languages: the one to write is chosen by name, and its token is forced to come first', async () => {
    const source = tokens('a b', '<s>', '</s>');
    const target = source.slice(0, 1);
    const host = syntheticRun({ family: 'encoder-decoder', layers: 1, heads: 1, source, target });
    const { model } = host.snapshot ?? {};
    if (!model) throw new Error('no model');
    const languages = [
      { id: 256_057, code: 'fra_Latn' },
      { id: 256_042, code: 'deu_Latn' },
    ];
    const decoding = { ...model.decoding, forcedFirst: 256_057 };
    host.update({ model: { ...model, languages, decoding, vocabularySize: 256_206 }, status: 'done' });
    const { page } = await open({ view: 'generation', host, width: 320 });
    await page.locator('.decoding > summary').click();
    const list = page.getByRole('combobox', { name: 'Target language' });
    await expect.poll(() => list.textContent()).toContain('French (Latin) (fra_Latn)');
    await list.click();
    await list.locator('vscode-option', { hasText: 'German' }).click();
    // The token's id is asked for by its language's name alone.
    expect(await page.getByRole('spinbutton', { name: 'First token' }).isVisible()).toBe(false);
    await page.getByLabel('Tokens that never come', { exact: true }).fill('7, 12 7');
    await page.getByText('Write again', { exact: true }).click();
    await expect
      .poll(() => host.callsOf('setDecoding'))
      .toEqual([{ explanation: 'one', decoding: { ...decoding, forcedFirst: 256_042, suppressed: [7, 12] } }]);
  });

  test('an encoder-only model that fills no masks says so', async () => {
    const host = syntheticRun({
      family: 'encoder-only',
      layers: 1,
      heads: 1,
      source: tokens('a b', '[CLS]', '[SEP]'),
      target: [],
    });
    const { model } = host.snapshot ?? {};
    if (model) host.update({ model: { ...model, fillsMasks: false } });
    const { page } = await open({ view: 'generation', host, width: 300 });
    await page.getByText('neither generates any nor fills in masked tokens').waitFor();
    expect(await page.locator('.generation-controls').isVisible()).toBe(false);
    expect(await page.locator('.fills').isVisible()).toBe(false);
  });

  test('stop is there while it generates', async () => {
    const host = await realRun('The cat sat on the mat.', 2);
    host.snapshot = host.snapshot && { ...host.snapshot, status: 'generating' };
    const { page } = await open({ view: 'generation', host, width: 300 });
    await page.getByText('Stop', { exact: true }).click();
    await expect.poll(() => host.callsOf('generation')).toEqual([{ explanation: host.snapshot?.id, action: 'stop' }]);
    expect(await page.getByText('Run', { exact: true }).isVisible()).toBe(false);
    // A search says how far it is.
    const beams = { begins: 0, tokens: [], running: [4, 5], ended: [], opened: -1, depth: 9, room: 511, isDone: false };
    host.update({ beams: { ...beams, numBeams: 2, lengthPenalty: 1 } });
    await page.getByText('Searching: step 9, 2 beams go on, 0 have ended').waitFor();
  });
});
