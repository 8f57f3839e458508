/** Sentences of the room `attention`. Keys begin with `attention.`. */
export const ATTENTION = {
  'attention.notAttention':
    'The model’s file {file} was run once to check what comes out of it, and that is not attention ({reason}); nothing is shown rather than something wrong.',
  'attention.otherHeads':
    'Layer {layer} of the {kind} attention came with {heads} heads, where {layers} layers of {wanted} heads are expected.',
  'attention.outOfOrder': 'Attention rows came out of order.',
  'attention.noSuchHead': 'The model has no such head.',
  'attention.noSuchKind': 'The model has no {kind} attention.',
  'attention.kind.encoder': 'Encoder self-attention',
  'attention.kind.decoder': 'Masked decoder self-attention',
  'attention.kind.cross': 'Cross-attention',
} as const;
