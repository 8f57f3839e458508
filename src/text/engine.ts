/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.noWorker': 'The engine’s worker could not be started here; reload the window, or use VS Code on the desktop.',
  'engine.lost': 'The engine stopped unexpectedly; run Explain Attention again to restart it.',
  'engine.neverBorn':
    'The engine’s worker did not answer within {seconds} seconds after its start, so it was ended; run Explain Attention again to start another one.',
  'engine.startTooLong':
    'The model runtime was not ready within {seconds} seconds, so it was ended; run Explain Attention again, and if that does not help set “explainAttention.executionProvider” to wasm.',
  'engine.loadTooLong':
    'The model {name} was silent for {seconds} seconds while it was loaded, which is the limit for its {megabytes} MB, so it was ended; its file may be damaged or made never to end: choose another model.',
  'engine.silent':
    'The engine did not answer within {seconds} seconds, so it was ended; explain the text again to restart it.',
  'engine.cancelledStuck':
    'The engine did not react to being cancelled, so it was ended, and its memory given back; explain the text again.',
  'engine.textTooLong': 'The text is longer than a million characters; select or type less.',
  'engine.failedOnText': 'The model could not read this text; choose another text or another model.',
} as const;
