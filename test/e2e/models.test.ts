/** Models of other families, from a folder and from a hub, in the real VS Code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HubServer, type HubFile } from '../unit/hub/hubServer';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { randomDecoder } from '../parity/randomDecoder';
import type { TaskCase } from '../parity/taskFixture';
import { inFolder, modelFiles, taskFolder } from './fixtureFiles';
import { explainSelection, openExplained, PanelPage, settled, snapshotOf, useFolder } from './support';

const SENTENCE = 'Attention is all you need.';
/** A text of as many tokens as the model takes. */
const LONG = Array.from({ length: 4096 }, (_, at) => `w${4 + ((at * at + 3 * at) % 90)}`).join(' ');
const HUB_ID = 'somebody/tiny-bert';
const TASKS = ['bert-sentiment', 'bert-entities', 'bert-answers', 'bert-sentences', 'bert-cross-encoder'];
/** What the fixtures' answers are of, a line each. */
const TASK_TEXTS = [
  'the film was wonderful',
  'Mary lives in Paris',
  'where does Mary live ?',
  'Mary lives in Paris near the river .',
  'a long and boring plot , not very good',
];

describe('other models', () => {
  let session: Session;
  let hub: HubServer;
  let answered: ReadonlyMap<string, readonly TaskCase[]>;

  beforeAll(async () => {
    const bert = await modelFiles('sdpa-bert');
    hub = new HubServer(
      HUB_ID,
      new Map(
        Object.entries(bert).map(([path, bytes]): [string, HubFile] => [path, { bytes, lfs: path.endsWith('.onnx') }]),
      ),
    );
    await hub.start();
    const tasks = await Promise.all(TASKS.map(async (name) => [name, await taskFolder(name)] as const));
    answered = new Map(tasks.map(([name, { cases }]) => [name, cases]));
    const taskFiles = Object.assign({}, ...tasks.map(([name, { files }]) => inFolder(name, files))) as Record<
      string,
      Uint8Array
    >;
    session = await openExplained({
      files: {
        'text.md': `${SENTENCE}\n`,
        'long.txt': LONG,
        ...inFolder('long', randomDecoder({ layers: 12, heads: 12, size: 4 })),
        ...inFolder('gpt2', await modelFiles('sdpa-gpt2')),
        ...inFolder('bert', bert),
        ...inFolder('longformer', await modelFiles('eager-longformer')),
        ...taskFiles,
        'tasks.txt': `${TASK_TEXTS.join('\n')}\n`,
      },
    });
    await session.settings({ 'explainAttention.hub.url': hub.url });
    await session.select('text.md', SENTENCE);
  });
  afterAll(async () => {
    await session.close();
    await hub.stop();
  });

  const quickPick = () => session.workbench.page.locator('.quick-input-widget');
  const choose = async (label: string): Promise<void> => {
    await quickPick().locator('.monaco-list-row').filter({ hasText: label }).first().click();
  };

  const lookUpOnHub = async (): Promise<void> => {
    await session.workbench.command('Explain Attention: Choose Model');
    await choose('From Hugging Face');
    // The second list takes the first one's place: what is typed before it is there is lost.
    await quickPick().getByText('A model from Hugging Face', { exact: true }).waitFor();
    await quickPick()
      .getByPlaceholder(/^Type an id/)
      .fill(HUB_ID);
    await choose(HUB_ID);
  };

  test('a decoder-only model: the selection is the prompt, generation goes on from it', async () => {
    await useFolder(session, 'gpt2');
    await explainSelection(session);
    const { model, source, target, steps } = await settled(session);
    expect(model).toMatchObject({ family: 'decoder-only', name: 'gpt2' });
    expect(model?.kinds.map(({ kind, queries, keys }) => [kind, queries, keys])).toEqual([
      ['decoder', 'target', 'target'],
    ]);
    expect(source).toEqual([]);
    expect(
      target
        .slice(0, SENTENCE.length)
        .map(({ start, end }) => SENTENCE.slice(start, end))
        .join(''),
    ).toBe(SENTENCE);
    expect(steps.length).toBeGreaterThan(0);
    expect(target.length).toBe(SENTENCE.length + steps.length);
  });

  test('an encoder-only model: one sequence, one kind', async () => {
    const before = (await snapshotOf(session))?.id;
    await useFolder(session, 'bert');
    const { model, source, target, steps } = await settled(session, before);
    expect(model).toMatchObject({ family: 'encoder-only', name: 'bert' });
    expect(model?.kinds.map(({ kind }) => kind)).toEqual(['encoder']);
    expect(source.filter(({ start }) => start >= 0).length).toBe(SENTENCE.length);
    expect([target, steps]).toEqual([[], []]);
  });

  test('models with a task head: the panel shows what transformers answers', async () => {
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    /** Explains lines of the text with a model, and gives the panel's answer. */
    const ask = async (model: string, ...lines: readonly number[]) => {
      await session.host.run(
        async (api, _explain, wanted) => {
          const root = api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/');
          const editor = await api.window.showTextDocument(api.Uri.joinPath(root, 'tasks.txt'));
          editor.selections = wanted.map((line) => {
            const { range } = editor.document.lineAt(line);
            return new api.Selection(range.start, range.end);
          });
        },
        [...lines],
      );
      const before = (await snapshotOf(session))?.id;
      await explainSelection(session);
      const last = (await settled(session, before)).id;
      await useFolder(session, model);
      const { answer } = await settled(session, last);
      const panel = await session.workbench.webview('body[data-view="panel"] .answer');
      return { result: answer?.result, section: panel.locator('.answer') };
    };
    const caseOf = (name: string): TaskCase => {
      const [first] = answered.get(name) ?? [];
      if (!first) throw new Error(`${name} has no answers.`);
      return first;
    };

    const labels = await ask('bert-sentiment', 0);
    const scores = [...caseOf('bert-sentiment').scores].sort((one, other) => other - one);
    await labels.section.locator('.answer-label').nth(2).waitFor();
    expect(await labels.section.locator('.answer-label .number').allTextContents()).toEqual(scores.map(percent));

    const words = await ask('bert-entities', 1);
    const { found } = caseOf('bert-entities');
    await words.section
      .locator('.labelled-word')
      .nth(found.length - 1)
      .waitFor();
    expect(await words.section.locator('.labelled-word .word-label').allTextContents()).toEqual(
      found.map(({ entity }) => entity),
    );

    const span = await ask('bert-answers', 2, 3);
    const { best } = caseOf('bert-answers');
    await span.section.locator('.answer-label').first().waitFor();
    expect(await span.section.locator('.answer-label').first().textContent()).toBe(`Mary lives${percent(best.score)}`);

    const pair = await ask('bert-cross-encoder', 2, 3);
    const [score = NaN] = caseOf('bert-cross-encoder').scores;
    await pair.section.getByText(`Score ${percent(score)}`).waitFor();

    const alike = await ask('bert-sentences', 0, 4);
    const vectors = answered.get('bert-sentences')?.map(({ text, vector }) => [text, vector.data] as const) ?? [];
    const [one = [], other = []] = [0, 4].map((line) => new Map(vectors).get(TASK_TEXTS[line] ?? ''));
    const dot = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, at) => sum + value * (b[at] ?? NaN), 0);
    const cosine = dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
    expect(alike.result?.type === 'similarity' ? alike.result.cosine : NaN).toBeCloseTo(cosine, 5);
    await alike.section.getByText('Cosine similarity').waitFor();

    // The window goes on as it was.
    await session.select('text.md', SENTENCE);
    const last = (await snapshotOf(session))?.id;
    await useFolder(session, 'bert');
    const back = await settled(session, last);
    await explainSelection(session);
    await settled(session, back.id);
  });

  test('a model whose attention cannot be shown is refused with its code and reasons; what was there stays', async () => {
    const before = await snapshotOf(session);
    await useFolder(session, 'longformer');
    const after = await until('the refusal', async () => {
      const snapshot = await snapshotOf(session);
      return snapshot?.error ? snapshot : undefined;
    });
    expect(after.error?.code).toMatch(/^(LAYOUT_UNSUPPORTED|NO_ATTENTION_FOUND|COUNT_MISMATCH)$/);
    expect(after.error?.detail).toMatch(/Softmax/);
    expect({ id: after.id, source: after.source }).toEqual({ id: before?.id, source: before?.source });
    // The refused model is not kept: the next explanation runs on the one before.
    await explainSelection(session);
    expect((await settled(session, before?.id)).model?.name).toBe('bert');
  });

  test('a model used before is still in memory; one whose files were changed is loaded anew', async () => {
    const before = (await snapshotOf(session))?.id;
    await useFolder(session, 'gpt2');
    const kept = await settled(session, before);
    expect([kept.model?.name, kept.timings.load]).toEqual(['gpt2', 0]);
    await session.host.run(async (api) => {
      const config = api.Uri.joinPath(
        api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/'),
        'gpt2',
        'config.json',
      );
      await api.workspace.fs.writeFile(config, new Uint8Array([...(await api.workspace.fs.readFile(config)), 10]));
    });
    await explainSelection(session);
    const changed = await settled(session, kept.id);
    expect(changed.model?.name).toBe('gpt2');
    expect(changed.timings.load).toBeGreaterThan(0);
    await useFolder(session, 'bert');
    const back = await settled(session, changed.id);
    expect([back.model?.name, back.timings.load]).toEqual(['bert', 0]);
  });

  test('a model from the hub: looked up, agreed to, downloaded, verified, used', async () => {
    const before = (await snapshotOf(session))?.id;
    await lookUpOnHub();
    const dialog = session.workbench.page.locator('.monaco-dialog-box');
    await dialog.getByText(`Download ${HUB_ID}`).waitFor();
    await dialog.getByText('Licence: mit').waitFor();
    // Nothing large was asked for before the user agreed.
    expect(hub.seen.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    await dialog.getByRole('button', { name: 'Download' }).click();
    const { model, source } = await settled(session, before);
    expect(model).toMatchObject({ family: 'encoder-only', name: `${HUB_ID} (fp32)` });
    expect(source.length).toBeGreaterThan(0);
    expect(hub.seen.some(({ server }) => server === 'storage')).toBe(true);
  });

  test('it is in the list with its size, and can be removed', async () => {
    await session.workbench.command('Explain Attention: Choose Model');
    const row = quickPick().locator('.monaco-list-row').filter({ hasText: HUB_ID });
    await row.filter({ hasText: '1 MB · mit' }).waitFor();
    await row.hover();
    await row.getByRole('button', { name: 'Remove' }).click();
    await session.workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click();
    await until('the list without it', async () => (await quickPick().isVisible()) && (await row.count()) === 0);
    await session.workbench.page.keyboard.press('Escape');
    const before = (await snapshotOf(session))?.id;
    await explainSelection(session);
    expect((await settled(session, before)).model?.modelId).toBe('bundled:en-fr');
  });

  test('a file that is not what the hub says is thrown away and said so', async () => {
    hub.behaviour.wrong = true;
    await lookUpOnHub();
    await session.workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Download' }).click();
    await session.workbench.notification(/HASH_MISMATCH/);
    hub.behaviour.wrong = false;
    expect((await snapshotOf(session))?.model?.modelId).toBe('bundled:en-fr');
  });

  test('a prompt of 300 tokens, word by word: stopped half-way, what was measured stays', async () => {
    const before = (await snapshotOf(session))?.id;
    await useFolder(session, 'long');
    await session.select('long.txt', [0, LONG.split(' ').slice(0, 300).join(' ').length]);
    await explainSelection(session);
    const { target, steps } = await settled(session, before);
    expect(target.length - steps.length).toBe(300);
    const left = (await PanelPage.find(session)).frame.locator('.left-out');
    await left.getByRole('button', { name: 'Rank', exact: true }).click();
    await left.getByText(/^Leaving out: [1-9]\d+ of \d+$/).waitFor();
    await left.getByRole('button', { name: 'Stop' }).click();
    const note = left.getByText(/^Stopped after \d+ of \d+; what was measured stays/);
    await note.waitFor();
    /** How many words the panel says are measured, of how many; how many have a number, of how many. */
    const counts = async (): Promise<readonly number[]> => {
      const said =
        /^Stopped after (\d+) of (\d+)/
          .exec(await note.innerText())
          ?.slice(1)
          .map(Number) ?? [];
      const titles = await left
        .locator('.left-out-piece')
        .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
      return [...said, titles.filter((title) => title.startsWith('Without')).length, titles.length];
    };
    const [done = NaN, all = NaN] = await counts();
    expect(done).toBeGreaterThan(9);
    expect(done).toBeLessThan(all);
    // Its words are tokens, of which some follow each other without a blank.
    expect(all).toBeGreaterThan(150);
    await until('each of them with a number', async () => {
      const [said, of, numbered, shown] = await counts();
      return said === numbered && of === shown;
    });
  });

  test('4,096 tokens of 12 layers of 12 heads, whose weights would be 9.7 GB: every head and every token', async () => {
    const before = (await snapshotOf(session))?.id;
    await useFolder(session, 'long');
    await session.select('long.txt', LONG);
    await explainSelection(session);
    const { id, target, window } = await settled(session, before);
    expect([target.length, window?.totalTokens]).toEqual([4096, 4096]);
    const panel = await PanelPage.find(session);
    await expect.poll(() => panel.atlas().count(), { timeout: 90_000 }).toBe(144);
    const token = panel.frame.locator('.token[data-index="4000"]');
    await token.scrollIntoViewIfNeeded();
    await token.hover();
    // Of its row, which looks at 4,001 tokens, in every head: what it sees sums to 1, and it sees nothing that comes later.
    const heads = await session.host.run(
      async (_api, explain, request) => {
        const [row] = (await explain?.tokenWeights(request)) ?? [];
        const sum = (from: number, to: number): number => {
          let total = 0;
          for (let at = from; at < to; at++) total += row?.data[at] ?? NaN;
          return total;
        };
        return Array.from({ length: 144 }, (_, head) => [
          sum(head * 4096, head * 4096 + 4001),
          sum(head * 4096 + 4001, (head + 1) * 4096),
        ]);
      },
      { explanation: id, sequence: 'target' as const, indices: [4000] },
    );
    expect(heads.every(([seen = NaN, later]) => Math.abs(seen - 1) < 1e-4 && later === 0)).toBe(true);
    expect(await panel.gridNumbers(144)).toHaveLength(144);
  });
});
