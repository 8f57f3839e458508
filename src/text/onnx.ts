/** Sentences of the room `onnx`. Keys begin with `onnx.`. */
export const ONNX = {
  'onnx.andMore': 'and {more} more',
  'onnx.fusedUnknown':
    'The model uses fused attention that cannot be looked into ({reason}). Choose an export without fused attention.',
  'onnx.branchesDiffer':
    'The two branches of the merged decoder do not show the same attention. Choose an export with separate decoder files.',
  'onnx.notAMap': "The model's attention is not a map of queries to keys ({reason}), so it cannot be shown.",
  'onnx.noAttention': 'No attention was found in the model: no softmax stands between queries, keys and values.',
  'onnx.kindUnknown':
    "It cannot be told whose attention the model's layers show (its own tokens' or the encoder's), so none is shown.",
  'onnx.reason.otherSources': 'its queries and keys are projected from different tensors',
  'onnx.ortFormat':
    "The model is in ONNX Runtime's own format (.ort), which cannot be edited: choose the .onnx file instead.",
  'onnx.invalid': 'The model file is not a readable ONNX file ({reason}). It may be cut or damaged: get it again.',
  'onnx.tooLarge': 'The model file is larger than what can be looked at ({reason}). Choose a smaller model or variant.',
  'onnx.kindsMissing':
    'The model has an encoder and a decoder, but no {kinds} attention was recognised in this file, so none is shown.',
  'onnx.decoderLayersDiffer':
    'The decoder shows {own} layers of its own attention but {cross} of cross-attention, so none is shown.',
  'onnx.headsDiffer': "The model's graph has {heads} heads where config.json says {wanted}, so none is shown.",
  'onnx.layersDiffer':
    'The model shows {count} layers of {kind} attention, but config.json says {wanted}; as it cannot be told which they are, none is shown.',
  'onnx.layersUnsaid':
    'The model shows {count} layers of {kind} attention, but config.json does not say how many there are; as it cannot be told which they are, none is shown.',
  'onnx.input.positionsDiffer':
    'The model wants an input named “{name}” whose uses in the graph count from different numbers; choose another export of the model.',
  'onnx.input.positionsUnclear':
    'The model wants an input named “{name}” whose table of {rows} rows does not tell whether it counts from 0 or from the padding index + 1; choose another export of the model.',
  'onnx.input.masksDiffer':
    'The model wants an input named “{name}” whose uses in the graph disagree on what is masked; choose another export of the model.',
  'onnx.input.manyTypes':
    'The model wants an input named “{name}” of {rank} dimensions, with several kinds of types a token; choose another export of the model.',
  'onnx.input.typesAreWords':
    'The model wants an input named “{name}” whose types are looked up among the words, so that no number means “none”; choose another export of the model.',
  'onnx.input.typesCompared':
    'The model wants an input named “{name}” whose types are compared with each other, so that no number means “none”; choose another export of the model.',
} as const;
