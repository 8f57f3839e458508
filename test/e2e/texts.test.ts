/** Which text is explained, and that it stays the same text: selections, edits, other names, diffs, two panels. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import { ended, explainSelection, explanation, openExplained, PanelPage, settled, snapshotOf } from './support';

const LINES = ['The old house has a red door.', '', 'The young man reads a long letter.', 'He is happy.', ''];
const TEXT = LINES.join('\n');

/** The text that the source's tokens stand for. */
const wordsOf = ({ source }: ExplanationSnapshot, text: string): string =>
  source
    .filter(({ special }) => !special)
    .map(({ start, end }) => text.slice(start, end))
    .join('');

describe('the text that is meant', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openExplained({
      files: { 'a.txt': TEXT, 'b.txt': TEXT.replace('red', 'green'), 'c.txt': 'A dog sleeps.' },
      settings: { 'explainAttention.maxNewTokens': 8 },
    });
  });
  afterAll(() => session.close());

  /** Runs something on the active editor's document. */
  const edit = (what: 'insert' | 'undo' | 'eol'): Promise<void> =>
    session.host.run(async (api, _explain, how) => {
      const editor = api.window.activeTextEditor;
      if (how === 'undo') await api.commands.executeCommand('undo');
      else
        await editor?.edit((builder) => {
          if (how === 'eol') builder.setEndOfLine(api.EndOfLine.CRLF);
          else builder.insert(new api.Position(2, 4), 'very ');
        });
    }, what);

  test('several selections are explained together, in the order of the document', async () => {
    await session.select('a.txt', [0, 0]);
    await session.host.run((api) => {
      const editor = api.window.activeTextEditor;
      if (editor) editor.selections = [new api.Selection(2, 0, 2, 13), new api.Selection(0, 0, 0, 13)];
    });
    await explainSelection(session);
    const snapshot = await settled(session);
    expect(snapshot.title).toBe('a.txt:1, 3');
    expect(wordsOf(snapshot, 'The old house\nThe young man').replace(/\s+/g, ' ')).toBe('The old house The young man');
  });

  test('an edit makes it stale, an undo takes that back, other line ends change nothing', async () => {
    await session.select('a.txt', LINES[2] ?? '');
    await explainSelection(session);
    const { id } = await settled(session);
    await edit('insert');
    await explanation(session, 'is stale', ({ stale }) => stale);
    await edit('undo');
    await explanation(session, 'is fresh again', ({ stale }) => !stale);
    await edit('eol');
    await session.workbench.page.waitForTimeout(500);
    expect(await snapshotOf(session)).toMatchObject({ id, stale: false });
    await edit('undo');
  });

  test('Explain again explains what stands at the same place now, wherever the cursor is', async () => {
    await session.select('a.txt', LINES[2] ?? '');
    await explainSelection(session);
    const before = await settled(session);
    await edit('insert');
    await explanation(session, 'is stale', ({ stale }) => stale);
    await session.select('c.txt', [0, 0]);
    const panel = await PanelPage.find(session);
    await panel.frame.getByRole('button', { name: 'Explain again' }).first().click();
    const after = await settled(session, before.id);
    expect(after).toMatchObject({ title: 'a.txt:3', stale: false });
    expect(wordsOf(after, 'The very young man reads a long letter.')).toBe('The very young man reads a long letter.');
    await session.select('a.txt', [0, 0]);
    await edit('undo');
  });

  test('a file that is renamed keeps its explanation', async () => {
    await session.select('c.txt', 'A dog sleeps.');
    await explainSelection(session);
    const before = await settled(session);
    await session.host.run(async (api) => {
      const root = api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/');
      const rename = new api.WorkspaceEdit();
      rename.renameFile(api.Uri.joinPath(root, 'c.txt'), api.Uri.joinPath(root, 'dog.txt'));
      await api.workspace.applyEdit(rename);
    });
    const after = await explanation(session, 'has the new name', ({ title }) => title === 'dog.txt:1');
    expect(after).toMatchObject({ id: before.id, stale: false });
  });

  test('with something else than a text in front nothing is guessed', async () => {
    await session.select('a.txt', LINES[0] ?? '');
    await explainSelection(session);
    const before = await settled(session);
    await session.host.run(async (api) => {
      await api.commands.executeCommand('workbench.action.focusFirstEditorGroup');
      await api.commands.executeCommand('workbench.action.splitEditorDown');
      await api.commands.executeCommand('workbench.action.openSettings2');
    });
    await until('the settings in front', () =>
      session.host.run((api) => api.window.activeTextEditor === undefined && api.window.visibleTextEditors.length > 0),
    );
    // By its name: VS Code shows the settings over the window, where the palette does not open.
    await explainSelection(session);
    expect(await session.workbench.notification('NO_EDITOR')).toMatch(/Open a text file/);
    expect((await snapshotOf(session))?.id).toBe(before.id);
    await session.host.run(async (api) => {
      await api.commands.executeCommand('workbench.action.closeActiveEditor');
      await api.commands.executeCommand('notifications.clearAll');
    });
  });

  test('a token of a diff’s left side is shown there: the diff stays', async () => {
    await session.host.run(async (api) => {
      const root = api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/');
      const [left, right] = [api.Uri.joinPath(root, 'a.txt'), api.Uri.joinPath(root, 'b.txt')];
      await api.commands.executeCommand('vscode.diff', left, right, 'a and b', { viewColumn: api.ViewColumn.One });
      // After it: a group without a tab is closed, and the panel would come in its place, behind the editors.
      for (const tab of api.window.tabGroups.all.flatMap(({ tabs }) => tabs))
        if (tab.input instanceof api.TabInputText) await api.window.tabGroups.close(tab);
      await api.commands.executeCommand('workbench.action.compareEditor.focusSecondarySide');
    });
    await until('the left side', () =>
      session.host.run((api) => {
        const editor = api.window.activeTextEditor;
        if (editor?.document.uri.path.endsWith('/a.txt') !== true) return false;
        editor.selection = new api.Selection(0, 0, 0, 29);
        return true;
      }),
    );
    const before = (await snapshotOf(session))?.id;
    await explainSelection(session);
    const { source } = await settled(session, before);
    const panel = await PanelPage.find(session);
    await until('the tokens', async () => (await panel.tokens('Source').count()) === source.length);
    await panel.tokens('Source').nth(2).dblclick();
    const token = source[2];
    await until('the token selected on the left', () =>
      session.host.run(
        (api, _explain, place) =>
          api.window.visibleTextEditors.some(
            ({ document, selection }) =>
              document.uri.path.endsWith('/a.txt') &&
              selection.start.character === place.start &&
              selection.end.character === place.end,
          ),
        { start: token?.start ?? -1, end: token?.end ?? -1 },
      ),
    );
    const tabs = await session.host.run((api) =>
      api.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label)),
    );
    expect(tabs).toContain('a and b');
    expect(tabs).not.toContain('a.txt');
  });

  test('two explanations beside each other, each with its own weights and generation', async () => {
    await session.host.run((api) => api.commands.executeCommand('workbench.action.focusFirstEditorGroup'));
    await session.select('b.txt', LINES[3] ?? '');
    await session.workbench.command('Explain Attention: Explain in Another Panel');
    const both = await until('two explanations', () =>
      session.host.run((_api, explain) => {
        const all = explain?.snapshots() ?? [];
        return all.length === 2 && all.every(({ status }) => status === 'paused' || status === 'done') ? all : null;
      }),
    );
    expect(both.map(({ title }) => title)).toEqual(['a.txt:1', 'b.txt:4']);
    expect(both.every(ended)).toBe(true);
    const sums = await session.host.run(
      async (_api, explain, ids) => {
        if (!explain) return [];
        const rows = await Promise.all(
          ids.map((id) => explain.tokenWeights({ explanation: id, sequence: 'source', indices: [1] })),
        );
        return rows.map((list) => {
          const { data, length } = list.find(({ kind, role }) => kind === 'encoder' && role === 'query') ?? {};
          return data?.subarray(0, length).reduce((sum, weight) => sum + weight, 0) ?? 0;
        });
      },
      both.map(({ id }) => id),
    );
    expect(sums).toHaveLength(2);
    for (const sum of sums) expect(sum).toBeCloseTo(1, 3);
    const letters = (text: string): string => text.replace(/\s+/g, '');
    const panels = await until('both panels’ texts', async () => {
      const frames = await Promise.all(
        session.workbench.page.frames().map(async (frame) => {
          const list = frame.getByRole('listbox', { name: /^Source (tokens|words)$/ });
          return (await list.count().catch(() => 0)) === 1 ? letters(await list.innerText()) : '';
        }),
      );
      const shown = frames.filter((text) => text !== '');
      return shown.length === 2 && shown;
    });
    const read = both.map(({ source }) => letters(source.map(({ text }) => text).join('')));
    expect([...panels].sort()).toEqual([...read].sort());
  });
});
