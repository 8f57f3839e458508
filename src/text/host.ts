/** Sentences of the room `vscode`. Keys begin with `host.`. */
export const HOST = {
  'host.unloaded': 'The model was unloaded; explain the text again.',
  'host.shuttingDown': 'The extension is shutting down.',
  'host.providerChanged': 'The execution provider was changed; explain the text again.',
  'host.wasmAfterGpu': 'WASM runs because the GPU failed: {failure}',
  'host.wasmForModel': 'WASM runs because this model failed on the GPU: {failure}',
  'host.loadedOnWasm': 'The model cannot run on the GPU and is loaded on WASM; explain the text again.',
  'host.readingModel': 'Reading the model',
  'host.startingRuntime': 'Starting the runtime',
  'host.ownFileUnreadable': 'The extension’s own file dist/{path} could not be read; reinstall Explain Attention.',
} as const;
