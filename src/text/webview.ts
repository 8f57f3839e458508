/** Sentences of the room `webview`. Keys begin with `webview.`. */
export const WEBVIEW = {
  'webview.window.which': 'Which part of the text is explained',
  'webview.window.first': 'First token of the part that is explained',
  'webview.window.before': 'Part before',
  'webview.window.after': 'Part after',
} as const;
