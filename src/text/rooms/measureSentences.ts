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
  'measure.parting.title': 'Difference from the pinned one',
  'measure.parting.about': 'The number now less the pinned one’s, for each word that both texts have.',
  'measure.parting.noun': 'difference from the pinned one',

  // where a head looks
  'measure.role.previous': 'Previous token',
  'measure.role.previousShort': 'previous',
  'measure.role.previousAbout': 'Mean weight on the token just before.',
  'measure.role.next': 'Next token',
  'measure.role.nextShort': 'next',
  'measure.role.nextAbout': 'Mean weight on the token just after.',
  'measure.role.same': 'Same token',
  'measure.role.sameShort': 'same',
  'measure.role.sameAbout': 'Mean weight on the token itself.',
  'measure.role.sink': 'First token or separator (sink)',
  'measure.role.sinkShort': 'sink',
  'measure.role.sinkAbout': 'Mean weight on special tokens, and on the first token of a decoder-only model.',
  'measure.role.punctuation': 'Punctuation',
  'measure.role.punctuationShort': 'marks',
  'measure.role.punctuationAbout': 'Mean weight on punctuation marks and symbols.',
  'measure.role.diagonal': 'Diagonal (alignment)',
  'measure.role.diagonalShort': 'diagonal',
  'measure.role.diagonalAbout':
    'Mean weight within one token of the straight line from the first tokens of both sides to the last ones.',
  'measure.role.duplicate': 'Duplicate token',
  'measure.role.duplicateShort': 'duplicate',
  'measure.role.duplicateAbout': 'Mean weight on earlier places of the same token, from tokens that have one.',
  'measure.role.induction': 'Induction',
  'measure.role.inductionShort': 'induction',
  'measure.role.inductionAbout':
    'Mean weight on what came after an earlier place of the same token, from tokens that have one (Olsson et al. 2022).',
  'measure.role.entropy': 'Entropy',
  'measure.role.entropyShort': 'entropy',
  'measure.role.entropyAbout':
    'Mean entropy of a row over that of an even one: 0 for a head that looks at one token, 1 for one that looks everywhere alike.',
  'measure.role.distance': 'Mean distance',
  'measure.role.distanceShort': 'distance',
  'measure.role.distanceAbout': 'Mean number of tokens between a token and what it looks at.',
  'measure.role.share': '{role} {score}',
  'measure.role.tokens': '{role} {score} tokens',
} as const;
