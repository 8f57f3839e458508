/** Sentences of the room `attention`. Keys begin with `attention.`. */
export const ATTENTION = {
  'attention.notAttention':
    'The model’s file {file} was run once to check what comes out of it, and that is not attention ({reason}); nothing is shown rather than something wrong.',
} as const;
