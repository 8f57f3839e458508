import * as vscode from 'vscode';
import { cardMarkdown } from './cardMarkdown';
import type { EditorText } from './editorText';
import type { ExplanationController } from '../run/explanationController';
import type { SharedView } from '../run/sharedView';

/** The editor's hover card: the strongest heads of the token under the cursor, and where they look. */
export class AttentionHover implements vscode.HoverProvider {
  readonly #controller: ExplanationController;
  readonly #view: SharedView;
  readonly #text: EditorText;

  constructor(controller: ExplanationController, view: SharedView, text: EditorText) {
    this.#controller = controller;
    this.#view = view;
    this.#text = text;
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancel: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const { snapshot } = this.#controller;
    const placed = this.#text.at(document, position);
    if (snapshot?.early !== false || !placed) return undefined;
    const { sequence, index } = placed;
    if (this.#view.focus?.locked !== true)
      this.#view.setFocus({ sequence, indices: [index], locked: false, from: 'editor' });
    const abort = new AbortController();
    cancel.onCancellationRequested(() => abort.abort());
    try {
      const weights = await this.#controller
        .engineFor(snapshot.id)
        .tokenWeights({ explanation: snapshot.id, sequence, indices: [index] }, abort.signal);
      const card = new vscode.MarkdownString(cardMarkdown(snapshot, this.#view.view, placed, weights), false);
      // What they are anyway; a card must never become HTML or run a command, whatever a later default is.
      card.supportHtml = false;
      card.isTrusted = false;
      return new vscode.Hover(card, placed.range);
    } catch {
      return undefined;
    }
  }
}
