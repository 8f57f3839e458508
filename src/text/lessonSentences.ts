/** Sentences of the lesson. Keys begin with `lesson.`. */
export const LESSON = {
  'lesson.reason.otherwise': 'the model does more here than the formula says',
  'lesson.reason.missing': 'the graph does not give all that it is made of',
  'lesson.reason.noSuchPlace': 'The model has no such layer, head or token. Choose another one.',
} as const;
