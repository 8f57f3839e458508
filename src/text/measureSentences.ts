/** Sentences of the room `measure`. Keys begin with `measure.`. */
export const MEASURE = {
  'measure.weight.title': 'Weight',
  'measure.weight.about': 'The weight that a query gives to a key: what softmax gives, each row sums to 1.',
  'measure.weight.noun': 'weight',
  'measure.difference.title': 'Difference from the mean head',
  'measure.difference.about':
    'How much more, or less, weight than the mean over all heads of this kind: what is particular to it. Each row sums to 0.',
  'measure.difference.noun': 'difference',

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
