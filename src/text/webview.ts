/** Sentences of the room `webview`. Keys begin with `webview.`. */
export const WEBVIEW = {
  'webview.specialTyped': '{tokens} in the text is read as a special token of the model, not as text.',
  'webview.specialsTyped': '{tokens} in the text are read as special tokens of the model, not as text.',
  'webview.specialsAreText': 'Special tokens that stand in the text are read as text.',
  'webview.readAsText': 'Read as text',
  'webview.readAsTokens': 'Read as special tokens',
} as const;
