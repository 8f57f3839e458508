import * as vscode from 'vscode';

/** The extension's log channel. The user's text is never written above level trace. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Explain Attention', { log: true });
}
