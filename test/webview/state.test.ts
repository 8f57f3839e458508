import { describe, expect, test } from 'vitest';
import { EMPTY_SNAPSHOT, TestHost } from './host';
import { realRun } from './realRun';
import { syntheticRun, token, tokens } from './syntheticRun';
import { useWebview } from './support';

const { open } = useWebview();

describe('what the panel makes of the host’s state', () => {
  test('without an explanation it says what to do', async () => {
    const host = new TestHost(null);
    const { page } = await open({ view: 'panel', host });
    await page.getByText('Select text in an editor, right-click it and choose Explain Attention.').waitFor();
    await page.locator('.empty vscode-button').click();
    await expect.poll(() => host.callsOf('command')).toEqual([{ name: 'explain' }]);
  });

  test('while the host does not answer it says that it waits', async () => {
    const host = new TestHost(null);
    host.delay = 2500;
    const { page } = await open({ view: 'panel', host });
    await page.getByText('Waiting for the extension to start…').waitFor();
    await page.getByText('Select text in an editor').waitFor();
  });

  test('loading shows its phase and can be cancelled', async () => {
    const host = new TestHost({
      ...EMPTY_SNAPSHOT,
      status: 'loading',
      progress: { phase: 'Reading the model', fraction: 0.4 },
    });
    const { page } = await open({ view: 'panel', host });
    await page.getByText('Reading the model').waitFor();
    expect(await page.locator('[role=progressbar]').getAttribute('aria-valuenow')).toBe('40');
    await page.locator('.status vscode-button').click();
    await expect.poll(() => host.callsOf('cancel').length).toBe(1);
  });

  test('what was cancelled before there was anything can be explained again', async () => {
    const host = new TestHost({ ...EMPTY_SNAPSHOT, status: 'paused' });
    const { page } = await open({ view: 'panel', host });
    await page.getByText('Cancelled before the text was read.').waitFor();
    await page.locator('.banner').getByText('Explain again').click();
    await expect.poll(() => host.callsOf('retry').length).toBe(1);
  });

  test('an error keeps what is there and offers a way on; the report can be copied', async () => {
    const host = await realRun();
    host.snapshot = {
      ...EMPTY_SNAPSHOT,
      ...host.snapshot,
      status: 'failed',
      error: { code: 'RUN_FAILED', message: 'The model stopped; try again.', detail: 'node Softmax_12' },
    };
    const { page } = await open({ view: 'panel', host });
    await page.getByRole('alert').getByText('The model stopped; try again.').waitFor();
    expect(await page.locator('.token').count()).toBeGreaterThan(20);
    const alert = page.getByRole('alert');
    await alert.getByText('Retry').click();
    await alert.getByText('Show log').click();
    await alert.locator('vscode-button').last().click();
    await expect
      .poll(() => [host.callsOf('retry').length, host.callsOf('command'), host.callsOf('copy')])
      .toEqual([1, [{ name: 'showLog' }], [{ text: 'RUN_FAILED\nThe model stopped; try again.\nnode Softmax_12' }]]);
  });

  test('a failing request for weights is shown, and the next success clears it', async () => {
    const host = await realRun();
    const { weights } = host;
    host.weights = undefined;
    const { page } = await open({ view: 'panel', host });
    await page.getByRole('alert').waitFor();
    host.weights = weights;
    await page.locator('[data-sequence=source] .token').first().hover();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  test('the text’s tokens stand there before the model does, and nobody asks for weights of them', async () => {
    const host = await realRun();
    const { snapshot } = host;
    if (!snapshot) throw new Error('nothing to show');
    const early = {
      ...EMPTY_SNAPSHOT,
      id: snapshot.id,
      source: snapshot.source,
      early: true,
      status: 'loading' as const,
    };
    host.view = { ...host.view, kind: 'cross' };
    host.snapshot = early;
    const { page } = await open({ view: 'panel', host });
    await page.locator('[data-sequence=source] .token').nth(3).hover();
    expect(await page.locator('[data-sequence=source] .token').count()).toBe(snapshot.source.length);
    expect(await page.locator('.atlas, .toolbar, .lists').locator('visible=true').count()).toBe(0);
    await expect.poll(() => host.callsOf('setFocus').length).toBe(1);
    expect(['head', 'atlas', 'tokenWeights'].flatMap((method) => host.callsOf(method as 'head'))).toEqual([]);
    expect(await page.getByRole('alert').count()).toBe(0);
    // It has read the text, and what writes is not in a session yet: what it read is there to be looked at.
    const target = snapshot.target.slice(0, 1);
    const read = { ...snapshot, status: 'generating' as const, target, steps: [], revision: early.revision };
    host.update(read);
    await page.locator('.atlas').first().waitFor();
    const tab = page.getByRole('tab', { selected: true });
    expect(await tab.textContent()).toBe('Encoder self-attention');
    await page.getByText('Cross-attention follows with the first token.').waitFor();
    await expect.poll(() => host.callsOf('atlas')).toMatchObject([{ kind: 'encoder' }]);
    // With the first token the chosen kind is on show; nothing was chosen meanwhile.
    host.update({ ...snapshot, revision: read.revision + 1 });
    await expect.poll(() => tab.textContent()).toBe('Cross-attention');
    expect(await page.getByText('follows with the first token').count()).toBe(0);
    expect(host.callsOf('setView')).toEqual([]);
    await page.locator('[data-sequence=source] .token').nth(4).hover();
    await expect.poll(() => host.callsOf('tokenWeights').length).toBeGreaterThan(0);
  });

  test('an edited document and a cut text are said; another window can be chosen', async () => {
    const host = await realRun();
    host.snapshot = {
      ...EMPTY_SNAPSHOT,
      ...host.snapshot,
      stale: true,
      window: { totalTokens: 1800, start: 512, end: 1023, startOffset: 3000, endOffset: 6000 },
    };
    const { page } = await open({ view: 'panel', host });
    await page.getByText('The document has changed since').waitFor();
    await page.getByText('The text has 1,800 tokens').waitFor();
    // By its number, and the parts beside it by their buttons; the last part is as long as the others.
    const first = page.getByRole('spinbutton', { name: 'First token of the part that is explained' });
    expect(await first.inputValue()).toBe('513');
    await page.locator('.banner').getByRole('button', { name: 'Part before' }).click();
    await page.locator('.banner').getByRole('button', { name: 'Part after' }).click();
    for (const number of ['700', '99999', '-3']) {
      await first.fill(number);
      await first.press('Enter');
    }
    await expect
      .poll(() => host.callsOf('chooseWindow'))
      .toEqual([1, 1023, 699, 1800 - 511, 0].map((start) => ({ explanation: host.snapshot?.id, start })));
  });

  test('a long text is walked by its sentences: as a list, step by step, and by paragraphs', async () => {
    const host = await realRun();
    const near = ['One.', 'Two.', 'Three.', 'Four.'].map((text, at) => ({ start: 10 * at, paragraph: at >> 1, text }));
    const walk = { sentences: 400, first: 7, current: 8, through: 9, near, paragraphBefore: 0, paragraphAfter: null };
    const cut = { totalTokens: 4000, start: 10, end: 30, startOffset: 50, endOffset: 90, walk };
    const window = { ...cut, bySentence: true } as const;
    host.snapshot = { ...EMPTY_SNAPSHOT, ...host.snapshot, window };
    const { page } = await open({ view: 'panel', host });
    await page.getByText('Sentences 9 to 10 of 400').waitFor();
    await page.getByText('reads it a sentence at a time. Explained: 11 to 30.').waitFor();
    expect(await page.locator('.walk-list [aria-current]').allTextContents()).toEqual(['Two.', 'Three.']);
    await page.getByRole('button', { name: 'Four.' }).press('Enter');
    for (const name of ['Sentence before', 'Sentence after', 'Paragraph before'])
      await page.getByRole('button', { name, exact: true }).click();
    await expect
      .poll(() => host.callsOf('chooseWindow'))
      .toEqual([30, 0, 30, 0].map((start) => ({ explanation: host.snapshot?.id, start })));
    expect(await page.locator('.walk-steps vscode-button[disabled]').count()).toBe(1);

    const alone = {
      ...walk,
      sentences: 1,
      first: 0,
      current: 0,
      through: 0,
      near: near.slice(0, 1),
      paragraphBefore: null,
    };
    host.snapshot = { ...host.snapshot, window: { ...window, walk: alone } };
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.locator('.walk').waitFor({ state: 'hidden' });
  });

  test('a text of ten million tokens has one number field, and no list of its twenty thousand parts', async () => {
    const host = await realRun();
    const window = { totalTokens: 10_847_744, start: 0, end: 512, startOffset: 0, endOffset: 3000 };
    host.snapshot = { ...EMPTY_SNAPSHOT, ...host.snapshot, window };
    const { page } = await open({ view: 'panel', host });
    await page.getByText('The text has 10,847,744 tokens').waitFor();
    expect(await page.locator('.banner *').count()).toBeLessThan(30);
    await page.getByRole('spinbutton').fill('10847744');
    await page.getByRole('spinbutton').press('Enter');
    await expect
      .poll(() => host.callsOf('chooseWindow'))
      .toEqual([{ explanation: host.snapshot.id, start: 10_847_744 - 512 }]);
  });

  test('older snapshots are dropped; the editor’s and the generation view’s focus is followed', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    await page.locator('.token').first().waitFor();
    const old = host.snapshot;
    host.update({ title: 'newer.md:1' });
    await page.getByText('newer.md:1').waitFor();
    host.emit('explanation', { type: 'whole', snapshot: old });
    host.emit('focus', {
      explanation: 'one',
      focus: { sequence: 'target', indices: [3], locked: false, from: 'generation' },
    });
    await page.locator('[data-sequence=target] .token.current[data-index="3"]').waitFor();
    expect(await page.locator('.title').textContent()).toBe('newer.md:1');
  });

  test('focus on a token that a branch removed is let go', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    const target = host.snapshot?.target ?? [];
    await page.locator(`[data-sequence=target] .token[data-index="${target.length - 1}"]`).click();
    await page.locator('.token.locked').waitFor();
    host.update({ target: target.slice(0, 4), steps: host.snapshot?.steps.slice(0, 3) ?? [] });
    await expect.poll(() => page.locator('.token.locked').count()).toBe(0);
    await expect.poll(() => page.locator('[data-sequence=target] .token').count()).toBe(4);
  });

  test('coming back into sight pulls the state', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    await page.locator('.token').first().waitFor();
    const before = host.callsOf('state').length;
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await expect.poll(() => host.callsOf('state').length).toBe(before + 1);
  });

  test('a token that is locked while the state is on its way stays locked, whatever was pointed at before', async () => {
    const host = await realRun();
    const { page } = await open({ view: 'panel', host });
    const token = page.locator('[data-sequence=source] .token').nth(2);
    await token.waitFor();
    const { state, setFocus } = host;
    const asked = Promise.withResolvers<undefined>();
    const clicked = Promise.withResolvers<undefined>();
    host.state = async () => {
      const before = await state();
      asked.resolve(undefined);
      await clicked.promise;
      return before;
    };
    const locked = Promise.withResolvers<undefined>();
    host.setFocus = async (request) => {
      // On a busy machine the pointer may rest on the token for so long that the host hears of that first.
      if (request.focus?.locked !== true) return setFocus(request);
      // It comes to the host only after the state has been answered.
      clicked.resolve(undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      host.emit('focus', { explanation: request.explanation, focus: null });
      await setFocus(request);
      locked.resolve(undefined);
    };
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await asked.promise;
    await token.click();
    await locked.promise;
    // All that was on its way has come.
    await page.waitForTimeout(200);
    await expect.poll(() => token.getAttribute('class')).toContain('locked');
  });
});

describe('token text is untrusted and odd', () => {
  test('markup stays text; invisible and half characters are shown as what they are', async () => {
    const hostile = [
      '</script><img src=x onerror="window.pwned=1">',
      '<style>*{display:none}</style>',
      '${alert(1)}',
      '\u202Egnp.exe',
      '\ufffd',
      '\u200b',
      '',
      '\n    ',
      '\t',
      '\0',
      '\ud83d',
    ];
    const list = hostile.map((text, index) => token(text, index * 50, false, text === '\ufffd'));
    const host = syntheticRun({
      family: 'encoder-only',
      layers: 2,
      heads: 2,
      source: list,
      target: [],
      fills: [
        {
          index: 0,
          top: [{ id: 1, text: '<b>x</b>', probability: 0.5 }],
          original: { id: 7, text: '<b>y</b>', probability: 0.1, rank: 2 },
        },
      ],
    });
    const { page } = await open({ view: 'panel', host });
    await page.locator('.token').last().waitFor();
    expect(await page.locator('.token').count()).toBe(hostile.length);
    expect(await page.locator('.token').first().textContent()).toBe(hostile[0]);
    expect(await page.locator('.token').nth(4).getAttribute('class')).toContain('partial');
    expect(await page.locator('.token').nth(6).textContent()).toBe('∅');
    expect(await page.locator('.fill-token').first().textContent()).toBe('<b>x</b>');
    await page.locator('.token').first().hover();
    await page.locator('.ranked-token').first().waitFor();
    expect(
      await page.evaluate(() => [
        Reflect.has(window, 'pwned'),
        document.querySelectorAll('#app img, #app style, #app script, #app b').length,
      ]),
    ).toEqual([false, 0]);
  });

  test('right-to-left text keeps its order and its arrow keys', async () => {
    const host = syntheticRun({
      family: 'encoder-only',
      layers: 1,
      heads: 2,
      source: tokens('שלום לכל העולם כולו', null, null),
      target: [],
    });
    const { page } = await open({ view: 'panel', host });
    const first = page.locator('.token').first();
    await first.waitFor();
    const [a, b] = await page
      .locator('.token')
      .evaluateAll((nodes) => nodes.slice(0, 2).map((node) => node.getBoundingClientRect().left));
    expect(a).toBeGreaterThan(b ?? Infinity);
    await first.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset['index'])).toBe('1');
  });
});

describe('families', () => {
  test('encoder-only: one kind, one sequence', async () => {
    const host = syntheticRun({
      family: 'encoder-only',
      layers: 6,
      heads: 12,
      source: tokens('The capital of France is Paris.', '[CLS]', '[SEP]'),
      target: [],
    });
    const { page } = await open({ view: 'panel', host });
    await page.locator('.token').first().waitFor();
    expect(await page.locator('[role=tab]').allTextContents()).toEqual(['Self-attention']);
    expect(await page.locator('[data-sequence=target]').isVisible()).toBe(false);
  });

  test('decoder-only: the prompt and its continuation in one sequence, grouped heads labelled', async () => {
    const host = syntheticRun({
      family: 'decoder-only',
      layers: 4,
      heads: 8,
      kvHeads: 2,
      source: [],
      target: tokens('Once upon a time there was a', null, null),
      generatedFrom: 4,
    });
    host.view = { ...host.view, kind: 'encoder' };
    const { page } = await open({ view: 'panel', host });
    await page.locator('.boundary').waitFor();
    expect(await page.locator('[data-sequence=source]').isVisible()).toBe(false);
    expect(await page.locator('.token.generated').count()).toBe(3);
    expect(await page.locator('.numbers-group').allTextContents()).toEqual(['group 1', 'group 2']);
    expect(await page.locator('.numbers-head').nth(4).getAttribute('aria-label')).toBe('Head 5, key/value group 2');
    await page.locator('.token').nth(2).hover();
    await page.locator('.who', { hasText: 'fed “a”, predicts “time”' }).waitFor();
  });
});
