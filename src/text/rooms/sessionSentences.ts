/** Sentences of the room `session`. Keys begin with `session.`. */
export const SESSION = {
  'session.starting': 'Starting',
  'session.gone': 'This explanation is no longer in memory; explain the text again.',
  'session.nothingYet': 'Explain a text first: select it, right-click, Explain Attention.',
  'session.stillReading': 'The text is still being read by the model; try again when its tokens are shown.',
  'session.nothingToPin': 'There is nothing to pin yet; wait until the tokens of the text are shown.',
  'session.noMasks':
    'Tokens can be masked once a model that fills in masks has read the text; choose one such as BERT.',
  'session.noPair':
    'There are no two texts to be read as a pair; select two, one with Alt-click, for a model that reads pairs.',
  'session.noTemplate': 'This model has no chat template; choose an instruct model.',
  'session.nothingToScore': 'There is no text to score; type one first.',
  'session.notRestored':
    'This explanation was not computed again by itself, because it had not come to its end before; press Retry to compute it.',
  'session.late':
    'The request {request} came too late and did nothing: explanation {explanation}, which it is about, has been replaced.',
} as const;
