import * as vscode from 'vscode';
import { rowOf } from '../../attention/rows';
import type { TokenWeights } from '../../attention/types';
import type { ExplanationSnapshot, TokenFocus } from '../../protocol/panel';
import type { EditorText } from './editorText';
import type { ExplanationController } from '../run/explanation';
import { readSettings, SETTINGS_SECTION } from '../settings';
import type { SharedView } from '../run/view';

/** Weight levels, each with a colour that the theme can set: `explainAttention.weight1` to `8`. */
const LEVELS = 8;
/** Below this a weight is not coloured: it would only grey the text. */
const FAINTEST = 0.02;

/** Colours the explained text in the editor by the weights of the token that is hovered, focused or locked. */
export class EditorAnnotations implements vscode.Disposable {
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #text: EditorText;
  readonly #levels: readonly vscode.TextEditorDecorationType[];
  readonly #focused: vscode.TextEditorDecorationType;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #painting: AbortController | undefined;
  #painted: string | undefined;

  constructor(controller: ExplanationController, view: SharedView, text: EditorText) {
    this.#controller = controller;
    this.#view = view;
    this.#text = text;
    this.#levels = Array.from({ length: LEVELS }, (_, level) =>
      vscode.window.createTextEditorDecorationType({
        backgroundColor: new vscode.ThemeColor(`explainAttention.weight${level + 1}`),
        borderRadius: '2px',
      }),
    );
    this.#focused = vscode.window.createTextEditorDecorationType({
      border: '1px solid',
      borderColor: new vscode.ThemeColor('focusBorder'),
      borderRadius: '2px',
    });
    this.#subscriptions = [
      controller.onDidChange((snapshot) => this.#onSnapshot(snapshot)),
      view.onDidChangeFocus(() => void this.#paint()),
      view.onDidChangeView(() => void this.#paint()),
      vscode.window.onDidChangeVisibleTextEditors(() => void this.#paint()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SETTINGS_SECTION}.editorAnnotations`)) void this.#paint();
      }),
      ...this.#levels,
      this.#focused,
    ];
  }

  clear(): void {
    this.#painting?.abort();
    for (const editor of vscode.window.visibleTextEditors) {
      for (const decoration of [...this.#levels, this.#focused]) editor.setDecorations(decoration, []);
    }
  }

  dispose(): void {
    this.clear();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #onSnapshot(snapshot: ExplanationSnapshot | null): void {
    const { focus } = this.#view;
    // A token that is locked before the text has been read (after a reload) is coloured once it is there.
    const isThere = snapshot && focus && focus.indices.every((index) => index < snapshot[focus.sequence].length);
    const key = snapshot && !snapshot.stale ? `${snapshot.id} ${isThere === true}` : undefined;
    if (key === this.#painted) return;
    this.#painted = key;
    if (key === undefined) this.clear();
    else void this.#paint();
  }

  async #paint(): Promise<void> {
    this.#painting?.abort();
    const { document } = this.#text;
    const { focus } = this.#view;
    const { snapshot } = this.#controller;
    if (
      !document ||
      !focus ||
      !snapshot ||
      !readSettings().editorAnnotations ||
      snapshot.model?.exactOffsets === false
    ) {
      this.clear();
      return;
    }
    const painting = new AbortController();
    this.#painting = painting;
    try {
      const { sequence, indices } = focus;
      const weights = await this.#controller
        .engineFor(snapshot.id)
        .tokenWeights({ explanation: snapshot.id, sequence, indices }, painting.signal);
      if (!painting.signal.aborted) this.#apply(document, snapshot, focus, weights);
    } catch {
      // Aborted by the next hover, or the explanation is gone: the next snapshot clears what is coloured.
    }
  }

  #apply(
    document: vscode.TextDocument,
    snapshot: ExplanationSnapshot,
    focus: TokenFocus,
    weights: readonly TokenWeights[],
  ): void {
    const found = rowOf(weights, this.#view.view);
    const info = snapshot.model?.kinds.find(({ kind }) => kind === found?.of.kind);
    const ranges: vscode.Range[][] = Array.from({ length: LEVELS }, () => []);
    if (found && info) {
      const hide = this.#view.view.hideSpecial[info.kind];
      snapshot[info.keys].forEach((token, index) => {
        const weight = found.row[index] ?? 0;
        if (weight < FAINTEST || (hide && token.special)) return;
        const placed = this.#text.place(info.keys, index);
        if (placed) ranges[Math.min(LEVELS - 1, Math.floor(weight * LEVELS))]?.push(placed.range);
      });
    }
    const own = focus.indices.flatMap((index) => this.#text.place(focus.sequence, index)?.range ?? []);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document) continue;
      this.#levels.forEach((decoration, level) => editor.setDecorations(decoration, ranges[level] ?? []));
      editor.setDecorations(this.#focused, own);
    }
  }
}
