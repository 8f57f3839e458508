/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.noGraphs':
    'The model’s folder has no ONNX file that is known by its name (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx); choose a Hugging Face ONNX export.',
  'engine.noFirstDecoder':
    'The model has encoder_model.onnx but neither decoder_model_merged.onnx nor decoder_model.onnx; get the missing file and try again.',
  'engine.noDecoder':
    'The model has decoder_with_past_model.onnx but no decoder_model.onnx; get the missing file and try again.',
  'engine.headsDiffer':
    'The model’s layers have different numbers of heads ({one} and {other}), which cannot be shown side by side.',
} as const;
