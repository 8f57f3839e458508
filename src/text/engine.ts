/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.headsDiffer':
    'The model’s layers have different numbers of heads ({one} and {other}), which cannot be shown side by side.',
} as const;
