/** What a user can do wrong, and what can go wrong: a clear sentence each, the host alive, earlier results still on screen. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { explainSelection, explanation, openExplained, PanelPage, settled, snapshotOf } from './support';

const SENTENCE = 'The woman who lives in the old house sold her car to a young man.';
const LONG = Array.from({ length: 8 }, () => SENTENCE).join(' ');
const BIDI = 'قال الرجل العجوز: \u202Eهذا\u202C بيتي. שלום עולם!';
const ODD = 'nul \u0000 here, \uD83D alone, tab\there, \u200B\u200D\uFEFF, e\u0301\u0327, 👨‍👩‍👧‍👦🏽';
const MARKUP =
  '</script><script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 2"> `|` $(bug) <!-- --> &amp;';

describe('bad input', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openExplained({
      // Enough to see that it generates.
      settings: { 'explainAttention.maxNewTokens': 16 },
      files: {
        'good.txt': `${SENTENCE}\n\n   \t \n  indented line of text  \n`,
        'long.txt': LONG,
        'huge.txt': 'a long line of words '.repeat(60_000),
        'limit.txt': 'word '.repeat(199_999),
        'crlf.txt': 'First line.\r\nSecond line.\r\n',
      },
    });
  });
  afterAll(() => session.close());

  /** Explains something good, so that there is something to lose. */
  const explainGood = async () => {
    await session.select('good.txt', SENTENCE);
    await explainSelection(session);
    return settled(session);
  };
  const closeNotifications = () => session.host.run((api) => api.commands.executeCommand('notifications.clearAll'));

  test('an empty line and a white-space selection say what to do, and what was on screen stays', async () => {
    const good = await explainGood();
    for (const range of [
      [SENTENCE.length + 1, SENTENCE.length + 1],
      [SENTENCE.length + 2, SENTENCE.length + 6],
    ] as const) {
      await closeNotifications();
      await session.select('good.txt', range);
      await explainSelection(session);
      expect(await session.workbench.notification('EMPTY_SELECTION')).toMatch(/select some text/);
      expect(await snapshotOf(session)).toMatchObject({ id: good.id, status: good.status });
    }
    await closeNotifications();
    // One selection is nothing to compare.
    await session.select('good.txt', SENTENCE);
    await session.host.run((api) => api.commands.executeCommand('explainAttention.compare'));
    expect(await session.workbench.notification('PAIR_NEEDED')).toMatch(/Select exactly two texts to compare/);
    expect(await snapshotOf(session)).toMatchObject({ id: good.id, status: good.status });
    await closeNotifications();
  });

  test('what another extension asks wrongly is a rejection with its code, and what it asks rightly is answered', async () => {
    const { id } = await explainGood();
    const answers = await session.host.run(async (_api, explain, explanation) => {
      if (!explain) return [];
      const ref = { explanation, kind: 'encoder' as const, layer: 0, head: 0 };
      const asked: (() => Promise<unknown>)[] = [
        () => explain.head({ ...ref, layer: NaN }),
        () => explain.head({ ...ref, head: 100 }),
        () => explain.head(undefined as never),
        () => explain.tokenWeights({ explanation, sequence: 'both' as never, indices: [0] }),
        () => explain.atlas({ explanation, kind: 'none' as never } as never),
        () => explain.head(ref),
      ];
      return Promise.all(
        asked.map((ask) =>
          ask().then(
            () => 'answered',
            (thrown: unknown) => String((thrown as { code?: unknown }).code),
          ),
        ),
      );
    }, id);
    expect(answers).toEqual([...Array.from({ length: 5 }, () => 'INVALID_REQUEST'), 'answered']);
  });

  test('with no selection the current line is explained, without its indentation', async () => {
    const text = 'indented line of text';
    const at = `${SENTENCE}\n\n   \t \n  ${text}`.length;
    await session.select('good.txt', [at, at]);
    await explainSelection(session);
    const snapshot = await settled(session);
    expect(snapshot.title).toBe('good.txt:4');
    expect(snapshot.source.filter(({ special }) => !special).at(-1)?.end).toBe(text.length);
  });

  test('no editor at all says what to do', async () => {
    await session.host.run((api) => api.commands.executeCommand('workbench.action.closeAllEditors'));
    await session.workbench.command('Explain Attention');
    expect(await session.workbench.notification('NO_EDITOR')).toMatch(/Open a text file/);
    await closeNotifications();
  });

  test('a selection over a million characters is refused with its size, and what was on screen stays', async () => {
    const good = await explainGood();
    await session.select('huge.txt', [0, 1_260_000]);
    await explainSelection(session);
    expect(await session.workbench.notification('SELECTION_TOO_LARGE')).toMatch(/1,260,000 characters/);
    expect((await snapshotOf(session))?.id).toBe(good.id);
    await closeNotifications();
  });

  test('a selection of 1 MB is cut at the model’s limit, and says where', async () => {
    await session.select('limit.txt', [0, 999_995]);
    await explainSelection(session);
    const { window, source, model } = await settled(session);
    expect(source.length).toBeLessThanOrEqual(model?.maxTokens ?? 0);
    expect(window).toMatchObject({ start: 0, startOffset: 0 });
    expect(window?.end).toBeLessThan(window?.totalTokens ?? 0);
    expect(window?.endOffset).toBeLessThan(999_995);
    const panel = await PanelPage.find(session);
    await until('the panel to say that the text was cut', async () =>
      /\d[\d,]* (of|tokens)/.test(await panel.frame.locator('body').innerText()),
    );
  });

  test.each([
    ['right-to-left', BIDI],
    ['NUL, lone surrogates, zero-width, emoji', ODD],
    ['markup', MARKUP],
  ])('%s: every token’s text is where it says, and is only ever text', async (_name, text) => {
    const errors = session.workbench.pageErrors.length;
    const held = await session.selectAllOf(text);
    // VS Code may replace what no file could hold; what it holds is what is explained.
    expect(held.length).toBe(text.length);
    await explainSelection(session);
    const { source } = await settled(session);
    expect(source.length).toBeGreaterThan(10);
    let before = 0;
    for (const token of source) {
      if (token.special || token.start < 0) continue;
      expect(token.start).toBeGreaterThanOrEqual(0);
      expect(token.end).toBeLessThanOrEqual(held.length);
      expect(token.start).toBeGreaterThanOrEqual(token.partial ? 0 : before);
      before = Math.max(before, token.end);
    }
    const panel = await PanelPage.find(session);
    await until('the tokens in the panel', async () => (await panel.tokens('Source').count()) === source.length);
    expect(
      await panel.frame.evaluate(() => [
        'hacked' in globalThis,
        document.querySelectorAll('#app script, #app img').length,
      ]),
    ).toEqual([false, 0]);
    expect(session.workbench.pageErrors.slice(errors)).toEqual([]);
  });

  test('CRLF: offsets are those of the document', async () => {
    await session.select('crlf.txt', [0, 27]);
    await explainSelection(session);
    const { source } = await settled(session);
    expect(source.filter(({ start }) => start >= 0).at(-1)?.end).toBeGreaterThanOrEqual(26);
  });

  test('a second run during the first replaces it', async () => {
    await session.select('long.txt', [0, LONG.length]);
    const ids = await session.host.run(async (api, explain) => {
      const first = api.commands.executeCommand('explainAttention.explain');
      const seen = new Set<string>();
      const deadline = Date.now() + 150_000;
      // Not before the first has begun to generate.
      while ((explain?.snapshot()?.steps.length ?? 0) < 2 || explain?.snapshot()?.status !== 'generating') {
        if (Date.now() > deadline) throw new Error('The first run never generated.');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      seen.add(explain.snapshot()?.id ?? '');
      await Promise.all([first, api.commands.executeCommand('explainAttention.explain')]);
      seen.add(explain.snapshot()?.id ?? '');
      return [...seen];
    });
    expect(ids).toHaveLength(2);
    const snapshot = await settled(session);
    expect(snapshot.id).toBe(ids[1]);
    expect(snapshot.steps.length).toBeGreaterThan(2);
  });

  test('cancel ends a run within one step and keeps what was generated', async () => {
    await session.settings({ 'explainAttention.maxNewTokens': 128 });
    await session.select('long.txt', [0, LONG.length]);
    const { atCancel, after } = await session.host.run(async (api, explain) => {
      const before = explain?.snapshot()?.id;
      const run = api.commands.executeCommand('explainAttention.explain');
      const deadline = Date.now() + 150_000;
      for (;;) {
        const now = explain?.snapshot();
        if (now && now.id !== before && now.status === 'generating' && now.steps.length >= 3) break;
        if (Date.now() > deadline) throw new Error('It never generated.');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      const reached = explain?.snapshot()?.steps.length ?? 0;
      await api.commands.executeCommand('explainAttention.cancel');
      await run;
      return { atCancel: reached, after: explain?.snapshot() ?? null };
    });
    expect(after).toMatchObject({ status: 'paused', end: 'stopped', error: null });
    // Steps are told up to 40 ms late, so some more than were seen may have been made.
    expect(after?.steps.length).toBeGreaterThanOrEqual(atCancel);
    expect(after?.steps.length).toBeLessThan(atCancel + 20);
    await session.settings({ 'explainAttention.maxNewTokens': undefined });
  });

  test('a document closed while it is being explained: the run goes on, the editor is simply not coloured', async () => {
    await session.select('long.txt', [0, LONG.length]);
    await session.host.run(async (api) => {
      const run = api.commands.executeCommand('explainAttention.explain');
      await api.commands.executeCommand('workbench.action.closeActiveEditor');
      await run;
    });
    const snapshot = await settled(session);
    expect(snapshot.steps.length).toBeGreaterThan(3);
  });

  test('a document edited while it is being explained: the panel goes on and says that the text has changed', async () => {
    await session.select('good.txt', SENTENCE);
    await session.host.run(async (api) => {
      const run = api.commands.executeCommand('explainAttention.explain');
      const edit = new api.WorkspaceEdit();
      edit.insert(
        api.window.activeTextEditor?.document.uri ?? api.Uri.file('/'),
        new api.Position(0, 0),
        'Yesterday, ',
      );
      await api.workspace.applyEdit(edit);
      await run;
    });
    const snapshot = await explanation(session, 'is stale', ({ stale, status }) => stale && status !== 'generating');
    expect(snapshot.steps.length).toBeGreaterThan(3);
    await session.host.run(async (api) => {
      await api.commands.executeCommand('undo');
    });
    // The same text stands there again.
    await explanation(session, 'is not stale after an undo', ({ id, stale }) => id === snapshot.id && !stale);
  });
});
