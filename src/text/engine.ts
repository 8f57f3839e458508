/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.noModel': 'The model for this text is not loaded; run Explain Attention again.',
  'engine.textChanged':
    'Other tokens have been written since this was asked; what is on show follows by itself, nothing needs to be done.',
} as const;
