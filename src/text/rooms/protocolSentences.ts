/** Sentences of the room `protocol`. Keys begin with `protocol.`. */
export const PROTOCOL = {
  'protocol.badAnswer':
    'What came back is not what “{method}” answers: reload the window, and report this with its details if it happens again.',
  'protocol.badEvent':
    'What was told is not what “{method}” tells: reload the window, and report this with its details if it happens again.',
  'protocol.misfit': '{path}: {expected} was expected',
  'protocol.noSuchMethod': 'There is no method named {method}.',
} as const;
