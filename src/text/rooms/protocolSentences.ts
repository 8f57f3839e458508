/** Sentences of the room `protocol`. Keys begin with `protocol.`. */
export const PROTOCOL = {
  'protocol.noSuchMethod': 'There is no method named {method}.',
} as const;
