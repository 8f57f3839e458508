import * as vscode from 'vscode';
import type { SequenceName, Token } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { ExplanationController } from '../run/explanation';

/** A token and its range in the document. */
export interface PlacedToken {
  readonly sequence: SequenceName;
  readonly index: number;
  readonly token: Token;
  readonly range: vscode.Range;
}

/**
 * Where the explained tokens are in the document; watches it, as an edit before or inside the explained text moves
 * them away: from then on nothing is placed any more.
 */
export class EditorText implements vscode.Disposable {
  readonly #controller: ExplanationController;
  readonly #subscriptions: vscode.Disposable[];

  constructor(controller: ExplanationController) {
    this.#controller = controller;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const { selected } = controller;
        if (!selected || document.uri.toString() !== selected.uri.toString()) return;
        if (contentChanges.some((change) => change.rangeOffset < selected.end)) controller.markStale();
      }),
      // A document that was closed may have been changed on disk before it is opened again.
      vscode.workspace.onDidOpenTextDocument((document) => {
        const { selected } = controller;
        if (!selected || document.uri.toString() !== selected.uri.toString()) return;
        const range = new vscode.Range(document.positionAt(selected.start), document.positionAt(selected.end));
        if (document.getText(range) !== selected.text) controller.markStale();
      }),
    ];
  }

  /** The open document that the explanation is of; undefined where it is closed or was edited. */
  get document(): vscode.TextDocument | undefined {
    const { selected, snapshot } = this.#controller;
    if (!selected || !snapshot || snapshot.stale) return undefined;
    return vscode.workspace.textDocuments.find((document) => document.uri.toString() === selected.uri.toString());
  }

  /** A token's range in the document; undefined where it has none. */
  place(sequence: SequenceName, index: number): PlacedToken | undefined {
    const { selected, snapshot } = this.#controller;
    const document = this.document;
    const token = snapshot?.[sequence][index];
    if (!document || !selected || !token || token.start < 0) return undefined;
    const range = new vscode.Range(
      document.positionAt(selected.start + token.start),
      document.positionAt(selected.start + token.end),
    );
    return { sequence, index, token, range };
  }

  /** The token at a position of the document. */
  at(document: vscode.TextDocument, position: vscode.Position): PlacedToken | undefined {
    const { selected, snapshot } = this.#controller;
    if (!selected || !snapshot || this.document !== document) return undefined;
    const offset = document.offsetAt(position) - selected.start;
    for (const sequence of ['source', 'target'] as const) {
      const index = snapshot[sequence].findIndex(({ start, end }) => start >= 0 && start <= offset && offset < end);
      if (index >= 0) return this.place(sequence, index);
    }
    return undefined;
  }

  /** Selects a token's text in the editor. @throws ExplainError DOCUMENT_CHANGED */
  async reveal(sequence: SequenceName, index: number): Promise<void> {
    const placed = this.place(sequence, index);
    if (!placed) {
      throw new ExplainError(
        'DOCUMENT_CHANGED',
        'This token has no place in the editor: it was generated, or the text was edited since.',
      );
    }
    const { document } = this;
    if (!document) return;
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
      preserveFocus: false,
    });
    editor.selection = new vscode.Selection(placed.range.start, placed.range.end);
    editor.revealRange(placed.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
