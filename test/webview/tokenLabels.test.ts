/** What tokens look like: invisible and bidirectional characters by name, right-to-left text in its order, parts of characters. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Token } from '../../src/attention/types';
import { findings } from './axe';
import { useWebview } from './support';
import { syntheticRun, token, tokens } from './syntheticRun';

const { open } = useWebview();
const PICTURES = 'test-results/webview';

/** Where the tokens of one line stand: their texts from left to right. */
const fromLeft = (page: Page): Promise<readonly string[]> =>
  page.locator('[data-sequence=source] .token').evaluateAll((nodes) =>
    nodes
      .map((node) => ({ text: node.textContent, box: node.getBoundingClientRect() }))
      .sort((a, b) => a.box.left - b.box.left)
      .map(({ text }) => text),
  );

/** The characters of a token as they stand from left to right. */
const glyphs = (page: Page, index: number): Promise<string> =>
  page.locator(`[data-sequence=source] .token[data-index="${index}"]`).evaluate((node) => {
    const text = node.firstChild;
    if (!text) return '';
    return Array.from(text.textContent ?? '', (character, at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return { character, left: range.getBoundingClientRect().left };
    })
      .sort((a, b) => a.left - b.left)
      .map(({ character }) => character)
      .join('');
  });

const encoder = (source: readonly Token[]) =>
  syntheticRun({ family: 'encoder-only', layers: 2, heads: 2, source, target: [] });

test('right-to-left text runs from the right, each token in its own order', async () => {
  const host = encoder(tokens('“שלום” עולם (GPT 4) מרחב.', '[CLS]', '</s>'));
  const { page } = await open({ view: 'panel', host });
  await page.locator('.token').last().waitFor();
  expect(await fromLeft(page)).toEqual(['</s>', 'מרחב.', '4)', '(GPT', 'עולם', '“שלום”', '[CLS]']);
  expect(await glyphs(page, 0)).toBe('[CLS]');
  expect(await glyphs(page, 6)).toBe('</s>');
  expect(await glyphs(page, 5)).toBe('.בחרמ');
  mkdirSync(PICTURES, { recursive: true });
  await page.locator('.token').nth(1).hover();
  await page.locator('.ranked-token').first().waitFor();
  await page.screenshot({ path: `${PICTURES}/right-to-left.png` });
  expect(await findings(page)).toEqual([]);
});

test('a name of a file or a model changes no order either, in the header or in a sentence', async () => {
  const host = encoder(tokens('one two', '[CLS]', '[SEP]'));
  const model = host.snapshot?.model;
  if (!model) throw new Error('no model');
  host.update({
    title: '\u202etxt.nepo:2',
    model: { ...model, name: '\u2067elif\u00ad' },
    error: { code: 'MODEL_FILE_MISSING', message: 'There is no ONNX export in /models/\u202eelif.' },
  });
  const { page } = await open({ view: 'panel', host });
  const text = page.locator('body');
  for (const shown of ['⟨RLO⟩txt.nepo:2', '⟨RLI⟩elif⟨SHY⟩', 'in /models/⟨RLO⟩elif.'])
    await text.getByText(shown, { exact: false }).first().waitFor();
  expect(await text.innerText()).not.toMatch(/[\u202e\u2067\u00ad]/);
});

test('no character of a token changes the order of what is beside it', async () => {
  const odd = ['a', '\u202e', 'bcd', '\u2067', 'e\u202ef', '\u2069', 'g'];
  const { page } = await open({ view: 'panel', host: encoder(odd.map((text, at) => token(text, at * 4))) });
  await page.locator('.token').last().waitFor();
  expect(await fromLeft(page)).toEqual(['a', '⟨RLO⟩', 'bcd', '⟨RLI⟩', 'e⟨RLO⟩f', '⟨PDI⟩', 'g']);
  expect(await page.locator('body').textContent()).not.toMatch(/[\u202a-\u202e\u2066\u2067]/u);
});

test('what is not seen can be pointed at, and is named in lists and sentences', async () => {
  const unseen = ['\u2060', '\u00ad', '\ufe0f', '\u200b', '\u200f', '\u3164', '\u{e0041}', ' '];
  const { page } = await open({ view: 'panel', host: encoder(unseen.map((text, at) => token(text, at * 4))) });
  await page.locator('.token').last().waitFor();
  const widths = await page
    .locator('.token')
    .evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().width));
  // A dot for a space is the narrowest.
  expect(Math.min(...widths)).toBeGreaterThan(3);
  await page.locator('.token').nth(1).hover();
  await page.locator('.who', { hasText: '⟨SHY⟩' }).waitFor();
  const listed = await page.locator('.ranked-label').allTextContents();
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.every((label) => /^(?:⟨[A-Z0-9+ ]+⟩|␣)$/u.test(label))).toBe(true);
});

test('tokens that share a character show it with their part', async () => {
  const parts = [1, 2, 3].map((index): Token => ({
    ...token('今', 0, false, true),
    parts: [{ index, of: 3 }],
  }));
  const { page } = await open({ view: 'panel', host: encoder([...parts, token('x', 1)]) });
  await page.locator('.token').last().waitFor();
  expect(await page.locator('.token').allTextContents()).toEqual(['今 1/3', '今 2/3', '今 3/3', 'x']);
  await page.locator('.token').nth(1).hover();
  await expect.poll(() => page.locator('.token').nth(1).getAttribute('title')).toContain('part 2 of 3');
});

test('special tokens that are typed in the text are said, and can be read as text', async () => {
  const typed = { ...token('</s>', 4, true), start: 4, end: 8 };
  const host = encoder([token('[CLS]', -1, true), token('The', 0), typed, token('end', 9), token('[SEP]', -1, true)]);
  const { page } = await open({ view: 'panel', host });
  const note = page.getByRole('note');
  await note.waitFor();
  expect(await note.locator('span').first().textContent()).toBe(
    '</s> in the text is read as a special token of the model, not as text.',
  );
  await page.getByRole('button', { name: 'Read as text' }).click();
  const first = { explanation: 'one', asText: true };
  await expect.poll(() => host.callsOf('setSpecialsAsText')).toEqual([first]);
  host.update({ specialsAsText: true, source: tokens('The </s> end', '[CLS]', '[SEP]') });
  await page.getByRole('button', { name: 'Read as special tokens' }).click();
  await expect.poll(() => host.callsOf('setSpecialsAsText')).toEqual([first, { explanation: 'one', asText: false }]);
  // A text without them says nothing.
  host.update({ specialsAsText: false });
  await expect.poll(() => note.isVisible()).toBe(false);
  expect(await findings(page)).toEqual([]);
});
