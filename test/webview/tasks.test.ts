/** What a model with a task head answers, in the panel, on real runs of tiny models. */
import { expect, test } from 'vitest';
import { MEASURES } from '../../src/measure/measure';
import { exactNumber } from '../../src/measure/numbers';
import { taskRun } from './taskRun';
import { inEveryTheme, useWebview } from './support';

const { open } = useWebview();

test('labels with their probabilities; from the answer to the token that it is computed from', async () => {
  const host = await taskRun('bert-sentiment', 'the film was wonderful');
  const opened = await open({ view: 'panel', host });
  const { page } = opened;
  const section = page.locator('.answer');
  await section.locator('.answer-label').first().waitFor();
  expect(await section.locator('.section-note').textContent()).toBe('One of 3 labels for the whole text (softmax)');
  // The pipeline of transformers: positive 0.6026, negative 0.3271, neutral 0.0702.
  expect(await section.locator('.answer-label').allTextContents()).toEqual([
    'positive60.3 %',
    'negative32.7 %',
    'neutral7.0 %',
  ]);
  await section.getByRole('button', { name: 'Where [CLS] looks' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => host.focus).toMatchObject({ sequence: 'source', indices: [0], locked: true });
  // Another label is chosen by key; words and heads are then ranked by what they are worth to it.
  await section.getByRole('button', { name: 'neutral' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => host.view.label).toBe(1);
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('neutral');
  const left = page.locator('.left-out');
  await left.getByRole('button', { name: 'Rank', exact: true }).click();
  await left.getByText('the log probability of “neutral” changes without each piece, in nats').waitFor();
  expect(await left.locator('.left-out-piece').count()).toBe(4);
  expect(host.callsOf('leaveOut')).toMatchObject([{ label: 1, manner: 'removed' }]);
  await page.getByRole('button', { name: 'Rank heads' }).click();
  await page.getByText('how much the log probability of “neutral” falls, in nats').waitFor();
  // A head off: the labels beside those that there are without it.
  await page.getByRole('button', { name: 'Switch off' }).click();
  const rows = page.locator('.heads-off tbody tr');
  await rows.nth(2).waitFor();
  expect(await rows.locator('th').allTextContents()).toEqual(['positive', 'negative', 'neutral']);
  expect(await rows.first().locator('td').first().textContent()).toBe('60.3 %');
});

test('each word with its label, by mouse and key', async () => {
  const host = await taskRun('bert-entities', 'Mary lives in Paris');
  const opened = await open({ view: 'panel', host });
  const { page } = opened;
  const words = page.locator('.labelled-word');
  await words.nth(3).waitFor();
  // It makes no tokens of its stream: there is nothing for a lens to read.
  expect(await page.locator('.lens').isVisible()).toBe(false);
  expect(await words.allTextContents()).toEqual(['Mary B-ORG', 'lives B-ORG', 'in B-PER', 'Paris B-PER']);
  await words.first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const readout = page.locator('.answer .readout');
  await expect.poll(() => readout.textContent()).toMatch(/^in: B-PER 63\.\d %/);
  await expect.poll(() => host.focus).toMatchObject({ sequence: 'source', indices: [3], locked: false });
  await page.keyboard.press('Enter');
  await expect.poll(() => host.focus).toMatchObject({ indices: [3], locked: true });
  await inEveryTheme(opened, 'answer-words');
});

test('labels that are no names for these logits: numbers, and the sentence with its code', async () => {
  const host = await taskRun('bert-sentiment', 'the film was wonderful', { id2label: { 0: '<b>bad</b>' } });
  const { page } = await open({ view: 'panel', host });
  await page.getByText('names 1 labels for 3 logits').waitFor();
  expect(await page.locator('.answer-gaps').textContent()).toContain('(LABELS_MISMATCH)');
  expect(await page.locator('.answer-name').allTextContents()).toEqual(['LABEL_2', 'LABEL_0', 'LABEL_1']);
});

test('a question and its context: the answer, where it begins and ends; swapped, and as one text', async () => {
  const host = await taskRun('bert-answers', ['where does Mary live ?', 'Mary lives in Paris near the river .']);
  const opened = await open({ view: 'panel', host });
  const { page } = opened;
  const section = page.locator('.answer');
  const answers = section.locator('.answer-label');
  await answers.first().waitFor();
  expect(await section.locator('.section-note').textContent()).toBe(
    'The pieces of the context that answer the question',
  );
  expect(await answers.first().locator('.answer-name').textContent()).toBe('Mary lives');
  expect(await section.locator('.answer-ends ol').count()).toBe(2);
  await answers.first().focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => host.focus).toMatchObject({ sequence: 'source', indices: [7, 8], locked: true });
  // What words of the question and of the context are worth to it; its own words are not measured.
  const left = page.locator('.left-out');
  await left.getByRole('button', { name: 'Rank', exact: true }).click();
  await left.getByText('the log probability of “Mary lives” changes without each piece, in nats').waitFor();
  const titles = await left
    .locator('.left-out-piece')
    .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
  expect(titles).toHaveLength(13);
  expect(titles.filter((title) => title.endsWith(': not measured'))).toEqual([
    '“Mary”: not measured',
    '“lives”: not measured',
  ]);
  // Without a word of the question, and without a head: each answer beside what becomes of it.
  await page.keyboard.press('Escape');
  await page.locator('[data-sequence=source] .token').nth(2).click();
  await page.getByRole('button', { name: 'Leave out what is locked' }).click();
  const without = page.locator('.input-without .changed-table');
  await without.getByText('The answers, and what becomes of them').waitFor();
  const change = await host.switcher?.inputWithout({
    explanation: 'one',
    ranges: [{ from: 2, to: 3 }],
    manner: 'removed',
  });
  const after = change?.answer?.type === 'span' ? change.answer : undefined;
  const share = 100 * (after?.begins[7] ?? NaN) * (after?.ends[8] ?? NaN);
  const first = await without.locator('tbody tr').first().locator('th, td').allTextContents();
  expect([first[0], first[1], Number.parseFloat(first[2] ?? '')]).toEqual([
    'Mary lives',
    '1.8 %',
    expect.closeTo(share, 1),
  ]);
  expect(await without.locator('tbody tr').last().locator('th').textContent()).toBe('No answer');
  await page.getByRole('button', { name: 'Switch off' }).click();
  const off = page.locator('.heads-off');
  await off.locator('tbody tr').nth(5).waitFor();
  await off.getByText(/^The likeliest answer /).waitFor();
  await inEveryTheme(opened, 'answer-span');
  await off.getByRole('button', { name: 'All heads on' }).click();

  await section.getByRole('radio', { name: 'Pair' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => host.callsOf('setPair')).toEqual([{ explanation: 'one', order: 'swapped' }]);
  await expect.poll(() => section.getByRole('radio', { name: 'Swapped' }).getAttribute('aria-checked')).toBe('true');
  await section.getByRole('radio', { name: 'One text' }).click();
  await section.getByText('(PAIR_NEEDED)').waitFor();
  await left.getByText('There is no answer yet whose words’ worth could be measured').waitFor();
  expect(await section.locator('.section-note').textContent()).toBe('No answer could be read');
  expect(await answers.count()).toBe(0);
});

test('how alike two texts are, and which of them is on show; one text says that two are needed', async () => {
  const host = await taskRun('bert-sentences', ['the film was wonderful', 'a long and boring plot']);
  const { page } = await open({ view: 'panel', host });
  const section = page.locator('.answer');
  const result = host.snapshot?.answer?.result;
  const cosine = result?.type === 'similarity' ? (result.cosine ?? NaN) : NaN;
  await section.getByText(`Cosine similarity ${exactNumber(cosine, MEASURES.difference)}, on a scale`).waitFor();
  await section.getByText('the mean of all tokens’ last states').waitFor();
  const left = page.locator('.left-out');
  await left.getByRole('button', { name: 'Rank', exact: true }).click();
  await left.getByText('how the cosine of the two texts changes without each piece, in units of the cosine').waitFor();
  expect(await left.locator('.left-out-piece').count()).toBe(4);
  await page.getByRole('button', { name: 'Switch off' }).click();
  const off = page.locator('.heads-off tbody tr');
  await off.waitFor();
  expect(await off.locator('th, td').first().textContent()).toBe('Cosine similarity');
  expect(await off.locator('td').first().textContent()).toBe(exactNumber(cosine, MEASURES.difference));
  await section.getByRole('radio', { name: 'Swapped' }).click();
  await expect.poll(() => page.locator('.sequence .tokens').first().textContent()).toContain('boring');
  await section.getByRole('radio', { name: 'One text' }).click();
  await section.getByText('(PAIR_NEEDED)').waitFor();
  expect(await section.getByText('Cosine').count()).toBe(0);
  // The heads are still off, and there is nothing that could be compared.
  await page.locator('.heads-off').getByText('There is no answer yet that could be compared').waitFor();
});
