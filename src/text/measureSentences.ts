/** Sentences of the room `measure`. Keys begin with `measure.`. */
export const MEASURE = {
  'measure.weight.title': 'Weight',
  'measure.weight.about': 'The weight that a query gives to a key: what softmax gives, each row sums to 1.',
  'measure.weight.noun': 'weight',
  'measure.moved.title': 'What it moves',
  'measure.moved.about':
    'How much a weight moves: the length of the key’s value, weighted and projected into the stream, ‖α·v·W_O‖ (Kobayashi et al. 2020). A large weight on a short value moves little. Rows have no fixed sum.',
  'measure.moved.noun': 'moved length',
  'measure.movedPlain.title': 'What it moves (‖α·v‖)',
  'measure.movedPlain.about':
    'How long the key’s weighted value is, ‖α·v‖: this model’s output projection was not found, so what the model then makes of the value is not counted.',
  'measure.movedPlain.noun': '‖α·v‖',
  'measure.contribution.title': 'Contribution',
  'measure.contribution.about':
    'How near each token brings the layer’s attention block to its result, all heads and the residual connection counted (ALTI, Ferrando et al. 2022): one number a layer, each row sums to 1.',
  'measure.contribution.noun': 'contribution',
  'measure.difference.title': 'Difference from the mean head',
  'measure.difference.about':
    'How much more, or less, weight than the mean over all heads of this kind: what is particular to it. Each row sums to 0.',
  'measure.difference.noun': 'difference',
} as const;
