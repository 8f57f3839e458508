import * as vscode from 'vscode';

/** A tab that shows a document, and how it can be brought to the front as it is. */
interface OpenTab {
  readonly group: vscode.TabGroup;
  show(): Promise<void>;
}

/**
 * Selects a range where its document is open: in a diff or a notebook too, which stay what they are. A document that is
 * not open is opened in the first column.
 */
export async function revealInDocument(document: vscode.TextDocument, range: vscode.Range): Promise<void> {
  const uri = document.uri.toString();
  const plain = plainTabOf(uri);
  let editor = editorOf(document);
  if (plain || !openTabOf(document)) {
    editor = await vscode.window.showTextDocument(document, {
      viewColumn: plain?.group.viewColumn ?? vscode.ViewColumn.One,
      preserveFocus: false,
    });
  } else if (!editor) {
    await openTabOf(document)?.show();
    editor = await shownSoon(document);
  }
  if (!editor) return;
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}

/** The tab that shows a document by itself; the one in front is meant where there are several. */
function plainTabOf(uri: string): vscode.Tab | undefined {
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri);
  const inFront = tabs.find(({ isActive }) => isActive);
  // A diff in front of the reader is better than the same text in a tab behind it.
  return inFront ?? (editorOfUri(uri) ? undefined : tabs[0]);
}

function editorOfUri(uri: string): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri);
}

/** The diff or notebook that a document is shown in. */
function openTabOf(document: vscode.TextDocument): OpenTab | undefined {
  const uri = document.uri.toString();
  for (const group of vscode.window.tabGroups.all) {
    for (const { input, label } of group.tabs) {
      if (
        input instanceof vscode.TabInputTextDiff &&
        [input.original.toString(), input.modified.toString()].includes(uri)
      )
        return {
          group,
          show: async () => {
            await vscode.commands.executeCommand('vscode.diff', input.original, input.modified, label, {
              viewColumn: group.viewColumn,
            });
          },
        };
      const notebook =
        input instanceof vscode.TabInputNotebook
          ? vscode.workspace.notebookDocuments.find((one) => one.uri.toString() === input.uri.toString())
          : undefined;
      const cell = notebook?.getCells().find((one) => one.document === document);
      if (notebook && cell)
        return {
          group,
          show: async () => {
            const shown = await vscode.window.showNotebookDocument(notebook, { viewColumn: group.viewColumn });
            shown.revealRange(new vscode.NotebookRange(cell.index, cell.index + 1));
          },
        };
    }
  }
  return undefined;
}

/** The editor of a document that was just brought to the front; it comes with an event. */
async function shownSoon(document: vscode.TextDocument): Promise<vscode.TextEditor | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    const editor = editorOf(document);
    if (editor) return editor;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}
