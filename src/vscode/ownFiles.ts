/**
 * Files that ship with the extension. In the web-worker extension host VS Code rewrites an address of theirs to one that the
 * browser can load: `fetch` streams them past the file service. Where there is no such address (virtual file systems), the
 * file service reads them.
 */
import * as vscode from 'vscode';
import { toExplainError } from '../errors';
import { say } from '../text/say';

/**
 * Asks for all of a file as a range of it, as which it comes as it is: browsers add `Accept-Encoding: identity` to a range (Fetch
 * Standard, "HTTP-network-or-cache fetch"). Servers that pack what they send took as long for the weights and the runtime, which get
 * no smaller, as reading them took.
 */
const WHOLE_AS_IT_IS = { Range: 'bytes=0-' };

export class OwnFiles {
  readonly #root: vscode.Uri;
  /** How to ask for a file, one way after another. */
  readonly #requests: readonly RequestInit[];
  /** Reads that were begun before anybody asked, by path. */
  readonly #ahead = new Map<string, Promise<Uint8Array>>();

  constructor(extensionUri: vscode.Uri) {
    this.#root = extensionUri;
    // What a gallery serves never changes at its address. Files of a folder do, when they are damaged and repaired, though
    // VS Code's server lets the browser keep them for a year.
    const cache = /^https?$/.test(extensionUri.scheme) ? 'default' : 'no-store';
    // VS Code's own server takes the header; another one between the two may not.
    const ranged = extensionUri.scheme === 'vscode-remote' ? [{ cache, headers: WHOLE_AS_IT_IS } as const] : [];
    this.#requests = [...ranged, { cache }];
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
    let fetched: Uint8Array | undefined;
    for (const request of this.#requests) fetched ??= await fetchWhole(uri, request);
    if (fetched) return fetched;
    try {
      return await vscode.workspace.fs.readFile(uri);
    } catch (thrown) {
      throw toExplainError(thrown, 'MODEL_FILE_MISSING', say('host.ownFileUnreadable', { path }));
    }
  }
}

async function fetchWhole(uri: vscode.Uri, request: RequestInit): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(uri.toString(), request);
    // Where a redirection leads (a page to log in, say) is nothing of the extension's.
    if (!response.ok || response.redirected) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return isWhole(response, bytes) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** True where a server that knows of ranges has sent all of the file, as every one does that does not. */
function isWhole({ status, headers }: Response, { length }: Uint8Array): boolean {
  return status !== 206 || headers.get('content-range') === `bytes 0-${length - 1}/${length}`;
}
