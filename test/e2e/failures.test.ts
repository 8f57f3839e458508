/** The model's files damaged, the engine's worker killed: said clearly, and the next run works. */
import { cp, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ROOT } from '../support/paths.mjs';
import {
  explainSelection,
  explanation,
  forceAndBranch,
  GenerationPage,
  openExplained,
  PanelPage,
  settled,
  snapshotOf,
} from './support';

const SENTENCE = 'The agreement on the European Economic Area was signed in August 1992.';

/** A copy of what the package has in it, to be damaged. */
async function extensionCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'explain-copy-'));
  for (const name of ['package.json', 'package.nls.json', 'dist', 'media', 'models/en-fr'])
    await cp(join(ROOT, name), join(folder, name), { recursive: true });
  return folder;
}

describe('failures', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  test('files of the model that are missing or cut: one code each, and the panel shows the sentence', async () => {
    const extension = await extensionCopy();
    ends.push(() => rm(extension, { recursive: true, force: true }));
    const model = join(extension, 'models', 'en-fr');
    const session = await openExplained({
      extensions: [extension],
      files: { 'text.txt': SENTENCE },
      settings: { 'explainAttention.maxNewTokens': 4 },
    });
    ends.push(() => session.close());
    const onnx = join(model, 'onnx');
    const encoder = join(
      onnx,
      (await readdir(onnx)).find((name) => name.startsWith('encoder_model') && name.endsWith('.onnx')) ?? '',
    );
    const restore = async () => cp(join(ROOT, 'models', 'en-fr'), model, { recursive: true, force: true });

    const damages: readonly (readonly [what: string, damage: () => Promise<unknown>, code: RegExp])[] = [
      ['config.json gone', () => rm(join(model, 'config.json')), /^MODEL_FILE_MISSING$/],
      [
        'config.json not JSON',
        () => writeFile(join(model, 'config.json'), '{ "model_type": '),
        /^MODEL_CONFIG_INVALID$/,
      ],
      ['tokenizer.json gone', () => rm(join(model, 'tokenizer.json')), /^TOKENIZER_MISSING$/],
      ['tokenizer.json cut', () => truncate(join(model, 'tokenizer.json'), 1000), /^TOKENIZER_INVALID$/],
      ['all graphs gone', () => rm(onnx, { recursive: true }), /^MODEL_FILE_MISSING$/],
      ['the encoder cut in the middle', () => truncate(encoder, 100_000), /^(MODEL_FILE_CUT|ONNX_INVALID)$/],
      ['the encoder empty', () => truncate(encoder, 0), /^(MODEL_FILE_CUT|ONNX_INVALID)$/],
      [
        'the encoder not ONNX at all',
        () => writeFile(encoder, 'version https://git-lfs.github.com/spec/v1\n'),
        /^(MODEL_FILE_CUT|ONNX_INVALID)$/,
      ],
    ];
    for (const [what, damage, code] of damages) {
      await damage();
      await session.select('text.txt', SENTENCE);
      const snapshot = await explainSelection(session);
      expect.soft({ what, status: snapshot?.status }).toEqual({ what, status: 'failed' });
      expect.soft(snapshot?.error?.code, what).toMatch(code);
      expect.soft(snapshot?.error?.message, what).toMatch(/^[A-Z“].{20,}[.)]$/s);
      const panel = await session.workbench.webview('body[data-view="panel"]');
      await panel
        .getByText(snapshot?.error?.message ?? '')
        .first()
        .waitFor();
      await restore();
    }
    // With its files whole again it works, in the same window.
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    expect((await settled(session)).error).toBeNull();
  });

  test('the engine’s worker killed: at rest, in the middle of a run, or by unloading: said, nothing hangs, and the next run works', async () => {
    const session = await openExplained({
      files: { 'text.txt': Array.from({ length: 12 }, () => SENTENCE).join(' ') },
      settings: { 'explainAttention.maxNewTokens': 60 },
    });
    ends.push(() => session.close());
    // Keeps hold of the workers that the extension starts from now on.
    await session.host.run(() => {
      const kept: Worker[] = [];
      const scope = globalThis as unknown as { Worker: typeof Worker; kept: Worker[] };
      scope.kept = kept;
      scope.Worker = class extends scope.Worker {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          kept.push(this);
        }
      };
    });
    const killWorkers = (): Promise<void> =>
      session.host.run(() =>
        (globalThis as unknown as { kept: Worker[] }).kept.forEach((worker) => worker.terminate()),
      );
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    const first = await settled(session);

    await killWorkers();
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    const second = await settled(session, first.id);
    expect(second.target.map(({ id }) => id)).toEqual(first.target.map(({ id }) => id));

    // What the user made of it since (a text forced, a branch from it) comes back with another try.
    await session.workbench.command('Explain Attention: Show Generation');
    const generation = await GenerationPage.find(session);
    const branched = await forceAndBranch(session, generation, 'L’accord a été signé.');
    await killWorkers();
    await generation.button('Restart').click();
    const failed = await explanation(session, 'has failed', ({ status }) => status === 'failed');
    expect(failed.target).toEqual(branched.target);
    await (await PanelPage.find(session)).frame.getByRole('button', { name: 'Retry' }).click();
    const again = await settled(session, failed.id);
    expect(again.target.map(({ id }) => id)).toEqual(branched.target.map(({ id }) => id));
    expect(again.steps.map(({ origin }) => origin)).toEqual(branched.steps.map(({ origin }) => origin));

    // In the middle of a run: the run ends with ENGINE_LOST, what was generated stays on screen.
    await session.select('text.txt', [0, 12 * (SENTENCE.length + 1) - 1]);
    await session.host.run(async (api, explain) => {
      const run = api.commands.executeCommand('explainAttention.explain');
      const deadline = Date.now() + 150_000;
      while (explain?.snapshot()?.status !== 'generating' || explain.snapshot()?.steps.length === 0) {
        if (Date.now() > deadline) throw new Error('It never generated.');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      (globalThis as unknown as { kept: Worker[] }).kept.forEach((worker) => worker.terminate());
      await run;
    });
    const lost = await snapshotOf(session);
    expect(lost).toMatchObject({ status: 'failed', error: { code: 'ENGINE_LOST' } });
    expect(lost?.source.length).toBeGreaterThan(10);
    const panel = await PanelPage.find(session);
    expect(await panel.tokens('Source').count()).toBe(lost?.source.length);
    // Another try goes on to where that run was to come.
    await panel.frame.getByRole('button', { name: 'Retry' }).click();
    const whole = await settled(session, lost?.id);
    expect(
      whole.end === 'end-of-sequence' || whole.steps.length > (lost?.steps.length ?? 0) + 20,
      `${whole.end ?? ''} after ${whole.steps.length} steps`,
    ).toBe(true);

    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    expect((await settled(session, whole.id)).target.map(({ id }) => id)).toEqual(first.target.map(({ id }) => id));

    // Unloading gives the memory back; the panel's weights are gone with it, and the text can be explained again.
    const unloaded = (await snapshotOf(session))?.id ?? '';
    await session.host.run((api) => api.commands.executeCommand('explainAttention.unload'));
    // A rejection, as a Promise is promised: what is thrown by the call itself would end this function.
    const gone = await session.host.run((_api, explain, id) => {
      const answer = explain?.head({ explanation: id, kind: 'encoder', layer: 0, head: 0 });
      return (answer ?? Promise.resolve()).then(
        () => 'still there',
        (thrown: unknown) => (thrown as { code?: string }).code,
      );
    }, unloaded);
    expect(gone).toBe('EXPLANATION_GONE');
    await explainSelection(session);
    expect((await settled(session, unloaded)).target.map(({ id }) => id)).toEqual(first.target.map(({ id }) => id));
  });
});
