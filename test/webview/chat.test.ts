/** The switch that puts a text into the model's chat template. */
import { expect, test } from 'vitest';
import { findings } from './axe';
import { realRun } from './realRun';
import type { TestHost } from './host';
import { syntheticRun, token, tokens } from './syntheticRun';
import { useWebview } from './support';

const { open } = useWebview();
const LABEL = 'As a chat message';

function chatModel(target = tokens('Once upon a time', null, null)): TestHost {
  const host = syntheticRun({ family: 'decoder-only', layers: 2, heads: 4, source: [], target });
  const { model } = host.snapshot ?? {};
  if (host.snapshot && model) host.snapshot = { ...host.snapshot, model: { ...model, chatTemplate: true } };
  return host;
}

test('is there for models that have a template, and asks the host', async () => {
  const host = chatModel();
  const { page } = await open({ view: 'panel', host });
  const control = page.getByRole('checkbox', { name: LABEL });
  await control.waitFor();
  expect(await control.getAttribute('aria-checked')).toBe('false');
  await control.click();
  await expect.poll(() => host.callsOf('setChat')).toEqual([{ explanation: host.snapshot?.id, chat: true }]);
  host.update({ chat: true });
  await expect.poll(() => control.getAttribute('aria-checked')).toBe('true');
  await control.focus();
  await page.keyboard.press('Space');
  await expect
    .poll(() => host.callsOf('setChat'))
    .toEqual([
      { explanation: host.snapshot?.id, chat: true },
      { explanation: host.snapshot?.id, chat: false },
    ]);
  expect(await findings(page)).toEqual([]);
});

test('goes back where the host could not', async () => {
  const host = chatModel();
  const { page } = await open({ view: 'panel', host });
  const control = page.getByRole('checkbox', { name: LABEL });
  await control.click();
  await expect.poll(() => control.getAttribute('aria-checked')).toBe('true');
  host.update({ status: 'loading' });
  host.update({ status: 'done', error: { code: 'TOKENIZER_UNSUPPORTED', message: 'The template is broken.' } });
  await page.getByRole('alert').waitFor();
  await expect.poll(() => control.getAttribute('aria-checked')).toBe('false');
});

test('the template’s tokens look and are called other than the text’s', async () => {
  const chat = (text: string, special: boolean) => ({ ...token(text, 0, special), start: -1, end: -1 });
  const host = chatModel([
    chat('<|user|>', true),
    chat('user', false),
    ...tokens('Once upon', null, null),
    chat('<|end|>', true),
  ]);
  if (host.snapshot) host.snapshot = { ...host.snapshot, chat: true };
  const { page } = await open({ view: 'panel', host });
  await page.locator('.token').first().waitFor();
  expect(await page.locator('.token.template').allTextContents()).toEqual(['<|user|>', 'user', '<|end|>']);
  await page.locator('.token').nth(1).hover();
  await expect.poll(() => page.locator('.token').nth(1).getAttribute('title')).toContain('of the chat template');
  expect(await page.locator('.footer').textContent()).not.toContain('chat template');
  // A template that changed the text: nothing can be told from it any more, and that is said.
  host.update({ target: host.snapshot?.target.map((one) => ({ ...one, start: -1, end: -1 })) ?? [] });
  await page.getByText('The chat template changes the text').waitFor();
  expect(await page.locator('.token.template').count()).toBe(0);
});

test('nothing of it for other models', async () => {
  const { page } = await open({ view: 'panel', host: await realRun() });
  await page.locator('.token').first().waitFor();
  expect(await page.getByText(LABEL).isVisible()).toBe(false);
});
