import type { Frame, Locator } from 'playwright-core';
import { existsSync } from 'node:fs';
import type { AttentionKind, SequenceName, TokenWeights } from '../../src/attention/types';
import type { ExplanationSnapshot } from '../../src/protocol/panel';
import { packagePath } from '../package.mjs';
import { afterEach } from 'vitest';
import { reportOpenSessions, Session, type SessionOptions } from '../vscode/session';
import { until } from '../vscode/workbench';

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await reportOpenSessions(task.name);
});

/** The package that people install. @throws where `npm run package` has not been run */
export async function builtPackage(): Promise<string> {
  const path = await packagePath();
  if (!existsSync(path)) throw new Error(`There is no ${path}: run npm run package first (npm run test:e2e does).`);
  return path;
}

/** VS Code with the packaged extension installed. */
export async function openExplained(
  options: Omit<SessionOptions, 'extensions'> & { readonly extensions?: readonly string[] },
): Promise<Session> {
  return Session.open({ ...options, extensions: options.extensions ?? [await builtPackage()] });
}

/** The current explanation, read in the extension host. */
export function snapshotOf(session: Session): Promise<ExplanationSnapshot | null> {
  return session.host.run((_api, explain) => explain?.snapshot() ?? null);
}

/** Waits for an explanation, other than `before`, that satisfies `is`. */
export function explanation(
  session: Session,
  what: string,
  is: (snapshot: ExplanationSnapshot) => boolean,
  before?: string,
): Promise<ExplanationSnapshot> {
  let last: ExplanationSnapshot | null = null;
  return until(`an explanation that ${what}`, async () => {
    last = await snapshotOf(session);
    if (last && last.id !== before && is(last)) return last;
    // What is there instead belongs into the message of a failure.
    throw new Error(
      last
        ? `It is ${last.status} (${last.error?.code ?? 'no error'}) with ${last.source.length} and ${last.target.length} tokens.`
        : 'There is none.',
    );
  });
}

/** True where nothing runs any more and nothing failed. */
export const ended = ({ status }: ExplanationSnapshot): boolean => status === 'done' || status === 'paused';

/** Waits until an explanation has ended; throws if it failed. */
export async function settled(session: Session, before?: string): Promise<ExplanationSnapshot> {
  const snapshot = await explanation(session, 'has ended', (seen) => ended(seen) || seen.status === 'failed', before);
  if (snapshot.status === 'failed')
    throw new Error(`${snapshot.error?.code ?? ''}: ${snapshot.error?.message ?? ''} ${snapshot.error?.detail ?? ''}`);
  return snapshot;
}

/** Makes a folder of the workspace the current model; what is on show is explained again on it. */
export function useFolder(session: Session, name: string): Promise<void> {
  return session.host.run(async (api, _explain, folder) => {
    const root = api.workspace.workspaceFolders?.[0]?.uri ?? api.Uri.file('/');
    await api.commands.executeCommand('explainAttention.useFolder', api.Uri.joinPath(root, folder));
  }, name);
}

/** Selects `text` in `file`, explains it, and waits for its end. */
export async function explainText(session: Session, file: string, text: string): Promise<ExplanationSnapshot> {
  const before = (await snapshotOf(session))?.id;
  await session.select(file, text);
  await explainSelection(session);
  return settled(session, before);
}

/** Runs the command on the current selection and waits for its end, however it ends. */
export async function explainSelection(session: Session): Promise<ExplanationSnapshot | null> {
  await session.host.run(async (api) => {
    await api.commands.executeCommand('explainAttention.explain');
  });
  return snapshotOf(session);
}

/** The colours that pieces of text in the editor have now, in their order; in other places, or for another token, they are others. */
export function editorColours(session: Session): Promise<readonly string[]> {
  return session.workbench.page.evaluate(() => {
    const plain = new Set(['rgba(0, 0, 0, 0)', '']);
    return [...document.querySelectorAll('.monaco-editor .view-overlays [class*="ced-"]')]
      .map((node) => getComputedStyle(node).backgroundColor)
      .filter((colour) => !plain.has(colour));
  });
}

/** The editor's colours once they have not changed for a second: they are painted after what they are of has come, a level at a time. */
export async function steadyColours(
  session: Session,
  are: (colours: readonly string[]) => boolean = (colours) => colours.length > 0,
): Promise<readonly string[]> {
  let last: readonly string[] = [];
  let since = Date.now();
  return until('colours in the editor that stay', async () => {
    const now = await editorColours(session);
    if (now.join() !== last.join()) since = Date.now();
    last = now;
    return are(now) && Date.now() - since > 1000 && now;
  });
}

/** How many pieces of text the editor colours now. */
export const colouredPieces = async (session: Session): Promise<number> => (await editorColours(session)).length;

/** How many pieces of text have the box of what is looked at. */
export function boxedPieces(session: Session): Promise<number> {
  return session.workbench.page.evaluate(
    () =>
      [...document.querySelectorAll('.monaco-editor .view-overlays [class*="ced-"]')].filter((node) => {
        const { borderTopStyle, borderTopWidth } = getComputedStyle(node);
        return borderTopStyle === 'solid' && borderTopWidth === '1px';
      }).length,
  );
}

/** True where the editor colours a word of its text, which stands there once. */
export function isColoured(session: Session, word: string): Promise<boolean> {
  return session.workbench.page.evaluate((wanted) => {
    const plain = new Set(['rgba(0, 0, 0, 0)', '']);
    const boxes = [...document.querySelectorAll('.monaco-editor .view-overlays [class*="ced-"]')]
      .filter((node) => !plain.has(getComputedStyle(node).backgroundColor))
      .map((node) => node.getBoundingClientRect());
    return [...document.querySelectorAll('.editor-group-container .view-line')].some((line) => {
      const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const at = (text.textContent ?? '').search(new RegExp(`(?<!\\p{L})${wanted}(?!\\p{L})`, 'u'));
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + wanted.length);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        if (boxes.some((box) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom)) return true;
      }
      return false;
    });
  }, word);
}

/** One token's exact weights in every head, from the engine. */
export function weightsOf(
  session: Session,
  explanationId: string,
  sequence: SequenceName,
  index: number,
): Promise<readonly TokenWeights[]> {
  return session.host.run((_api, explain, request) => explain?.tokenWeights(request) ?? Promise.resolve([]), {
    explanation: explanationId,
    sequence,
    indices: [index],
  });
}

/** The panel's page, and its parts by what a screen reader calls them. */
export class PanelPage {
  private constructor(readonly frame: Frame) {}

  /** The panel, brought to what a test is about: tokens, for most. */
  static async find(session: Session, axis: 'Words' | 'Tokens' = 'Tokens'): Promise<PanelPage> {
    const panel = new PanelPage(await session.workbench.webview('body[data-view="panel"] [role="listbox"]'));
    await panel.show(axis);
    return panel;
  }

  /** Chooses words or tokens, where the text has both. */
  async show(axis: 'Words' | 'Tokens'): Promise<void> {
    const choice = this.frame.getByRole('radio', { name: axis });
    if ((await choice.isEnabled()) && (await choice.getAttribute('aria-checked')) !== 'true') await choice.click();
    await this.frame
      .getByRole('listbox', { name: new RegExp(axis, 'i') })
      .first()
      .waitFor();
  }

  tokens(sequence: 'Source' | 'Generated'): Locator {
    return this.frame.getByRole('listbox', { name: `${sequence} tokens` }).getByRole('option');
  }

  /** Locks a token as a user does, who sees where a click was lost: one meets nothing while another text takes the place of one. */
  async lock(sequence: 'Source' | 'Generated', index: number): Promise<void> {
    const token = this.tokens(sequence).nth(index);
    const isLocked = (): Promise<boolean> => token.evaluate((node) => node.classList.contains('locked'));
    await until('the token to be locked', async () => {
      if (!(await isLocked())) await token.click();
      return isLocked();
    });
  }

  /** The layer × head grid with a number in each cell. */
  numbers(): Locator {
    return this.frame.getByRole('grid', { name: 'The number of every layer and head' }).getByRole('gridcell');
  }

  /** The tab of one kind of attention. */
  kind(kind: AttentionKind): Locator {
    return this.frame.getByRole('tab', {
      name: { encoder: 'Encoder self-attention', decoder: 'Masked decoder self-attention', cross: 'Cross-attention' }[
        kind
      ],
      exact: true,
    });
  }

  /** The overview of all heads. */
  atlas(): Locator {
    return this.frame.getByRole('grid', { name: 'Layers and heads' }).getByRole('gridcell');
  }

  async texts(sequence: 'Source' | 'Generated'): Promise<readonly string[]> {
    return this.tokens(sequence).allInnerTexts();
  }

  /** The numbers of the grid as its tooltips say them, once all are there. */
  async gridNumbers(count: number): Promise<readonly number[]> {
    return until(`${count} numbers in the grid`, async () => {
      const labels = await this.numbers().evaluateAll((cells) => cells.map((cell) => cell.getAttribute('title') ?? ''));
      const numbers = labels.map((label) => Number(/: (?:sink mass )?([\d.e-]+)/.exec(label)?.[1] ?? NaN));
      return numbers.length === count && numbers.every(Number.isFinite) ? numbers : undefined;
    });
  }
}

/** The generation view's page. */
export class GenerationPage {
  private constructor(readonly frame: Frame) {}

  static async find(session: Session): Promise<GenerationPage> {
    return new GenerationPage(await session.workbench.webview('body[data-view="generation"] [role="toolbar"]'));
  }

  button(name: 'Step' | 'Run' | 'Stop' | 'Restart' | 'Score'): Locator {
    return this.frame.getByRole('button', { name: new RegExp(`^${name}\\b`) });
  }

  /** The steps so far. */
  steps(): Locator {
    return this.frame.getByRole('listbox', { name: 'Generated tokens' }).getByRole('option');
  }

  /** The ten most probable tokens of the chosen step. */
  alternatives(): Locator {
    return this.frame.getByRole('group', { name: /^Most probable next tokens/ }).getByRole('button');
  }

  /**
   * Has *Stop* clicked as soon as more than so many steps stand there. The page itself does it: the model writes some
   * hundred tokens a second, and a click that is sent from here may come after the last.
   */
  async stopBeyond(steps: number): Promise<void> {
    await this.frame.evaluate((most) => {
      const timer = setInterval(() => {
        const stop = [...document.querySelectorAll<HTMLElement>('vscode-button')].find(
          (button) => button.textContent.trim() === 'Stop' && button.checkVisibility(),
        );
        if (!stop || document.querySelectorAll('[role="option"]').length <= most) return;
        clearInterval(timer);
        stop.click();
      }, 20);
    }, steps);
  }

  /** Teacher-forces a text. */
  async force(text: string): Promise<void> {
    await this.frame.getByRole('textbox').fill(text);
    await this.button('Score').click();
  }
}

/** Teacher-forces a text, and branches from its fourth token to the likeliest other one; resolves when that has been generated. */
export async function forceAndBranch(
  session: Session,
  generation: GenerationPage,
  text: string,
): Promise<ExplanationSnapshot> {
  await generation.force(text);
  const forced = await explanation(
    session,
    'is forced',
    (snapshot) =>
      ended(snapshot) && snapshot.steps.length > 4 && snapshot.steps.every(({ origin }) => origin === 'forced'),
  );
  const { top = [], chosen } = forced.steps[3] ?? {};
  return branch(
    session,
    generation,
    3,
    top.findIndex(({ id }) => id !== chosen?.id),
  );
}

/** Branches in the generation view: goes on from `step` with one of its alternatives (0 is the most probable). */
export async function branch(
  session: Session,
  generation: GenerationPage,
  step: number,
  alternative: number,
): Promise<ExplanationSnapshot> {
  const wanted = (await snapshotOf(session))?.steps[step]?.top[alternative]?.id;
  if (wanted === undefined) throw new Error(`Step ${step} has no alternative ${alternative}.`);
  await generation.steps().nth(step).click();
  await generation.alternatives().nth(alternative).click();
  return explanation(
    session,
    'has branched',
    (snapshot) => ended(snapshot) && snapshot.steps[step]?.chosen.id === wanted,
  );
}

/** Reloads the window once what its webviews want kept is kept: it goes to VS Code by a message that nothing here can see arrive. */
export async function reloadWhenKept(session: Session): Promise<void> {
  await session.workbench.page.waitForTimeout(1500);
  await session.reload();
}

/** Each head's largest weight, [layer][head], over the tokens that `may` be shown. */
export function largestOfEachHead(
  { layers, heads, length, data }: TokenWeights,
  may: (index: number) => boolean = () => true,
): readonly number[] {
  return Array.from({ length: layers * heads }, (_, row) => {
    let largest = 0;
    for (let i = 0; i < length; i++) if (may(i)) largest = Math.max(largest, data[row * length + i] ?? 0);
    return largest;
  });
}
