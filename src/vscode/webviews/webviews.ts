import * as vscode from 'vscode';
import { hex } from '../../hash/hex';
import { language } from '../../text/say';
import { webviewHtml } from './webviewHtml';

/** 128 random bits for the content security policy, new for every page. */
const nonce = (): string => hex(crypto.getRandomValues(new Uint8Array(16)));

/** Gives a webview its page: the bundle, its styles and nothing else may load. */
export function fillWebview(webview: vscode.Webview, extensionUri: vscode.Uri, view: 'panel' | 'generation'): void {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  webview.html = webviewHtml({
    cspSource: webview.cspSource,
    nonce: nonce(),
    scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.js')).toString(),
    styleUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview-styles.css')).toString(),
    view,
    lang: language(),
  });
}
