/** Reloading the window, closing and moving the panel: nothing is lost that can be computed again. */
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { PATIENCE, until } from '../vscode/workbench';
import {
  branch,
  editorColours,
  ended,
  explainSelection,
  explanation,
  forceAndBranch,
  GenerationPage,
  openExplained,
  PanelPage,
  reloadWhenKept,
  settled,
  snapshotOf,
  steadyColours,
  weightsOf,
} from './support';

const SENTENCE = 'The president of the committee thanked the members for their work.';

/** As long as `until` waits; a difference is told. */
const POLL = { timeout: PATIENCE, interval: 200 };

/** Where the user is: the head, the locked token, and what was generated. */
const place = (session: Session) =>
  session.host.run((_api, explain) => {
    const view = explain?.view();
    const focus = explain?.focus();
    const snapshot = explain?.snapshot();
    return {
      kind: view?.kind,
      layer: view?.layer,
      head: view?.head,
      // What the pointer only rests on is not kept.
      focus: focus?.locked === true ? { sequence: focus.sequence, indices: focus.indices, locked: true } : null,
      tokens: snapshot?.target.map(({ id }) => id) ?? [],
      origins: snapshot?.steps.map(({ origin }) => origin) ?? [],
    };
  });

/** Where the user is in the lesson. */
const taught = (session: Session) =>
  session.host.run((_api, explain) => {
    const { lesson: at, lessonPlay: play } = explain?.view() ?? {};
    return { stage: at?.stage, kind: at?.kind, play };
  });

const station = (frame: Frame, number: number) =>
  frame.locator('.lesson-bar-top', { hasText: `Station ${number} of` }).waitFor();

describe('coming back', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openExplained({ files: { 'text.txt': `First line.\n${SENTENCE}\n` } });
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    await settled(session);
  });
  afterAll(() => session.close());

  test('a window reload brings back layer, head, token and branch, and the station of the lesson with a changed word', async () => {
    const panel = await PanelPage.find(session);
    await panel.kind('cross').click();
    const info = (await settled(session)).model?.kinds.find(({ kind }) => kind === 'cross');
    await panel
      .atlas()
      .nth((info?.heads ?? 0) + 2)
      .click();
    // The user's own branch, by what the generation view calls.
    await session.workbench.command('Explain Attention: Show Generation');
    const generation = await GenerationPage.find(session);
    await branch(session, generation, 2, 1);
    const atRest = await steadyColours(session);
    await (await PanelPage.find(session)).tokens('Generated').nth(4).click();
    await until('the lock', async () => (await place(session)).focus?.locked === true);
    const colours = await steadyColours(session, (now) => now.length > 0 && now.join() !== atRest.join());
    const read = await place(session);
    expect(read).toMatchObject({
      kind: 'cross',
      layer: 1,
      head: 2,
      focus: { sequence: 'target', indices: [4], locked: true },
    });
    expect(read.origins[2]).toBe('branch');

    // Ten stations of the lesson, and a changed word.
    await session.workbench.command('Explain Attention: Start the Lesson');
    const lesson = await session.workbench.webview('body[data-view="panel"] .lesson');
    await station(lesson, 1);
    for (let number = 2; number <= 11; number++) {
      await lesson.locator('.lesson-title').press('Alt+ArrowRight');
      await station(lesson, number);
    }
    await lesson.locator('.lesson-row').first().waitFor();
    await lesson.getByRole('textbox', { name: 'Another word in this token’s place' }).fill('dog');
    await lesson.getByRole('button', { name: 'Swap' }).click();
    await lesson.locator('.lesson-row.changed').first().waitFor();
    await until('the host to know', async () => (await taught(session)).play?.change === 'token');
    const learnt = await taught(session);
    expect(learnt).toMatchObject({ kind: 'encoder', stage: 'projection', play: { text: 'dog', sequence: 'source' } });
    const before = await place(session);

    await reloadWhenKept(session);
    await settled(session);
    await expect.poll(() => place(session), POLL).toEqual(before);
    const again = await session.workbench.webview('body[data-view="panel"] .lesson');
    await station(again, 11);
    await again.locator('.lesson-row.changed').first().waitFor();
    expect(await again.locator('.lesson-played').textContent()).toContain('“dog” stands in place of');
    expect(await taught(session)).toEqual(learnt);

    // A link leads to its station, and what was changed is as it was; the walkthrough's step is done by then.
    await session.host.run(async (api) => {
      const link = { kind: 'cross', stage: 'softmax', layer: 1, head: 2, token: 3 };
      await api.commands.executeCommand('explainAttention.howItWorks', link);
    });
    await again.locator('.lesson-station[aria-current][data-kind=cross][data-stage=softmax]').waitFor();
    expect(await taught(session)).toEqual({ kind: 'cross', stage: 'softmax', play: null });
    await session.workbench.command('Explain Attention: Copy Link to This Station');
    const copied = () => session.host.run(async (api) => api.env.clipboard.readText());
    await until('the link', async () =>
      (await copied()).includes('/lesson?kind=cross&stage=softmax&layer=1&head=2&token=3'),
    );
    await again.getByRole('button', { name: 'Leave the Lesson' }).click();
    await until('the lesson to be closed', async () => (await taught(session)).stage === undefined);
    // And back by the link, as VS Code opens one that points into itself.
    await session.host.run(async (api) => {
      await api.commands.executeCommand('vscode.open', api.Uri.parse(await api.env.clipboard.readText()));
    });
    await again.locator('.lesson-station[aria-current][data-kind=cross][data-stage=softmax]').waitFor();
    await again.getByRole('button', { name: 'Leave the Lesson' }).click();
    await until('the lesson to be closed again', async () => (await taught(session)).stage === undefined);

    // Under the lesson all is as it was.
    const restored = await PanelPage.find(session);
    await until(
      'the tokens in the restored panel',
      async () => (await restored.tokens('Generated').count()) === read.tokens.length,
    );
    await restored.frame.locator('.token.locked').waitFor();
    await expect.poll(() => editorColours(session), POLL).toEqual(colours);
  });

  test('a window that is reloaded again while it is still restoring loses nothing either', async () => {
    const before = await place(session);
    // On a machine with nothing else to do the text can be there before it is looked for: then once more.
    const halfway = await until('a text that is still to be read', async () => {
      await session.reload();
      const seen = await until('the text to be restored', () => snapshotOf(session));
      return /^(loading|encoding)$/.test(seen.status) && seen;
    });
    expect(halfway.target.length).toBeLessThan(before.tokens.length);
    expect((await place(session)).focus).toEqual(before.focus);
    await session.reload();
    await settled(session);
    await expect.poll(() => place(session), POLL).toEqual(before);
    await (await PanelPage.find(session)).frame.locator('.token.locked').waitFor();
  });

  test('a restore that was cancelled comes to the same place when it is tried again; a token that was freed stays free', async () => {
    await (await PanelPage.find(session)).tokens('Generated').nth(4).press('Escape');
    await until('the token to be free', async () => (await place(session)).focus === null);
    const before = await place(session);
    await reloadWhenKept(session);
    const panel = await session.workbench.webview('body[data-view="panel"] .header:not([hidden])');
    // At once: a click by the mouse waits until nothing moves, and by then the text may be there. On a machine with nothing else to do it
    // may be there already, and the button gone.
    await panel
      .getByRole('button', { name: 'Cancel' })
      .dispatchEvent('click', undefined, { timeout: 3000 })
      .catch(() => undefined);
    const cancelled = await explanation(
      session,
      'was cancelled',
      ({ status }) => status === 'paused' || status === 'done',
    );
    // On a busy machine the text can have been read before the click was heard: then what is left is to be written.
    if (cancelled.target.length === 0) {
      await panel.getByText('Cancelled before the text was read.').waitFor();
      await panel.getByRole('button', { name: 'Explain again' }).click();
    } else if (cancelled.status === 'paused') await (await GenerationPage.find(session)).button('Run').click();
    await expect.poll(() => place(session), POLL).toEqual(before);
  });

  /** What each word and each head is worth, as the panel says it. */
  const worth = async (): Promise<readonly string[]> => {
    const { frame } = await PanelPage.find(session);
    const words = frame
      .locator('.left-out-piece')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
    const heads = frame.locator('.atlas-cell').evaluateAll((nodes) => nodes.map((node) => node.ariaLabel ?? ''));
    return [...(await words), ...(await heads).filter((label) => label.includes('switching it off'))];
  };

  test('a teacher-forced text, and a branch from it, are there after a reload, and what words and heads are worth', async () => {
    await forceAndBranch(session, await GenerationPage.find(session), 'Le président a remercié les membres du comité.');
    const before = await place(session);
    expect(before.origins.slice(0, 5)).toEqual(['forced', 'forced', 'forced', 'branch', 'greedy']);
    const { frame } = await PanelPage.find(session);
    await frame.locator('.left-out').getByRole('button', { name: 'Rank', exact: true }).click();
    await frame.getByText(/^Coloured by how the log probability of the output changes/).waitFor();
    await frame.getByRole('button', { name: 'Rank heads' }).click();
    await frame.getByText(/^The bar under a head is what switching it off costs/).waitFor();
    const measured = await worth();
    expect(measured.filter((one) => one.startsWith('Without')).length).toBeGreaterThan(5);
    expect(measured.filter((one) => one.includes('switching it off')).length).toBeGreaterThan(5);
    const colours = await steadyColours(session);
    await reloadWhenKept(session);
    await settled(session);
    await expect.poll(() => place(session), POLL).toEqual(before);
    await expect.poll(worth, POLL).toEqual(measured);
    await expect.poll(() => editorColours(session), POLL).toEqual(colours);
  });

  test('a panel that was hidden and shown again has everything', async () => {
    const before = await place(session);
    const measured = await worth();
    expect(measured.length).toBeGreaterThan(10);
    const panel = await PanelPage.find(session);
    const source = await panel.texts('Source');
    // Another tab over the panel's: its page is dropped.
    await session.host.run(async (api) => {
      const document = await api.workspace.openTextDocument({ content: 'over it' });
      await api.window.showTextDocument(document, { viewColumn: api.ViewColumn.Two });
    });
    await until('the page to be gone', async () => {
      const found = await Promise.all(
        session.workbench.page.frames().map((frame) =>
          frame
            .locator('body[data-view="panel"]:visible')
            .count()
            .catch(() => 0),
        ),
      );
      return found.every((count) => count === 0);
    });
    await session.workbench.command('Explain Attention: Show Panel');
    const again = await PanelPage.find(session);
    await until('the same text', async () => JSON.stringify(await again.texts('Source')) === JSON.stringify(source));
    expect(await place(session)).toEqual(before);
    await expect.poll(worth, POLL).toEqual(measured);
  });

  test('a closed panel comes back by its command', async () => {
    const before = await place(session);
    const colours = await steadyColours(session);
    await session.host.run(async (api) => {
      const tab = api.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label }) => label === 'Explain Attention');
      if (tab) await api.window.tabGroups.close(tab);
    });
    // Without the panel nothing would say what the colours are.
    await until('the editor without colours', async () => (await editorColours(session)).length === 0);
    await session.workbench.command('Explain Attention: Show Panel');
    const panel = await PanelPage.find(session);
    await until('the tokens', async () => (await panel.tokens('Generated').count()) === before.tokens.length);
    expect((await place(session)).tokens).toEqual(before.tokens);
    await expect.poll(() => editorColours(session), POLL).toEqual(colours);
  });

  test('two selections explained beside each other, and a beam that was opened: a reload brings back both texts', async () => {
    const parts = ['The president of the committee', 'thanked the members for their work'];
    await session.select('text.txt', SENTENCE);
    await session.host.run(async (api, _explain, texts) => {
      const editor = api.window.activeTextEditor;
      if (!editor) return;
      const { document } = editor;
      editor.selections = texts.map((text) => {
        const at = document.getText().indexOf(text);
        return new api.Selection(document.positionAt(at), document.positionAt(at + text.length));
      });
      await api.commands.executeCommand('explainAttention.compare');
    }, parts);
    const pair = () =>
      session.host.run((_api, explain) =>
        [explain?.pinned(), explain?.snapshot()].map((snapshot) => ({
          status: snapshot?.status,
          tokens: [...(snapshot?.source ?? []), ...(snapshot?.target ?? [])].map(({ id }) => id),
        })),
      );
    const pinnedText = async (): Promise<string> => {
      const panel = await PanelPage.find(session);
      const pinned = panel.frame.getByRole('listbox', { name: 'Pinned: Source tokens' });
      await pinned.waitFor();
      return (await pinned.getByRole('option').allInnerTexts()).join('').replace(/\s|<\/s>/g, '');
    };
    await settled(session);
    expect(await pinnedText()).toBe(parts[0]?.replace(/\s/g, ''));

    await session.workbench.command('Explain Attention: Show Generation');
    const { frame } = await GenerationPage.find(session);
    await frame.locator('.decoding > summary').click();
    await frame.getByRole('spinbutton', { name: 'Beams' }).fill('3');
    await frame.getByText('Write again', { exact: true }).click();
    await explanation(session, 'was searched for', (snapshot) => ended(snapshot) && snapshot.beams?.isDone === true);
    await frame.getByRole('treeitem', { name: 'beam 2' }).click();
    const { beams } = await explanation(
      session,
      'is the second beam',
      (snapshot) => ended(snapshot) && snapshot.beams?.opened === snapshot.beams?.ended[1]?.token,
    );
    const before = await place(session);
    expect(new Set(before.origins)).toEqual(new Set(['beam']));
    const both = await pair();
    await reloadWhenKept(session);
    await settled(session);
    await expect.poll(() => place(session), POLL).toEqual(before);
    expect((await settled(session)).beams).toEqual(beams);
    const restored = await GenerationPage.find(session);
    await restored.frame.getByRole('treeitem', { name: 'beam 2', selected: true }).waitFor();
    await expect.poll(pair, POLL).toEqual(both);
    expect(await pinnedText()).toBe(parts[0]?.replace(/\s/g, ''));
    await (await PanelPage.find(session)).frame.getByRole('button', { name: 'Unpin' }).click();
    await until('nothing to be pinned', () => session.host.run((_api, explain) => explain?.pinned() === null));
  });

  test('a word left out beside the plain text: a reload brings back both, and one button the text as it stands', async () => {
    await session.select('text.txt', SENTENCE);
    await explainSelection(session);
    const plain = await settled(session);
    const numbers = await weightsOf(session, plain.id, 'source', 1);
    const panel = await PanelPage.find(session);
    await until('the text in the panel', async () => (await panel.tokens('Source').count()) === plain.source.length);
    await panel.lock('Source', 1);
    await panel.frame.getByRole('button', { name: 'Explain without it, beside the plain one' }).click();
    const less = await explanation(session, 'lacks a word', (seen) => ended(seen) && seen.intervention !== null);
    expect(less.source.map(({ id }) => id)).toEqual(plain.source.filter((_, at) => at !== 1).map(({ id }) => id));
    const pinned = () => session.host.run((_api, explain) => explain?.pinned() ?? null);
    expect((await pinned())?.id).toBe(plain.id);

    await reloadWhenKept(session);
    const again = await settled(session);
    expect(again).toMatchObject({ source: less.source, target: less.target, intervention: less.intervention });
    await until('the plain text to be pinned again', async () => (await pinned())?.status === 'done');
    const { frame } = await PanelPage.find(session);
    await frame.getByText(/^Everything here is of the text without “\w+”/).waitFor();
    await frame.getByRole('button', { name: 'Put everything back' }).click();
    const back = await explanation(session, 'is whole', (seen) => ended(seen) && seen.intervention === null);
    expect(back).toMatchObject({ source: plain.source, target: plain.target });
    expect(await weightsOf(session, back.id, 'source', 1)).toEqual(numbers);
    await until('nothing to be pinned', async () => (await pinned()) === null);

    // The same with a head of the first layer off: its own numbers stay, those of the second layer are others.
    await session.host.run(async (api) => api.commands.executeCommand('explainAttention.showPanel'));
    const heads = await PanelPage.find(session);
    await heads.kind('encoder').click();
    await heads.atlas().first().click();
    await heads.frame.getByRole('button', { name: 'Switch off' }).click();
    await heads.frame.getByRole('button', { name: 'Explain without them, beside the plain one' }).click();
    const off = await explanation(
      session,
      'has a head off',
      (seen) => ended(seen) && seen.intervention?.off.length === 1,
    );
    const encoder = (list: typeof numbers): readonly number[] =>
      [...(list.find(({ kind, role }) => kind === 'encoder' && role === 'query')?.data ?? [])].map(Number);
    const now = encoder(await weightsOf(session, off.id, 'source', 1));
    const half = now.length / 2;
    expect(now.slice(0, half)).toEqual(encoder(numbers).slice(0, half));
    expect(now.slice(half)).not.toEqual(encoder(numbers).slice(half));
    await heads.frame.getByRole('button', { name: 'Put everything back' }).click();
    const on = await explanation(session, 'has all heads', (seen) => ended(seen) && seen.intervention === null);
    expect(await weightsOf(session, on.id, 'source', 1)).toEqual(numbers);

    // Nothing would be left: it says so, and what was there stays, with nothing pinned.
    await heads.frame.getByText(/^Everything here is of the text/).waitFor({ state: 'hidden' });
    const source = heads.tokens('Source');
    const own = on.source.flatMap(({ special }, at) => (special ? [] : [at]));
    await until('every word to be locked', async () => {
      const locked = await source.evaluateAll((nodes) => nodes.map((node) => node.classList.contains('locked')));
      const free = own.find((at) => locked[at] !== true);
      if (free !== undefined) await source.nth(free).click({ modifiers: ['Shift'] });
      return free === undefined;
    });
    await heads.frame.getByRole('button', { name: 'Explain without it, beside the plain one' }).click();
    await heads.frame.getByText(/^INVALID_REQUEST Without that, nothing of the text would be left/).waitFor();
    expect([(await snapshotOf(session))?.id, await pinned()]).toEqual([on.id, null]);
  });

  test('a reload after the text was edited says so instead of showing something else', async () => {
    await session.host.run(async (api) => {
      const uri = api.Uri.joinPath(api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/'), 'text.txt');
      const edit = new api.WorkspaceEdit();
      edit.insert(uri, new api.Position(1, 0), 'Yesterday, ');
      await api.workspace.applyEdit(edit);
      await (await api.workspace.openTextDocument(uri)).save();
    });
    await session.reload();
    const snapshot = await explanation(session, 'was refused', ({ status }) => status === 'failed');
    expect(snapshot.error?.code).toBe('DOCUMENT_CHANGED');
    const panel = await session.workbench.webview('body[data-view="panel"]');
    await panel
      .getByText(snapshot.error?.message ?? '')
      .first()
      .waitFor();

    // With the text as it was, Retry brings back what was there.
    await session.host.run(async (api) => {
      const uri = api.Uri.joinPath(api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/'), 'text.txt');
      const edit = new api.WorkspaceEdit();
      edit.delete(uri, new api.Range(1, 0, 1, 'Yesterday, '.length));
      await api.workspace.applyEdit(edit);
    });
    await panel.getByRole('button', { name: 'Retry' }).click();
    const back = await explanation(session, 'is back', (seen) => ended(seen) && seen.source.length > 0);
    expect(back.target.length).toBeGreaterThan(3);
  });
});
