/**
 * What a hostile model, folder, page or server does in the real VS Code: it is said, it ends, nothing of it becomes
 * markup or a command, and nothing is asked of the network. Items 9 to 13 of the list of attacks, one after another in
 * one window.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markdownText } from '../../src/vscode/editor/markdownText';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import { endlessOver } from '../support/hostileModels';
import { HOSTILE_HOST, HOSTILE_TOKENS } from '../support/hostileTokens';
import { ROOT } from '../support/paths.mjs';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { explanation, openExplained, settled, snapshotOf, useFolder } from './support';

const SENTENCE = 'A text that is longer than the trial of a model.';
const PRIVATE = 'My bank account is 4711 0815';
/** The load-time trial reads no more tokens than this. */
const TRIAL_TOKENS = 16;
/** A folder whose name would be a command in a notification. */
const LINK_NAME = '[Free models](command:workbench.action.openSettings)';

const fixture = (model: string, name: string): Promise<Uint8Array> =>
  readFile(join(ROOT, 'test', 'fixtures', 'transformers', model, name));

async function folder(
  name: string,
  model: string,
  change: (onnx: Uint8Array) => Uint8Array = (onnx) => onnx,
  more: Readonly<Record<string, string>> = {},
): Promise<Record<string, string | Uint8Array>> {
  const files = {
    'config.json': await fixture(model, 'config.json'),
    'tokenizer.json': asciiTokenizer(),
    'tokenizer_config.json': asciiTokenizerConfig(),
    'model.onnx': change(await fixture(model, 'model.onnx')),
    ...more,
  };
  return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${name}/${path}`, bytes]));
}

/** A tokenizer whose pattern tries every way to divide a run of `ab` among nine groups. */
function slowTokenizer(): string {
  const tokenizer = JSON.parse(asciiTokenizer()) as Record<string, unknown>;
  const pattern = { Regex: `${'(?:ab)*'.repeat(9)}x` };
  return JSON.stringify({
    ...tokenizer,
    pre_tokenizer: { type: 'Split', pattern, behavior: 'Isolated', invert: false },
  });
}

describe('a hostile world', () => {
  let session: Session;
  /** What the window asked of any other machine. */
  const asked: string[] = [];

  beforeAll(async () => {
    session = await openExplained({
      files: {
        'text.txt': `${SENTENCE}\n${PRIVATE}\n${'ab'.repeat(400)}\n`,
        ...(await folder('bert', 'sdpa-bert')),
        ...(await folder('never-ready', 'sdpa-bert', (onnx) => endlessOver(onnx, 0))),
        ...(await folder('never-read', 'sdpa-bert', (onnx) => endlessOver(onnx, TRIAL_TOKENS))),
        ...(await folder('slow', 'sdpa-bert', undefined, { 'tokenizer.json': slowTokenizer() })),
        ...(await folder('many-ends', 'sdpa-bert', undefined, {
          'generation_config.json': JSON.stringify({ eos_token_id: Array.from({ length: 200_000 }, (_, id) => id) }),
        })),
        [`${LINK_NAME}/readme.txt`]: 'no model',
      },
    });
    // What a webview loads of the extension has an address that VS Code's service worker answers; it never leaves the page.
    session.workbench.page.context().on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (
        /^https?:$|^wss?:$/.test(protocol) &&
        !/^(?:127\.0\.0\.1|localhost|.*\.localhost|.*\.vscode-resource\.vscode-cdn\.net)$/.test(hostname)
      )
        asked.push(request.url());
    });
    await session.select('text.txt', SENTENCE);
  });
  afterAll(() => session.close());

  /** Starts a command without waiting for its end. */
  const begin = (command: string): Promise<void> =>
    session.host.run((api, _explain, name) => void api.commands.executeCommand(name), command);
  const run = (command: string): Promise<void> =>
    session.host.run(async (api, _explain, name) => {
      await api.commands.executeCommand(name);
    }, command);
  /** Makes a folder the current model without waiting for what is explained with it. */
  const beginFolder = (name: string): Promise<void> =>
    session.host.run((api, _explain, path) => {
      const root = api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/');
      void api.commands.executeCommand('explainAttention.useFolder', api.Uri.joinPath(root, path));
    }, name);
  /** Milliseconds until what runs has ended. */
  const end = async (command: string): Promise<number> => {
    const began = performance.now();
    await run(command);
    await until('the end of what ran', async () => {
      const status = (await snapshotOf(session))?.status;
      return status !== 'loading' && status !== 'encoding';
    });
    return performance.now() - began;
  };
  const useSound = async () => {
    await useFolder(session, 'bert');
    await begin('explainAttention.explain');
    return settled(session);
  };
  const pause = (milliseconds: number): Promise<void> => session.workbench.page.waitForTimeout(milliseconds);

  const isStuck = (phase: string) =>
    explanation(
      session,
      `is at “${phase}”`,
      ({ status, progress }) => status === phase || progress?.phase === phase,
    ).then(() => pause(500));

  test('9: a model that never ends: Cancel ends it after two seconds, Unload at once, and the next one works', async () => {
    const good = await useSound();
    // While it is loaded: what was there comes back.
    await beginFolder('never-ready');
    await isStuck('Testing the model');
    const cancelled = await end('explainAttention.cancel');
    expect(cancelled).toBeGreaterThan(1500);
    expect(cancelled).toBeLessThan(10_000);
    expect(await snapshotOf(session)).toMatchObject({ id: good.id, error: null });
    // It is not kept as the model, so that it has to be chosen again.
    await beginFolder('never-ready');
    await isStuck('Testing the model');
    expect(await end('explainAttention.unload')).toBeLessThan(1900);

    // While it reads: choosing another model ends it too.
    await beginFolder('never-read');
    await isStuck('encoding');
    await beginFolder('bert');
    expect((await settled(session, good.id)).model?.name).toBe('bert');
  });

  test('9, 10: a tokenizer’s pattern that tries for ever is refused; the model before it reads the text that it is for', async () => {
    const before = await snapshotOf(session);
    await useFolder(session, 'slow');
    expect(await snapshotOf(session)).toMatchObject({ id: before?.id, error: { code: 'TOKENIZER_UNSUPPORTED' } });
    await session.select('text.txt', 'ab'.repeat(400));
    await begin('explainAttention.explain');
    const read = await settled(session, before?.id);
    expect(read).toMatchObject({ error: null, model: { name: 'bert' } });
    await session.select('text.txt', SENTENCE);
    await begin('explainAttention.explain');
    await settled(session, read.id);
  });

  test(`11: ${HOSTILE_TOKENS.length} hostile tokens in VS Code’s own hover are text: no link, no picture, no other cell`, async () => {
    const rows = HOSTILE_TOKENS.map((token, index) => `| 1.${index} | ${markdownText(token)} | 0.5 |`);
    const table = `| layer.head | token | weight |\n|---|---|---:|\n${rows.join('\n')}\n`;
    const heading = HOSTILE_TOKENS.map((token) => `**Attention of** “${markdownText(token)}”`).join('\n\n');
    await session.select('text.txt', PRIVATE);
    await session.host.run(
      (api, _explain, contents) => {
        const provider = api.languages.registerHoverProvider([{ scheme: '*' }], {
          provideHover: () => new api.Hover(contents.map((value) => new api.MarkdownString(value))),
        });
        (globalThis as unknown as { hostileHover: typeof provider }).hostileHover = provider;
      },
      [heading, table],
    );
    const hover = session.workbench.page.locator('.monaco-hover:not(.hidden)', { hasText: 'Attention of' }).first();
    await until('the hover', async () => {
      await run('workbench.action.focusActiveEditorGroup');
      await run('editor.action.showHover');
      await hover.waitFor({ timeout: 5000 });
      return true;
    });
    const seen = await hover.evaluate((card) => ({
      links: card.querySelectorAll('.hover-contents a, .markdown-hover a').length,
      pictures: card.querySelectorAll('img, svg, image, iframe').length,
      cells: card.querySelectorAll('td').length,
      text: card.textContent,
    }));
    expect(seen).toMatchObject({ links: 0, pictures: 0, cells: 3 * HOSTILE_TOKENS.length });
    expect(seen.text).toContain(`![](https://${HOSTILE_HOST}/a)`);
    await session.host.run(() => {
      (globalThis as unknown as { hostileHover: { dispose(): void } }).hostileHover.dispose();
    });
    await session.workbench.page.keyboard.press('Escape');
  });

  test('11: a folder whose name would be a command is text in the message that names it', async () => {
    await useFolder(session, LINK_NAME);
    const message = await session.workbench.notification('MODEL_FILE_MISSING');
    expect(message).toContain('Free models');
    expect(await session.workbench.page.locator('.notification-list-item-message a').count()).toBe(0);
    await run('notifications.clearAll');
  });

  const quickPick = () => session.workbench.page.locator('.quick-input-widget');
  const choose = (label: string): Promise<void> =>
    quickPick().locator('.monaco-list-row').filter({ hasText: label }).first().click();

  test('12: the picker opens where downloads cannot be read; an address with a password is explained, and nothing asked', async () => {
    const storage = join(session.server.userData, 'User', 'globalStorage', 'explain-attention.explain-attention');
    await mkdir(storage, { recursive: true });
    await writeFile(join(storage, 'models'), 'no folder');
    await session.settings({ 'explainAttention.hub.url': `https://me:geheim@${HOSTILE_HOST}` });
    await session.workbench.command('Explain Attention: Choose Model');
    await quickPick().getByText('English to French (bundled)').waitFor();
    await choose('From Hugging Face');
    await quickPick().getByText('A model from Hugging Face', { exact: true }).waitFor();
    await quickPick()
      .getByPlaceholder(/^Type an id/)
      .fill('somebody/model');
    await choose('somebody/model');
    const message = await session.workbench.notification('HUB_BAD_RESPONSE');
    expect(message).toMatch(/user:password@/);
    expect(message).not.toContain('geheim');
    await run('notifications.clearAll');
  });

  test('13: a configuration with 200,000 end tokens is refused with its code, and what was there stays', async () => {
    const before = await snapshotOf(session);
    await useFolder(session, 'many-ends');
    const after = await snapshotOf(session);
    expect(after).toMatchObject({ id: before?.id, error: { code: 'MODEL_CONFIG_INVALID' } });
  });

  test('all that was asked of the network, reported of the security policy, and logged of the text: nothing', async () => {
    await run('explainAttention.showLog');
    // The document of the log follows its file after a while: the last refusal of these tests is waited for.
    const log = await until('the log', async () => {
      const texts = await session.host.run((api) =>
        api.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'output').map((document) => document.getText()),
      );
      return texts.find((text) => text.includes('MODEL_CONFIG_INVALID'));
    });
    expect(log).not.toMatch(/longer than the trial|bank account|abababab/);
    expect(session.workbench.cspReports).toEqual([]);
    expect(asked).toEqual([]);
  });
});
