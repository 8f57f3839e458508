import * as vscode from 'vscode';
import { axisWithin } from '../../measure/units';
import { wholeView } from '../../protocol/defaultView';
import { cardMarkdown } from './cardMarkdown';
import { focusQuery } from './focusQuery';
import type { EditorText } from './editorText';
import { shownNumbers } from './shownNumbers';
import type { ExplanationController } from '../run/explanationController';
import type { SharedView } from '../run/sharedView';

/** The editor's hover card: the strongest heads of the token or word under the cursor, and where they look. */
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
    if (snapshot?.early !== false) return undefined;
    const view = wholeView(this.#view.view);
    const axis = axisWithin(view.axis, snapshot.source, snapshot.target);
    const placed = this.#text.at(document, position, axis);
    if (!placed) return undefined;
    const { sequence, unit } = placed;
    const indices = unit.pieces.map((_, piece) => unit.from + piece);
    if (this.#view.focus?.locked !== true) this.#view.setFocus({ sequence, indices, locked: false, from: 'editor' });
    const abort = new AbortController();
    cancel.onCancellationRequested(() => abort.abort());
    try {
      const query = focusQuery(snapshot.id, { sequence, indices }, view, axis);
      const { list } = await shownNumbers(this.#controller.engineFor(snapshot.id), view, query, abort.signal);
      const card = new vscode.MarkdownString(cardMarkdown(snapshot, { ...view, axis }, placed, list), false);
      // What they are anyway; a card must never become HTML or run a command, whatever a later default is.
      card.supportHtml = false;
      card.isTrusted = false;
      return new vscode.Hover(card, placed.range);
    } catch {
      return undefined;
    }
  }
}
