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
} as const;
