import type * as vscode from 'vscode';
import type { Channel } from '../../protocol/rpc';

/** A webview as an RPC channel. VS Code copies messages: nothing is transferred. */
export function webviewChannel(webview: vscode.Webview): Channel {
  return {
    post: (message) => void webview.postMessage(message),
    listen: (listener) => {
      const subscription = webview.onDidReceiveMessage(listener);
      return () => void subscription.dispose();
    },
  };
}
