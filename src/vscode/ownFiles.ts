/**
 * Files that ship with the extension. In the web-worker extension host VS Code rewrites an address of theirs to one that the
 * browser can load: `fetch` streams them past the file service. Where there is no such address (virtual file systems), the
 * file service reads them.
 */
import * as vscode from 'vscode';
import { toExplainError } from '../errors';
import { say } from '../text/say';

export class OwnFiles {
  readonly #root: vscode.Uri;
  readonly #cache: RequestCache;
  /** Reads that were begun before anybody asked, by path. */
  readonly #ahead = new Map<string, Promise<Uint8Array>>();

  constructor(extensionUri: vscode.Uri) {
    this.#root = extensionUri;
    // What a gallery serves never changes at its address. Files of a folder do, when they are damaged and repaired, though
    // VS Code's server lets the browser keep them for a year.
    this.#cache = /^https?$/.test(extensionUri.scheme) ? 'default' : 'no-store';
  }

  /** Begins to read files that will be asked for in a moment. */
  ahead(paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#ahead.has(path)) continue;
      const reading = this.#read(path);
      // Who asks for the file is told; nobody may ask.
      reading.catch(() => undefined);
      this.#ahead.set(path, reading);
    }
  }

  /** Forgets what was read ahead and nobody has asked for: by the next time it may be another file. */
  dropAhead(): void {
    this.#ahead.clear();
  }

  /** @param path inside the extension's folder @throws ExplainError MODEL_FILE_MISSING */
  async read(path: string): Promise<Uint8Array> {
    const begun = this.#ahead.get(path);
    // Once: what is read is given away, and its memory goes with it.
    this.#ahead.delete(path);
    return begun ?? this.#read(path);
  }

  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path));
  }

  async #read(path: string): Promise<Uint8Array> {
    const uri = vscode.Uri.joinPath(this.#root, ...path.split('/'));
    const fetched = await this.#fetch(uri);
    if (fetched) return fetched;
    try {
      return await vscode.workspace.fs.readFile(uri);
    } catch (thrown) {
      throw toExplainError(thrown, 'MODEL_FILE_MISSING', say('host.ownFileUnreadable', { path }));
    }
  }

  async #fetch(uri: vscode.Uri): Promise<Uint8Array | undefined> {
    try {
      const response = await fetch(uri.toString(), { cache: this.#cache });
      // Where a redirection leads (a page to log in, say) is nothing of the extension's.
      return response.ok && !response.redirected ? new Uint8Array(await response.arrayBuffer()) : undefined;
    } catch {
      return undefined;
    }
  }
}
