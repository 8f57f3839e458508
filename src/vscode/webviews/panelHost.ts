import * as vscode from 'vscode';
import type { PanelService } from './panelService';
import { fillWebview } from './webviews';

export const PANEL_TYPE = 'explainAttention.panel';

/** One place's panel beside the editor. Its page is dropped while hidden and pulls its state when shown again. */
export class PanelHost implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #service: PanelService;
  readonly #title: string;
  readonly #opened = new vscode.EventEmitter<void>();
  readonly #closed = new vscode.EventEmitter<void>();
  readonly #activated = new vscode.EventEmitter<void>();
  #panel: vscode.WebviewPanel | undefined;

  readonly onDidOpen = this.#opened.event;
  readonly onDidClose = this.#closed.event;
  /** The user has gone to the panel. */
  readonly onDidActivate = this.#activated.event;

  constructor(extensionUri: vscode.Uri, service: PanelService, title: string) {
    this.#extensionUri = extensionUri;
    this.#service = service;
    this.#title = title;
  }

  get isOpen(): boolean {
    return this.#panel !== undefined;
  }

  get column(): vscode.ViewColumn | undefined {
    return this.#panel?.viewColumn;
  }

  /** Opens the panel beside the editor (or in `column`), or brings it to the front; the editor keeps the keyboard. */
  show(preserveFocus = true, column: vscode.ViewColumn = vscode.ViewColumn.Beside): void {
    if (this.#panel) this.#panel.reveal(undefined, preserveFocus);
    else this.adopt(vscode.window.createWebviewPanel(PANEL_TYPE, this.#title, { viewColumn: column, preserveFocus }));
  }

  /** Takes a panel: a new one, or one that VS Code restored. */
  adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    const icon = (theme: string): vscode.Uri =>
      vscode.Uri.joinPath(this.#extensionUri, 'media', `attention-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.title = this.#title;
    const attached = this.#service.attach(panel.webview);
    fillWebview(panel.webview, this.#extensionUri, 'panel');
    panel.onDidChangeViewState(() => {
      if (panel.active) this.#activated.fire();
    });
    panel.onDidDispose(() => {
      attached.dispose();
      if (this.#panel !== panel) return;
      this.#panel = undefined;
      this.#closed.fire();
    });
    this.#opened.fire();
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#opened.dispose();
    this.#closed.dispose();
    this.#activated.dispose();
  }
}
