/** Sentences of the room `webview`. Keys begin with `webview.`. */
export const WEBVIEW = {} as const;
