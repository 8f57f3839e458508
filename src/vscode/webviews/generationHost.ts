import type * as vscode from 'vscode';
import type { Places } from '../run/places';
import { fillWebview } from './webviews';

export const GENERATION_VIEW = 'explainAttention.generation';

/** The side view that generates step by step; it follows the panel that was used last. */
export class GenerationView implements vscode.WebviewViewProvider {
  readonly #extensionUri: vscode.Uri;
  readonly #places: Places;

  constructor(extensionUri: vscode.Uri, places: Places) {
    this.#extensionUri = extensionUri;
    this.#places = places;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    let attached = this.#places.active.service.attach(view.webview);
    fillWebview(view.webview, this.#extensionUri, 'generation');
    const following = this.#places.onDidChangeActive(({ service }) => {
      void attached.dispose();
      attached = service.attach(view.webview, 'told');
    });
    view.onDidDispose(() => {
      following.dispose();
      void attached.dispose();
    });
  }
}
