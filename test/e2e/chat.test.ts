/** A text as a chat message, in the real VS Code: off until asked for, kept, and refused where the template means harm. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import { ROOT } from '../support/paths.mjs';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import {
  ended,
  explainText,
  explanation,
  openExplained,
  PanelPage,
  reloadWhenKept,
  settled,
  snapshotOf,
  useFolder,
  weightsOf,
} from './support';

const SENTENCE = 'All you need.';
const TEMPLATE = '{{ bos_token }}U: {{ messages[0].content | trim }}{{ eos_token }}A: ';
/** What the template makes of the sentence, to be explained as it stands. */
const RENDERED = `<s>U: ${SENTENCE}</s>A: `;
const BEFORE = '<s>U: '.length - '<s>'.length + 1;
const FIXTURE = join(ROOT, 'test', 'fixtures', 'transformers', 'sdpa-qwen3');

const prompt = ({ target, steps }: ExplanationSnapshot) => target.slice(0, target.length - steps.length);

describe('chat templates', () => {
  let session: Session;
  beforeAll(async () => {
    const model = async (folder: string, template: string) => ({
      [`${folder}/config.json`]: await readFile(join(FIXTURE, 'config.json')),
      [`${folder}/tokenizer.json`]: asciiTokenizer(),
      [`${folder}/tokenizer_config.json`]: asciiTokenizerConfig(),
      [`${folder}/chat_template.jinja`]: template,
      [`${folder}/onnx/model.onnx`]: await readFile(join(FIXTURE, 'model.onnx')),
    });
    session = await openExplained({
      files: {
        'text.md': `${SENTENCE}\n${RENDERED}\nBe kind.\n`,
        ...(await model('chatty', TEMPLATE)),
        ...(await model('hostile', '{% for i in range(1000000000) %}{{ messages[0].content }}{% endfor %}')),
      },
      settings: { 'explainAttention.maxNewTokens': 3 },
    });
    await useFolder(session, 'chatty');
  });
  afterAll(() => session.close());

  const explain = (text: string) => explainText(session, 'text.md', text);
  const toggle = async (): Promise<void> =>
    (await PanelPage.find(session)).frame.getByRole('checkbox', { name: 'As a chat message' }).click();

  test('off at first; on, the model reads what the template makes of the text, which keeps its place', async () => {
    const typed = await explain(RENDERED);
    const typedWeights = await weightsOf(session, typed.id, 'target', 8);
    const plain = await explain(SENTENCE);
    expect(plain).toMatchObject({ chat: false, model: { chatTemplate: true } });
    expect(
      prompt(plain)
        .map(({ text }) => text)
        .join(''),
    ).toBe(SENTENCE);

    await toggle();
    const chat = await explanation(session, 'is a chat', (snapshot) => snapshot.chat && ended(snapshot), plain.id);
    expect(prompt(chat).map(({ id }) => id)).toEqual(prompt(typed).map(({ id }) => id));
    expect(chat.steps.map(({ chosen }) => chosen)).toEqual(typed.steps.map(({ chosen }) => chosen));
    expect(await weightsOf(session, chat.id, 'target', 8)).toEqual(typedWeights);
    const placed = prompt(chat).flatMap(({ start, end }, index) =>
      start >= 0 ? [{ index, text: SENTENCE.slice(start, end) }] : [],
    );
    expect(placed.map(({ text }) => text).join('')).toBe(SENTENCE);
    expect(placed[0]?.index).toBe(BEFORE);
    expect(prompt(chat)[0]).toMatchObject({ text: '<s>', special: true, start: -1 });
  });

  test('is kept for the next text and over a reload, and goes off again', async () => {
    const next = await explain('Be kind.');
    expect(next.chat).toBe(true);
    expect(
      prompt(next)
        .map(({ text }) => text)
        .join(''),
    ).toBe('<s>U: Be kind.</s>A: ');
    await reloadWhenKept(session);
    const restored = await settled(session);
    expect({ chat: restored.chat, target: restored.target }).toEqual({ chat: true, target: next.target });
    await toggle();
    const plain = await explanation(
      session,
      'is no chat',
      (snapshot) => !snapshot.chat && ended(snapshot),
      restored.id,
    );
    expect(
      prompt(plain)
        .map(({ text }) => text)
        .join(''),
    ).toBe('Be kind.');
    expect((await explain(SENTENCE)).chat).toBe(false);
  });

  test('a template that would not end is refused, and what was there stays', async () => {
    const before = (await snapshotOf(session))?.id;
    await useFolder(session, 'hostile');
    const plain = await settled(session, before);
    await toggle();
    const refused = await until('the refusal', async () => {
      const snapshot = await snapshotOf(session);
      return snapshot?.error ? snapshot : undefined;
    });
    expect(refused.error).toMatchObject({
      code: 'TOKENIZER_UNSUPPORTED',
      message: expect.stringContaining('chat template') as string,
    });
    expect({ id: refused.id, target: refused.target, chat: refused.chat }).toEqual({
      id: plain.id,
      target: plain.target,
      chat: false,
    });
    const { frame } = await PanelPage.find(session);
    await frame.getByRole('alert').getByText('chat template could not be used').waitFor();
    await until(
      'the switch to be off',
      async () =>
        (await frame.getByRole('checkbox', { name: 'As a chat message' }).getAttribute('aria-checked')) === 'false',
    );
  });
});
