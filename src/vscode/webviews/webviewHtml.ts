/** The page that every webview of the extension starts from; no import of vscode, so that tests load the very same page. */
export interface WebviewPage {
  /** Where the webview's own files come from (`webview.cspSource`). */
  readonly cspSource: string;
  /** Unguessable, new for each page. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly view: 'panel' | 'generation';
  /** BCP 47 language of the page's own sentences, which need not be the user interface's. */
  readonly lang: string;
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * The content security policy, directive by directive: nothing unless named; scripts by nonce only; styles and the
 * icon font from the extension's files only (no 'unsafe-inline': styles are set through the CSSOM); pictures may also
 * be data made on the page. No connections, frames, workers or WebAssembly: the engine lives in the extension host.
 */
function contentSecurityPolicy({ cspSource, nonce }: Pick<WebviewPage, 'cspSource' | 'nonce'>): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
  ].join('; ');
}

export function webviewHtml(page: WebviewPage): string {
  return `<!DOCTYPE html>
<html lang="${escaped(page.lang)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(contentSecurityPolicy(page))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Explain Attention</title>
<link rel="stylesheet" href="${escaped(page.styleUri)}">
</head>
<body data-view="${page.view}">
<div id="app"></div>
<script nonce="${escaped(page.nonce)}" src="${escaped(page.scriptUri)}"></script>
</body>
</html>
`;
}
