/** Sentences of the room `webview`. Keys begin with `webview.`. */
export const WEBVIEW = {
  'webview.endModel': 'The model ended the sequence.',
  'webview.endChosen': 'You chose to end it here; Run goes on all the same.',
  'webview.endForced': 'Your text ends here; Run goes on from it.',
  'webview.endLimit': 'Stopped at the limit of new tokens; Run goes on.',
  'webview.endFull': 'The model takes no more tokens.',
  'webview.endSteps': 'As many tokens as were asked for; Run goes on.',
  'webview.endStopped': 'Stopped by you.',
  'webview.noAttentionIn': 'No attention in this layer: {layers}.',
  'webview.window.which': 'Which part of the text is explained',
  'webview.window.first': 'First token of the part that is explained',
  'webview.window.before': 'Part before',
  'webview.window.after': 'Part after',
} as const;
