/** Masking a token by click, in the real VS Code: what the model fills in, and that it is kept. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import { ROOT } from '../support/paths.mjs';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import {
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
/** One character a token: the `y` is masked, or written as a mask. */
const AT = SENTENCE.indexOf('y');
const TYPED = SENTENCE.replace('y', '<mask>');
const FIXTURE = join(ROOT, 'test', 'fixtures', 'transformers', 'eager-distilbert');

const topOf = ({ fills }: ExplanationSnapshot) => fills.map(({ top }) => top);

describe('masks', () => {
  let session: Session;
  beforeAll(async () => {
    const read = (name: string) => readFile(join(FIXTURE, name));
    session = await openExplained({
      files: {
        'text.md': `${SENTENCE}\n${TYPED}\n`,
        'bert/config.json': await read('config.json'),
        'bert/tokenizer.json': asciiTokenizer(),
        'bert/tokenizer_config.json': asciiTokenizerConfig(),
        'bert/onnx/model.onnx': await read('model.onnx'),
      },
    });
    await useFolder(session, 'bert');
  });
  afterAll(() => session.close());

  const explain = (text: string) => explainText(session, 'text.md', text);
  const tokens = (panel: PanelPage) => panel.frame.getByRole('listbox', { name: 'Text tokens' }).getByRole('option');
  const press = (panel: PanelPage, name: RegExp) => panel.frame.getByRole('button', { name }).first().click();
  const rows = (panel: PanelPage) =>
    panel.frame
      .locator('.fill')
      .first()
      .locator('li')
      .evaluateAll((items) => items.map((item) => item.querySelector('.number')?.textContent));

  /** The hover card's text at a character of the sentence. The model's own characters are in it as references. */
  const cardAt = async (character: number): Promise<string> => {
    const markdown = await session.host.run(async (api, _explain, at) => {
      const uri = api.Uri.joinPath(api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/'), 'text.md');
      const hovers = await api.commands.executeCommand<
        readonly { readonly contents: readonly { readonly value: string }[] }[]
      >('vscode.executeHoverProvider', uri, new api.Position(0, at));
      return hovers.flatMap(({ contents }) => contents.map(({ value }) => value)).join('\n');
    }, character);
    return markdown.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  };

  test('what a click masks is filled in as what is typed as a mask', async () => {
    const typed = await explain(TYPED);
    expect(typed.fills.map(({ index, original }) => ({ index, original }))).toEqual([{ index: AT, original: null }]);
    expect(typed.masked).toEqual([]);
    const typedWeights = await weightsOf(session, typed.id, 'source', AT);

    const plain = await explain(SENTENCE);
    expect([plain.fills, plain.masked]).toEqual([[], []]);
    const panel = await PanelPage.find(session);
    await until('the plain text', async () => (await tokens(panel).count()) === SENTENCE.length);
    const weights = await weightsOf(session, plain.id, 'source', AT);
    await tokens(panel).nth(AT).click();
    await press(panel, /^Mask$/);
    const masked = await explanation(
      session,
      'is masked',
      (snapshot) => snapshot.masked.length === 1 && snapshot.status === 'done',
      plain.id,
    );
    expect(topOf(masked)).toEqual(topOf(typed));
    expect(masked.fills[0]?.original).toMatchObject({ text: 'y' });
    expect(await weightsOf(session, masked.id, 'source', AT)).toEqual(typedWeights);
    expect(masked.source[AT]).toMatchObject({ text: '<mask>', start: AT, end: AT + 1 });
    await until('the ten in the panel', async () => (await rows(panel)).length === 10);
    expect(await tokens(panel).nth(AT).textContent()).toBe('<mask>');

    await press(panel, /^Unmask$/);
    const back = await explanation(
      session,
      'is as before',
      (snapshot) => snapshot.masked.length === 0 && snapshot.status === 'done',
      masked.id,
    );
    expect(back.source).toEqual(plain.source);
    expect(await weightsOf(session, back.id, 'source', AT)).toEqual(weights);
  });

  test('the generation view shows the fill-ins; the editor knows the mask', async () => {
    const panel = await PanelPage.find(session);
    const before = (await snapshotOf(session))?.id;
    await tokens(panel).nth(AT).focus();
    await session.workbench.page.keyboard.press('m');
    const masked = await explanation(
      session,
      'is masked by key',
      (snapshot) => snapshot.masked.length === 1 && snapshot.status === 'done',
      before,
    );
    await session.workbench.command('Explain Attention: Show Generation');
    const view = await session.workbench.webview('body[data-view="generation"] .fill');
    const shown = await view.locator('.fill li .number').allTextContents();
    expect(shown.map((text) => Number(text.replace(/[^\d.]/g, '')) / 100)).toEqual(
      masked.fills[0]?.top.map(({ probability }) => expect.closeTo(probability, 3) as number),
    );
    // In the editor the mask is where its token stands.
    await until('the mask’s frame in the editor', () =>
      session.workbench.page.evaluate(
        () => document.querySelectorAll('.monaco-editor .view-overlays [class*="ced-"]').length > 0,
      ),
    );
    expect(await cardAt(AT)).toMatch(/Attention of.*<mask>.*hides.*y.*rank \d+/);
    expect(await cardAt(0)).not.toContain('hides');
  });

  test('a window reload brings the masks back', async () => {
    const before = await settled(session);
    expect(before.masked).toEqual([AT]);
    await reloadWhenKept(session);
    const after = await settled(session);
    expect(after.masked).toEqual([AT]);
    expect(after.fills).toEqual(before.fills);
    const panel = await PanelPage.find(session);
    await until('the mask in the restored panel', async () => (await tokens(panel).nth(AT).textContent()) === '<mask>');
    await press(panel, /^Unmask all/);
    const plain = await explanation(
      session,
      'is unmasked',
      (snapshot) => snapshot.masked.length === 0 && snapshot.status === 'done',
      after.id,
    );
    expect(plain.source[AT]?.text).toBe('y');
  });
});
