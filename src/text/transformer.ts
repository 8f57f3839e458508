/** Sentences of the room `transformer`. Keys begin with `transformer.`. */
export const TRANSFORMER = {
  'transformer.configNoObject': 'The model’s config.json is not a JSON object; get the model’s files again.',
  'transformer.noStart':
    'The model’s config.json names no decoder_start_token_id, so its decoder cannot be started; use a complete config.json.',
} as const;
