/** Sentences of the room `vscode`. Keys begin with `host.`. */
export const HOST = {
  'host.badRequest': 'The panel sent a request that does not fit ({method}); close it and explain the text again.',
  'host.selectionTooLarge': 'The selection has {length} characters; select at most {most} (a paragraph shows best).',
  'host.emptySelection':
    'There is nothing to explain here: select some text, or put the cursor in a line that has some.',
  'host.noEditor': 'Open a text file and select some text, then run Explain Attention again.',
  'host.tokenHasNoPlace': 'This token has no place in the editor: it was generated, or the text was edited since.',
  'host.documentGone': 'The document of this explanation is gone; select a text and explain it.',
  'host.documentForeign':
    'The document of this explanation ({scheme}) is not open here; open it, select the text and explain it.',
  'host.textDeleted': 'The explained text was deleted from its document; select another text and explain it.',
  'host.textChanged': 'The text of this explanation was edited since; select it and explain it again.',
  'host.recipeNewer':
    'What this panel showed was kept by a newer version of Explain Attention and is not restored; select the text and explain it again.',
  'host.recipeDamaged':
    'What this panel showed could not be read back and is not restored; select the text and explain it again.',
} as const;
