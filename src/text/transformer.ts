/** Sentences of the room `transformer`. Keys begin with `transformer.`. */
export const TRANSFORMER = {
  'transformer.configNoObject': 'The model’s config.json is not a JSON object; get the model’s files again.',
  'transformer.noStart':
    'The model’s config.json names no decoder_start_token_id, so its decoder cannot be started; use a complete config.json.',
  'transformer.listTooLong':
    'The model’s configuration lists {count} tokens in one place, more than the {most} that are taken; get the model’s files again or choose another model.',
  'transformer.notFinite':
    'The model computed something else than finite numbers (NaN or infinity) for its next token, so no probability would be true; choose another precision of it, or another execution provider in the settings.',
  'transformer.inputUnknown': 'The model wants an input named “{name}” {detail}; choose another export of the model.',
  'transformer.wholeWithCache': 'of a cache in a file that holds encoder and decoder, which is not supported',
  'transformer.noResult':
    'The model’s file gives no numbers for its tokens besides its cache; choose another export of the model.',
  'transformer.noLogits':
    'The decoder’s result “{name}” has the shape [{shape}], which is no logits over the model’s {vocabulary} tokens; choose an export with a language-model head.',
} as const;
