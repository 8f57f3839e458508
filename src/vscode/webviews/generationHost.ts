import type * as vscode from 'vscode';
import type { PanelService } from './panelService';
import { fillWebview } from './webviews';

export const GENERATION_VIEW = 'explainAttention.generation';

/** The side view that generates step by step; it follows the panel. */
export class GenerationView implements vscode.WebviewViewProvider {
  readonly #extensionUri: vscode.Uri;
  readonly #service: PanelService;

  constructor(extensionUri: vscode.Uri, service: PanelService) {
    this.#extensionUri = extensionUri;
    this.#service = service;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const attached = this.#service.attach(view.webview);
    fillWebview(view.webview, this.#extensionUri, 'generation');
    view.onDidDispose(() => void attached.dispose());
  }
}
