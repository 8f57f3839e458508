/** Sentences of the room `tokenizer`. Keys begin with `tokenizer.`. */
export const TOKENIZER = {
  'tokenizer.missing':
    'The model’s folder has no tokenizer.json; put the model’s tokenizer.json beside its config.json and try again.',
  'tokenizer.invalid':
    'The model’s tokenizer.json is damaged or not a Hugging Face tokenizer; download the model again or choose another one.',
  'tokenizer.unsupported':
    'The model’s tokenizer uses {what}, which Explain Attention does not support; choose another model.',
  'tokenizer.tooMuchWork':
    'The model’s tokenizer takes too long on this text, so it was stopped; explain a shorter text or choose another model.',
  'tokenizer.grows':
    'The model’s tokenizer makes texts grow without measure, so it was not used; choose another model.',
  'tokenizer.chatUnusable':
    'The model’s chat template could not be used on this text; explain it as it is, without a chat round it.',
  'tokenizer.noChat': 'This model has no chat template; explain the text as it is.',
  'tokenizer.uses.longLiteral': 'a text of more than {most} characters to look for',
  'tokenizer.uses.longPattern': 'a very long regular expression',
  'tokenizer.uses.otherPattern': 'a regular expression that cannot be translated ({source})',
  'tokenizer.uses.slowPattern': 'a regular expression that may take very long',
  'tokenizer.uses.countingPattern': 'a regular expression that counts very far',
  'tokenizer.uses.deepPattern': 'a regular expression that is nested too deeply',
  'tokenizer.uses.innerFlags': 'a regular expression with inner flags',
  'tokenizer.uses.longPiece': 'a piece of more than {most} characters',
  'tokenizer.uses.longMark': 'a very long mark for where words begin or end',
  'tokenizer.uses.manyMerges': 'more than 2 million merges',
  'tokenizer.uses.modelType': 'the model type {type}',
  'tokenizer.uses.largeVocabulary': 'a vocabulary of more than 4 million entries',
  'tokenizer.uses.longToken': 'a token of more than {most} characters',
  'tokenizer.uses.deepPreTokenizers': 'pre-tokenizers nested too deeply',
  'tokenizer.uses.oddLength': 'pieces of an odd fixed length',
  'tokenizer.uses.preTokenizer': 'the pre-tokenizer {type}',
  'tokenizer.uses.deepDecoders': 'decoders nested too deeply',
  'tokenizer.uses.decoder': 'the decoder {type}',
  'tokenizer.uses.splitBehaviour': 'the split behaviour {name}',
  'tokenizer.uses.deepNormalizers': 'normalizers nested too deeply',
  'tokenizer.uses.normalizer': 'the normalizer {type}',
  'tokenizer.uses.manyTokensRound': 'more than {most} tokens round each text',
  'tokenizer.uses.deepPostProcessors': 'post-processors nested too deeply',
  'tokenizer.uses.postProcessor': 'the post-processor {type}',
  'tokenizer.uses.repeatingTemplate': 'a template that repeats the text',
  'tokenizer.uses.emptyTemplate': 'a template without the text',
} as const;
