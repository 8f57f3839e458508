// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The command line of a desktop VS Code, or undefined. `EXPLAIN_CODE` goes first. */
export function findDesktop() {
  const chosen = process.env['EXPLAIN_CODE'];
  if (chosen) return chosen;
  // In a terminal of Remote-SSH or code-server, `code` talks to the window that is open and cannot start another VS Code.
  if (process.env['VSCODE_IPC_HOOK_CLI']) return undefined;
  const windows = process.platform === 'win32';
  const folders = (process.env['PATH'] ?? '').split(windows ? ';' : ':').filter(Boolean);
  const onPath = folders.flatMap((folder) =>
    (windows ? ['code.cmd'] : ['code', 'code-insiders', 'codium']).map((name) => join(folder, name)),
  );
  const apps =
    process.platform === 'darwin' ? ['/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code'] : [];
  return [...onPath, ...apps].find((path) => existsSync(path));
}
