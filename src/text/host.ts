/** Sentences of the room `vscode`. Keys begin with `host.`. */
export const HOST = {
  'host.badRequest': 'The panel sent a request that does not fit ({method}); close it and explain the text again.',
  'host.unloaded': 'The model was unloaded; explain the text again.',
  'host.shuttingDown': 'The extension is shutting down.',
  'host.providerChanged': 'The execution provider was changed; explain the text again.',
  'host.wasmAfterGpu': 'WASM runs because the GPU failed: {failure}',
  'host.wasmForModel': 'WASM runs because this model failed on the GPU: {failure}',
  'host.loadedOnWasm': 'The model cannot run on the GPU and is loaded on WASM; explain the text again.',
  'host.readingModel': 'Reading the model',
  'host.startingRuntime': 'Starting the runtime',
  'host.ownFileUnreadable': 'The extension’s own file dist/{path} could not be read; reinstall Explain Attention.',
  'host.modelTooLarge':
    '“{name}” has {size} GB of weights, more than the {most} GB that can be loaded; choose a smaller or a quantised variant.',
  'host.hub.remove': 'Remove {id} ({dtype}) and free {size}?',
  'host.hub.removeButton': 'Remove',
  'host.hub.tokenTitle': 'Hugging Face access token',
  'host.hub.tokenPrompt':
    'For gated and private models. It is kept in VS Code’s secret storage and sent to the hub only. Leave it empty to forget the one that is kept.',
  'host.hub.enterToken': 'Enter Access Token…',
  'host.hub.noExport':
    '{id} has no ONNX export; look for one under Xenova/ or onnx-community/, or export it yourself and choose its folder.',
  'host.hub.noTokenizer':
    '{id} has no tokenizer.json, which is needed to read text; choose another export of the model.',
  'host.hub.lacks': '{id} has no {missing}; choose another export of the model.',
  'host.hub.agree': 'Download {id} ({dtype}, {size}) from {host}?',
  'host.hub.agreeDetail':
    'Licence: {licence}. {checked}, kept in the extension’s storage; remove them at any time in “Choose Model…”.',
  'host.hub.noneStated': 'none stated',
  'host.hub.allChecked': '{count} files, checked against the hub’s checksums',
  'host.hub.someChecked': '{count} files, {checked} of them checked against the hub’s checksums and the others by size',
  'host.hub.sizesChecked': '{count} files, checked by their sizes alone, as the hub gives no checksums',
  'host.hub.agreeButton': 'Download',
  'host.hub.downloading': 'Downloading {id}',
  'host.hub.received': '{received} of {total} ({path})',
  'host.hub.lookingUp': 'Looking up {id}',
  'host.hub.pickTitle': 'A model from Hugging Face',
  'host.hub.pickPlaceholder': 'Type an id (owner/name), or pick one of these for a first try',
  'host.hub.lookItUp': 'look it up',
  'host.card.title': 'Attention of',
  'host.card.hides': ', which hides {token} ({probability} %, rank {rank})',
  'host.card.partial': '(some bytes of one character)',
  'host.card.looksAt': '{kind}, looks at',
  'host.card.lookedAtBy': '{kind}, is looked at by',
  'host.card.columns': 'layer.head | token | weight',
  'host.card.caveat': 'Weights show where the model looked, not why it answered as it did.',
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
