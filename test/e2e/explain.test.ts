/** What a user does: select, right-click, Explain Attention, hover, lock, choose heads, generate, branch, reload. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { until } from '../vscode/workbench';
import {
  branch,
  boxedPieces,
  colouredPieces,
  editorColours,
  explainSelection,
  explanation,
  GenerationPage,
  isColoured,
  largestOfEachHead,
  openExplained,
  PanelPage,
  settled,
  steadyColours,
  snapshotOf,
  weightsOf,
} from './support';

// “bigger” is two tokens of the model inside.
const SENTENCE = 'The woman who lives in the bigger house sold her car to a young man.';
const TEXT = `# A heading\n\n${SENTENCE}\nAnother line, which is not explained.\n`;
/** A sentence, which is a list, of which the model makes one as long as it can: its generation can be stopped on the way. */
const LONG =
  'Apples, pears, plums, cherries, oranges, lemons, bread, milk, butter, cheese, eggs, salt, pepper, sugar, tea, coffee, wine, beer, water, fish, meat, rice, beans, '.repeat(
    4,
  );

describe('Explain Attention', () => {
  let session: Session;
  beforeAll(async () => {
    session = await openExplained({
      files: { 'text.md': TEXT, 'long.txt': LONG },
      viewport: { width: 1600, height: 1000 },
    });
  });
  afterAll(() => session.close());

  test('costs nothing until it is used', async () => {
    const before = await session.host.run((api) => {
      const extension = api.extensions.getExtension('explain-attention.explain-attention');
      return { installed: extension !== undefined, active: extension?.isActive };
    });
    expect(before).toEqual({ installed: true, active: false });
  });

  test('the context menu has it only where text is selected', async () => {
    await session.select('text.md', [0, 0]);
    await session.workbench.rightClick();
    await session.workbench.page
      .locator('.monaco-menu')
      .getByRole('menuitem', { name: 'Command Palette...' })
      .waitFor();
    expect(await session.workbench.menuItem('Explain Attention').count()).toBe(0);
    await session.workbench.page.keyboard.press('Escape');
  });

  test('select, right-click, Explain Attention: a panel beside the editor with every token', async () => {
    await session.select('text.md', SENTENCE);
    await session.workbench.contextMenu('Explain Attention');
    const panel = await PanelPage.find(session);
    const { source, target, steps, title, error, stale } = await settled(session);
    expect({ title, error, stale }).toEqual({ title: 'text.md:3', error: null, stale: false });
    expect(
      source
        .filter(({ special }) => !special)
        .map(({ start, end }) => SENTENCE.slice(start, end))
        .join(''),
    ).toBe(SENTENCE);
    expect(steps.length).toBeGreaterThan(5);
    expect(target.length).toBe(steps.length + 1);
    await until(
      'all tokens in the panel',
      async () =>
        (await panel.tokens('Source').count()) === source.length &&
        (await panel.tokens('Generated').count()) === target.length,
    );
    const words = (await panel.texts('Source')).join(' ');
    for (const word of ['house', 'car', 'man']) expect(words).toContain(word);
    // While nothing is looked at, the editor has the panel's colours: what each word receives on average in the head on show.
    await until('the words’ colours in the editor', () => isColoured(session, 'house'));
    expect(await boxedPieces(session)).toBe(0);
    // The editor stays where it was, with its selection.
    expect(await session.host.run((api) => api.window.visibleTextEditors.map(({ viewColumn }) => viewColumn))).toEqual([
      1,
    ]);
  });

  test('weights and runtime come as they are: a server that packs what it sends was not made to', async () => {
    const files = await session.host.run(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => /\.onnx|\.wasm\.gz/.test(name))
        .map(({ name, encodedBodySize, decodedBodySize }) => ({
          name: /[\w-]+\.(?:onnx|wasm\.gz)/.exec(decodeURIComponent(name))?.[0],
          onTheWay: encodedBodySize,
          size: decodedBodySize,
        })),
    );
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['encoder_model.onnx', 'decoder_model_merged.onnx', 'ort-wasm-simd-threaded.wasm.gz']),
    );
    for (const { name, onTheWay, size } of files) {
      expect(size, name).toBeGreaterThan(1e6);
      expect(onTheWay, name).toBe(size);
    }
  });

  test('the overview has every layer and head of each kind, and a click chooses one', async () => {
    const panel = await PanelPage.find(session);
    const { model } = await settled(session);
    expect(model?.kinds.map(({ kind }) => kind)).toEqual(['encoder', 'decoder', 'cross']);
    for (const { kind, layers, heads } of model?.kinds ?? []) {
      await panel.kind(kind).click();
      await until(`the overview of ${kind}`, async () => (await panel.atlas().count()) === layers * heads);
      await panel
        .atlas()
        .nth(heads + 2)
        .click();
      await until('the chosen head', () =>
        session.host.run(
          (_api, explain, wanted) =>
            JSON.stringify(explain?.view(), ['kind', 'layer', 'head']) === JSON.stringify(wanted),
          { kind, layer: 1, head: 2 },
        ),
      );
    }
    await panel.atlas().nth(0).click();
    await panel.frame.locator('.atlas .atlas-pixels').waitFor();
  });

  test('a head is found by its role: first in the list, chosen by a click, and it looks there by the weights themselves', async () => {
    const panel = await PanelPage.find(session);
    const { id, source } = await settled(session);
    await panel.kind('encoder').click();
    const arrange = async (by: string): Promise<void> => {
      await panel.frame.locator('.by-role').click();
      await panel.frame.locator('.by-role vscode-option', { hasText: by }).click();
    };
    await arrange('Previous token');
    const first = panel.frame.locator('.ranked-head').first();
    await first.click();
    const [, layer = 0, head = 0, score = 0] = (
      /^Layer (\d+), head (\d+): previous token ([\d.]+)$/.exec((await first.getAttribute('title')) ?? '') ?? []
    ).map(Number);
    await until('the chosen head', () =>
      session.host.run(
        (_api, explain, wanted) => explain?.view().layer === wanted.layer && explain.view().head === wanted.head,
        { layer: layer - 1, head: head - 1 },
      ),
    );
    let sum = 0;
    let rows = 0;
    for (const [index, { special }] of source.entries()) {
      if (special || index === 0) continue;
      const row = (await weightsOf(session, id, 'source', index)).find(
        ({ kind, role }) => kind === 'encoder' && role === 'query',
      );
      sum += row?.data[((layer - 1) * row.heads + head - 1) * row.length + index - 1] ?? NaN;
      rows++;
    }
    expect(Math.abs(sum / rows - score)).toBeLessThan(0.006);
    await arrange('Layers and heads');
  });

  test('a head is switched off, the output stands beside the untouched one, and all is as before once it is on again', async () => {
    const panel = await PanelPage.find(session);
    const before = (await settled(session)).steps.map(({ chosen }) => chosen.id);
    await panel.frame.getByRole('button', { name: 'Switch off' }).click();
    await panel.frame.getByRole('table', { name: 'The tokens that change most' }).waitFor();
    await panel.frame
      .getByText(/^Mean log probability of the output: −[\d.]+ with all heads, −[\d.]+ without/)
      .waitFor();
    await panel.frame.getByRole('button', { name: 'All heads on' }).first().click();
    await panel.frame.locator('.heads-off').waitFor({ state: 'hidden' });
    expect((await settled(session)).steps.map(({ chosen }) => chosen.id)).toEqual(before);
  });

  test('words are left out one by one, the logit lens shows what each layer would write, and a token what it comes from', async () => {
    const panel = await PanelPage.find(session);
    const { source, target, model } = await settled(session);
    const atRest = await steadyColours(session);
    await panel.frame.locator('.left-out').getByRole('button', { name: 'Rank', exact: true }).click();
    await panel.frame.getByText(/^Coloured by how the log probability of the output changes/).waitFor();
    const words = await panel.frame.locator('.left-out-piece').allInnerTexts();
    expect(words.length).toBeGreaterThan(5);
    expect(words.join('').replace(/\s/g, '')).toBe(
      source
        .filter(({ special }) => !special)
        .map(({ text }) => text)
        .join('')
        .replace(/\s/g, ''),
    );
    // The same numbers colour the editor: the word without which most changes, and not one without which nothing does.
    const titles = await panel.frame
      .locator('.left-out-piece')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).title));
    const changes = titles
      .map((title) => /^Without “(\p{L}+)[^“]*: ([−\d.]+) nats/u.exec(title))
      .flatMap((found) => (found ? [{ word: found[1] ?? '', change: Number(found[2]?.replace('−', '-')) }] : []))
      .filter(({ word }) => SENTENCE.split(/\W/u).filter((one) => one === word).length === 1)
      .sort((one, other) => Math.abs(other.change) - Math.abs(one.change));
    const [most, least] = [changes[0], changes.at(-1)];
    if (!most || !least) throw new Error(`no words in ${titles.join('; ')}`);
    await until(
      'the costliest word to be coloured, by its cost',
      async () => (await isColoured(session, most.word)) && (await editorColours(session)).join() !== atRest.join(),
    );
    expect(await isColoured(session, least.word)).toBe(Math.abs(least.change / most.change) >= 0.02);
    await session.settings({ 'explainAttention.editorAnnotations': false });
    await until('no colours where the user wants none', async () => (await colouredPieces(session)) === 0);
    await session.settings({ 'explainAttention.editorAnnotations': undefined });
    await until('the colours to be back', () => isColoured(session, most.word));
    const byCost = await steadyColours(session);
    await panel.frame.locator('.left-out').getByRole('button', { name: 'Clear', exact: true }).click();
    await until('the colours of what each word receives', async () => {
      const now = await editorColours(session);
      return now.length > 0 && now.join() !== byCost.join();
    });
    await panel.frame.locator('.left-out-piece').first().waitFor({ state: 'detached' });
    await panel.frame.locator('.lens').getByRole('button', { name: 'Show' }).click();
    await panel.frame.locator('.lens-cell').first().waitFor();
    const layers = model?.kinds.find(({ kind }) => kind === 'cross')?.layers ?? 0;
    expect(await panel.frame.locator('.lens-cell').count()).toBe((layers + 1) * Math.min(24, target.length));
    // The last column is what the model wrote.
    const came = await panel.frame.locator('.lens-cell.right[data-row="0"]').last().innerText();
    expect(came.trim()).toBe(target[1]?.text.trim());
    await panel.frame.locator('.lens').getByRole('button', { name: 'Hide' }).click();
    // Where the first token's lead over the next one comes from: all heads, and the sum is the model's own number.
    const why = panel.frame.locator('.attribution');
    await why.getByRole('button', { name: 'Show' }).click();
    await why.locator('.attribution-cell').first().waitFor();
    const parts = (await why.locator('.attribution-parts td').allInnerTexts()).map((one) =>
      Number(one.replace('−', '-')),
    );
    expect(parts.slice(0, -1).reduce((sum, one) => sum + one, 0)).toBeCloseTo(parts.at(-1) ?? NaN, 2);
    await why.getByRole('button', { name: 'Hide' }).click();
  });

  test.each(['encoder', 'decoder', 'cross'] as const)(
    'hovering a token shows its weight in every head of %s, as the model computed it',
    async (kind) => {
      const panel = await PanelPage.find(session);
      await panel.kind(kind).click();
      const { id, model, source, target } = await settled(session);
      const info = model?.kinds.find((one) => one.kind === kind);
      if (!info) throw new Error(`no ${kind}`);
      const sequence = info.queries;
      await panel
        .tokens(sequence === 'source' ? 'Source' : 'Generated')
        .nth(3)
        .hover();
      const weights = (await weightsOf(session, id, sequence, 3)).find(
        (one) => one.kind === kind && one.role === 'query',
      );
      if (!weights) throw new Error('no weights');
      const keys = info.keys === 'source' ? source : target;
      const hidden = await session.host.run((_api, explain, of) => explain?.view().hideSpecial[of] ?? false, kind);
      const expected = largestOfEachHead(weights, (index) => !(hidden && keys[index]?.special));
      // The grid first shows what was there; it is right when its numbers are those of the engine.
      await until('the numbers of the engine in the grid', async () => {
        const shown = await panel.gridNumbers(info.layers * info.heads);
        return shown.every((number, index) => Math.abs(number - (expected[index] ?? NaN)) < 6e-5);
      });
      for (let row = 0; row < weights.layers * weights.heads; row++) {
        const sum = weights.data
          .subarray(row * weights.length, (row + 1) * weights.length)
          .reduce((total, weight) => total + weight, 0);
        expect(sum).toBeCloseTo(1, 4);
      }
    },
  );

  test('a click locks the token, another hover compares with it, Escape frees it', async () => {
    const panel = await PanelPage.find(session);
    await panel.kind('encoder').click();
    const focus = () => session.host.run((_api, explain) => explain?.focus() ?? null);
    await panel.tokens('Source').nth(4).click();
    await until('the lock in the host', async () => (await focus())?.locked === true);
    await panel.tokens('Source').nth(6).hover();
    expect(await focus()).toMatchObject({ sequence: 'source', indices: [4], locked: true });
    await panel.frame.locator('.token.locked').waitFor();
    await session.workbench.page.keyboard.press('Escape');
    await until('the token to be free', async () => (await focus())?.locked !== true);
  });

  test('words to begin with: a word in the panel is all of its tokens, and the editor’s card is about words too', async () => {
    const panel = await PanelPage.find(session, 'Words');
    await panel.kind('encoder').click();
    const { source } = await settled(session);
    const starts = source.flatMap(({ joins }, index) => (joins === true ? [] : [index]));
    expect(starts.length).toBeLessThan(source.length);
    const words = panel.frame.getByRole('listbox', { name: 'Source words' }).getByRole('option');
    await until('every word in the panel', async () => (await words.count()) === starts.length);
    const at = starts.findIndex((start, word) => (starts[word + 1] ?? source.length) - start > 1);
    const from = starts[at] ?? -1;
    const indices = Array.from({ length: (starts[at + 1] ?? source.length) - from }, (_, piece) => from + piece);
    await words.nth(at).click();
    await until('the whole word locked in the host', () =>
      session.host.run(
        (_api, explain, wanted) => JSON.stringify(explain?.focus()?.indices) === JSON.stringify(wanted),
        indices,
      ),
    );
    const word = SENTENCE.slice(source[from]?.start, source[indices.at(-1) ?? -1]?.end).trim();
    const cards = await session.host.run(async (api, _explain, part) => {
      const editor = api.window.visibleTextEditors[0];
      if (!editor) return [];
      const place = editor.document.positionAt(editor.document.getText().indexOf(part) + part.length - 1);
      const hovers = await api.commands.executeCommand<{ contents: { value: string }[] }[]>(
        'vscode.executeHoverProvider',
        editor.document.uri,
        place,
      );
      return hovers.flatMap(({ contents }) => contents.map(({ value }) => value));
    }, word);
    expect(cards.join('\n')).toContain(`“${word}”`);
    await panel.frame.locator('.token.locked').first().focus();
    await session.workbench.page.keyboard.press('Escape');
    await panel.show('Tokens');
  });

  test('alignment: a French word that comes from one English word for the most part lights that one up in the editor', async () => {
    const panel = await PanelPage.find(session);
    await settled(session);
    await panel.kind('cross').click();
    const french = panel.frame.locator('.alignment .aligned-line').nth(1).locator('.aligned-word');
    const [label = '', english = ''] = await until('a French word that comes from an English one', async () => {
      const labels = await french.evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-label') ?? ''));
      const found = labels.map((one) => /^“.+?” from “(\p{L}{3,})” (?:0\.[5-9]|1\.)/u.exec(one));
      return found.find((one) => SENTENCE.split(/\W/u).filter((word) => word === one?.[1]).length === 1) ?? undefined;
    });
    const others = SENTENCE.split(/\W+/u).filter((word) => word !== '' && word !== english);
    await panel.frame.getByRole('button', { name: label }).first().hover();
    await until('the alignment to be looked at', () =>
      session.host.run((_api, explain) => explain?.focus()?.by === 'alignment'),
    );
    await until('the English word alone to light up in the editor', async () => {
      const coloured = await Promise.all([english, ...others].map((word) => isColoured(session, word)));
      return coloured[0] === true && coloured.filter(Boolean).length < coloured.length;
    });
    await panel.kind('encoder').click();
  });

  test('the editor is coloured by the hovered token’s weights, and a hover in the editor shows a card', async () => {
    const panel = await PanelPage.find(session);
    const { id, source } = await settled(session);
    // The head in which the token looks most at another word: special tokens have no place in the editor.
    const weights = (await weightsOf(session, id, 'source', 4)).find(
      ({ kind, role }) => kind === 'encoder' && role === 'query',
    );
    const most = weights ? largestOfEachHead(weights, (index) => source[index]?.special === false) : [];
    const atRest = await steadyColours(session);
    await panel.tokens('Source').nth(4).click();
    await panel
      .numbers()
      .nth(most.indexOf(Math.max(...most)))
      .click();
    const coloured = () => colouredPieces(session);
    await until('the token’s own colours in the editor', async () => {
      const now = await editorColours(session);
      return (await boxedPieces(session)) === 1 && now.length > 0 && now.join() !== atRest.join();
    });
    await session.settings({ 'explainAttention.editorAnnotations': false });
    await until('no colours where the user wants none', async () => (await coloured()) === 0);
    await session.settings({ 'explainAttention.editorAnnotations': undefined });
    await until('the colours to be back', async () => (await coloured()) > 0);

    const hover = session.workbench.page.locator('.monaco-hover:not(.hidden)', { hasText: 'Attention of' }).first();
    const word = session.workbench.page
      .locator('.editor-group-container .view-line', { hasText: 'The woman who lives' })
      .first();
    const box = await word.boundingBox();
    if (!box) throw new Error('The line is not on screen.');
    // A click first: after a right-click's menu VS Code's editor waits for one before it shows a hover again.
    await session.workbench.page.mouse.click(box.x + 300, box.y + 200);
    await until('the hover card', async () => {
      await session.workbench.page.mouse.move(box.x + 300, box.y + 200);
      await session.workbench.page.mouse.move(box.x + 60, box.y + box.height / 2, { steps: 5 });
      await hover.waitFor({ timeout: 5000 });
      return true;
    });
    const card = await hover.innerText();
    expect(card).toMatch(/Encoder self-attention/);
    expect(card).toMatch(/0\.\d{3}/);

    // An edit of another line, which moves nothing of the text, leaves it coloured; an edit of the text itself does not.
    const type = async (at: number): Promise<void> => {
      await session.select('text.md', [at, at]);
      await session.workbench.page.keyboard.type('x');
      await until('what was typed', () =>
        session.host.run(
          (api, _explain, offset) => api.window.activeTextEditor?.document.getText().charAt(offset) === 'x',
          at,
        ),
      );
    };
    const undo = async (): Promise<void> => {
      await session.host.run((api) => api.commands.executeCommand('undo'));
      await until('the text as it was', () =>
        session.host.run((api, _explain, text) => api.window.activeTextEditor?.document.getText() === text, TEXT),
      );
    };
    await type(0);
    expect((await snapshotOf(session))?.stale).toBe(false);
    expect(await coloured()).toBeGreaterThan(0);
    await undo();
    await type(TEXT.indexOf(SENTENCE));
    await until('the colours to be gone', async () => (await coloured()) === 0);
    expect((await snapshotOf(session))?.stale).toBe(true);
    await undo();
  });

  test('generation: stop, step, run, restart, and a branch on an alternative', async () => {
    await session.select('text.md', SENTENCE);
    const before = (await snapshotOf(session))?.id;
    await session.workbench.contextMenu('Explain Attention');
    const first = await settled(session, before);
    await session.workbench.command('Explain Attention: Show Generation');
    const generation = await GenerationPage.find(session);
    await until('a row for each step', async () => (await generation.steps().count()) === first.steps.length);

    // Every step: ten alternatives of a softmax over the whole vocabulary, the greedy one first.
    for (const { top, chosen, origin } of first.steps) {
      expect(top).toHaveLength(10);
      expect(origin).toBe('greedy');
      expect(top[0]?.id).toBe(chosen.id);
      const mass = top.reduce((sum, { probability }) => sum + probability, 0);
      expect(mass).toBeGreaterThan(0);
      expect(mass).toBeLessThanOrEqual(1 + 1e-5);
      top
        .slice(1)
        .forEach(({ probability }, index) => expect(probability).toBeLessThanOrEqual(top[index]?.probability ?? 0));
    }

    const other = first.steps[1]?.top[1];
    const branched = await branch(session, generation, 1, 1);
    expect(branched.steps[1]?.chosen.id).toBe(other?.id);
    expect(branched.steps[0]?.chosen.id).toBe(first.steps[0]?.chosen.id);
    expect(branched.steps[1]).toMatchObject({ origin: 'branch', rank: 2 });
    expect(branched.steps[1]?.chosen.probability).toBeCloseTo(other?.probability ?? NaN, 5);

    await generation.button('Restart').click();
    const restarted = await explanation(
      session,
      'has started again',
      ({ status, steps }) => status !== 'generating' && steps.every(({ origin }) => origin === 'greedy'),
    );
    expect(restarted.steps.length).toBeLessThan(first.steps.length);
    await generation.button('Step').click();
    await explanation(
      session,
      'has one step more',
      ({ status, steps }) => status === 'paused' && steps.length === restarted.steps.length + 1,
    );
    await generation.button('Run').click();
    const again = await explanation(
      session,
      'has run to its end',
      ({ status, end }) => status === 'done' && end === 'end-of-sequence',
    );
    expect(again.target.map((token) => token.id)).toEqual(first.target.map((token) => token.id));
  });

  test('Stop, clicked while it generates, keeps what is there, and Run goes on as if nothing had been', async () => {
    const most = (tokens: number): Promise<void> => session.settings({ 'explainAttention.maxNewTokens': tokens });
    await most(4);
    await session.select('long.txt', [0, LONG.length]);
    await explainSelection(session);
    expect((await settled(session)).steps).toHaveLength(4);
    const generation = await GenerationPage.find(session);
    await most(2048);
    await generation.stopBeyond(4);
    await generation.button('Run').click();
    const stopped = await explanation(
      session,
      'is paused',
      ({ status, end }) => status === 'paused' && end === 'stopped',
    );
    const kept = stopped.steps.length;
    expect(kept).toBeGreaterThan(4);
    expect(kept).toBeLessThan(2048);
    // It has really stopped, and the view says so.
    await generation.frame.getByText(`${kept} tokens. Stopped by you.`).first().waitFor();
    expect(await generation.steps().count()).toBe(kept);
    expect(await snapshotOf(session)).toMatchObject({
      status: 'paused',
      revision: stopped.revision,
      steps: stopped.steps,
    });

    await most(20);
    await generation.button('Run').click();
    const on = await explanation(
      session,
      'has gone on',
      ({ status, steps }) => status === 'paused' && steps.length > kept,
    );
    expect(on).toMatchObject({ end: 'steps' });
    expect(on.steps).toHaveLength(kept + 20);
    // The same text without a stop.
    await generation.button('Restart').click();
    await explanation(session, 'has started again', ({ status, steps }) => status === 'paused' && steps.length === 0);
    await most(kept + 20);
    await generation.button('Run').click();
    const whole = await explanation(
      session,
      'is whole',
      ({ status, steps }) => status === 'paused' && steps.length > 0,
    );
    expect(on.target.map(({ id }) => id)).toEqual(whole.target.map(({ id }) => id));
    expect(on.steps.map(({ chosen }) => chosen.probability)).toEqual(
      whole.steps.map(({ chosen }) => expect.closeTo(chosen.probability, 5) as number),
    );
    await session.settings({ 'explainAttention.maxNewTokens': undefined });
    await session.select('text.md', SENTENCE);
    await explainSelection(session);
  });

  test('a text of one’s own, teacher-forced, has its probabilities', async () => {
    const generation = await GenerationPage.find(session);
    await generation.force('La femme a vendu sa voiture.');
    const forced = await explanation(
      session,
      'is forced',
      ({ status, steps }) =>
        status !== 'generating' && steps.length > 3 && steps.every(({ origin }) => origin === 'forced'),
    );
    expect(forced.target.map(({ text }) => text).join('')).toContain('voiture');
    for (const { chosen, rank } of forced.steps) {
      expect(chosen.probability).toBeGreaterThan(0);
      expect(rank).toBeGreaterThanOrEqual(1);
    }
  });

  test('no report against the content security policy, no error that nobody caught', async () => {
    const { cspReports, pageErrors } = session.workbench;
    expect({ cspReports, pageErrors }).toEqual({ cspReports: [], pageErrors: [] });
    // A report would have been heard: this is one.
    const { frame } = await PanelPage.find(session);
    await frame.evaluate(() => document.body.setAttribute('style', 'color: red'));
    await until('the report', () => Promise.resolve(cspReports.length > 0));
  });
});
