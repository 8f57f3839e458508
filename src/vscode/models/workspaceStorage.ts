import * as vscode from 'vscode';
import type { HubStorage } from '../../hub/index';

/** The hub's storage in a folder of the extension's own. */
export function workspaceStorage(root: vscode.Uri): HubStorage {
  const { fs } = vscode.workspace;
  const at = (path: string): vscode.Uri => (path === '' ? root : vscode.Uri.joinPath(root, path));
  const isMissing = (thrown: unknown): boolean =>
    thrown instanceof vscode.FileSystemError && thrown.code === 'FileNotFound';
  return {
    name: root.toString(),
    // Writing makes the folders on the way.
    writeFile: async (path, bytes) => fs.writeFile(at(path), bytes),
    readFile: async (path) => fs.readFile(at(path)),
    rename: async (from, to) => fs.rename(at(from), at(to), { overwrite: false }),
    async size(path) {
      try {
        return (await fs.stat(at(path))).size;
      } catch (thrown) {
        if (isMissing(thrown)) return null;
        throw thrown;
      }
    },
    async list(folder) {
      try {
        return (await fs.readDirectory(at(folder))).map(([name]) => name);
      } catch (thrown) {
        if (isMissing(thrown)) return [];
        throw thrown;
      }
    },
    async delete(path) {
      try {
        await fs.delete(at(path), { recursive: true, useTrash: false });
      } catch (thrown) {
        if (!isMissing(thrown)) throw thrown;
      }
    },
  };
}
