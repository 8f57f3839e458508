/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.noModel': 'The model for this text is not loaded; run Explain Attention again.',
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
  'engine.noGraphs':
    'The model’s folder has no ONNX file that is known by its name (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx); choose a Hugging Face ONNX export.',
  'engine.noFirstDecoder':
    'The model has encoder_model.onnx but neither decoder_model_merged.onnx nor decoder_model.onnx; get the missing file and try again.',
  'engine.noDecoder':
    'The model has decoder_with_past_model.onnx but no decoder_model.onnx; get the missing file and try again.',
  'engine.headsDiffer':
    'The model’s layers have different numbers of heads ({one} and {other}), which cannot be shown side by side.',
  'engine.noProbe': '“{name}” is not something that a model can be asked for.',
  'engine.badProbe': 'The request for more of the model’s numbers is not valid.',
  'engine.gatesDiffer': 'The request switches {given} heads on or off, but the model has {wanted}.',
  'engine.probeLost':
    'The runtime did not return {name}; choose another execution provider or another export of the model.',
  'engine.lensTooLarge':
    'What the layers predict at {rows} places is more than fits into memory; choose at most {most} places.',
} as const;
