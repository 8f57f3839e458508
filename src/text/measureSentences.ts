/** Sentences of the room `measure`. Keys begin with `measure.`. */
export const MEASURE = {
  'measure.weight.title': 'Weight',
  'measure.weight.about': 'The weight that a query gives to a key: what softmax gives, each row sums to 1.',
  'measure.weight.noun': 'weight',
  'measure.difference.title': 'Difference from the mean head',
  'measure.difference.about':
    'How much more, or less, weight than the mean over all heads of this kind: what is particular to it. Each row sums to 0.',
  'measure.difference.noun': 'difference',
} as const;
