import * as vscode from 'vscode';

/**
 * Which editor a command means: the active text editor; or, while a panel of this extension is in front, the one that
 * was active right before it and is still to be seen. Nothing is guessed: with a preview, a picture or a file too large
 * for extensions in front, there is none.
 */
export class ActiveEditor implements vscode.Disposable {
  readonly #ownPanel: string;
  readonly #subscriptions: readonly vscode.Disposable[];
  #last: vscode.TextEditor | undefined = vscode.window.activeTextEditor;

  /** @param ownPanel the view type of this extension's panels */
  constructor(ownPanel: string) {
    this.#ownPanel = ownPanel;
    this.#subscriptions = [
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.#last = editor;
        else this.#forgetUnlessOwn();
      }),
      vscode.window.tabGroups.onDidChangeTabs(() => this.#forgetUnlessOwn()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => this.#forgetUnlessOwn()),
    ];
  }

  get(): vscode.TextEditor | undefined {
    const active = vscode.window.activeTextEditor;
    if (active) return isHiddenCell(active.document) ? undefined : active;
    const last = this.#last;
    return last && this.#isOwnPanelActive() && vscode.window.visibleTextEditors.includes(last) ? last : undefined;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /**
   * Something else came in front after the editor: the editor is not what is meant any more. The tabs are told of later
   * than the editors, so that for a moment the editor's own tab is still said to be in front.
   */
  #forgetUnlessOwn(): void {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    if (vscode.window.activeTextEditor || !this.#last || this.#isOwnPanelActive()) return;
    if (!shows(input, this.#last.document.uri.toString())) this.#last = undefined;
  }

  #isOwnPanelActive(): boolean {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    // VS Code puts a prefix of its own before the view type.
    return input instanceof vscode.TabInputWebview && input.viewType.endsWith(this.#ownPanel);
  }
}

/** True for a tab of this document, alone or in a diff. */
function shows(input: unknown, uri: string): boolean {
  if (input instanceof vscode.TabInputText) return input.uri.toString() === uri;
  if (input instanceof vscode.TabInputTextDiff)
    return [input.original, input.modified].some((side) => side.toString() === uri);
  return false;
}

/** True for a cell of a notebook that is not the one in front. */
function isHiddenCell({ uri }: vscode.TextDocument): boolean {
  if (uri.scheme !== 'vscode-notebook-cell') return false;
  const cells = vscode.window.activeNotebookEditor?.notebook.getCells() ?? [];
  return !cells.some(({ document }) => document.uri.toString() === uri.toString());
}
