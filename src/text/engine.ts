/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.longChat':
    'The model’s chat template alone is longer than the model takes; explain the text as it is, without a chat round it.',
  'engine.onlySpace': 'There is nothing but white space in the selection; select some text.',
  'engine.nothingToRead': 'The selected text has nothing that the model can read; select some words.',
} as const;
