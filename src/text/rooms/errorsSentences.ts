/** Sentences of the room `errors`. Keys begin with `errors.`. */
export const ERRORS = {
  'errors.cut': '{text}… ({more} more characters)',
  'errors.internal': 'Something went wrong inside Explain Attention: {reason}',
} as const;
