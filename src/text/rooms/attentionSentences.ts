/** Sentences of the room `attention`. Keys begin with `attention.`. */
export const ATTENTION = {
  'attention.notAttention':
    'The model’s file {file} was run once to check what comes out of it, and that is not attention ({reason}); nothing is shown rather than something wrong.',
  'attention.otherHeads':
    'Layer {layer} of the {kind} attention came with {heads} heads, where {layers} layers of {wanted} heads are expected.',
  'attention.intervention.read': 'The text is read {what}.',
  'attention.intervention.removed': 'without {pieces}',
  'attention.intervention.replaced': 'with {pieces} replaced',
  'attention.intervention.off': 'with {heads} off',
  'attention.intervention.manyOff': 'with {count} heads off',
  'attention.intervention.head': '{kind} {layer}.{head}',
  'attention.intervention.more': '{count} more',
  'attention.outOfOrder': 'Attention rows came out of order.',
  'attention.noSuchHead': 'The model has no such head.',
  'attention.noSuchKind': 'The model has no {kind} attention.',
  'attention.kind.encoder': 'Encoder self-attention',
  'attention.kind.decoder': 'Masked decoder self-attention',
  'attention.kind.cross': 'Cross-attention',
  'attention.wrong.shapes': '{label} cannot be proved: values [{values}], result [{result}]',
  'attention.wrong.values': '{label} cannot be proved: {count} values for {keys} keys',
  'attention.wrong.result':
    '{label} times its values is {worst} off the operator’s own result, of values up to {largest}',
  'attention.wrong.rank': '{label} has {rank} dimensions, not {wanted}',
  'attention.wrong.batch': '{label} has a batch of {batch}, not 1',
  'attention.wrong.heads': '{label} has {heads} heads, not {wanted}',
  'attention.wrong.map': '{label} maps {queries} queries to {keys} keys, not {wantedQueries} to {wantedKeys}',
  'attention.wrong.count': '{label} has {count} weights, not {wanted}',
  'attention.wrong.weight': '{label} has the weight {weight}',
  'attention.wrong.sum': '{label} has a row that sums to {sum}',
  'attention.wrong.ahead': '{label} lets head {head} look from token {query} at the later token {key}',
} as const;
