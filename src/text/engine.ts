/** Sentences of the room `engine`. Keys begin with `engine.`. */
export const ENGINE = {
  'engine.noMasks': 'This model does not fill in masked tokens; choose one that does, such as {example}.',
  'engine.sessionRefused':
    'The model runtime refused {file} ({reason}); choose another export or another precision of the model.',
  'engine.runFailed':
    'The model’s file {file} failed while it ran ({reason}); choose another export of the model, or another execution provider in the settings.',
  'engine.runFixedLength':
    'The model’s file {file} does not take a text of this length ({reason}); choose an export with dynamic sequence lengths.',
  'engine.trialRun':
    'The model’s file {file} failed in its test run when it was loaded ({reason}), and would fail every time; choose another export of the model.',
  'engine.otherResults':
    'The model’s file {file} gives other results when its attention is read, so nothing is shown; choose another export or another execution provider.',
  'engine.levelsDiffer':
    '{file}: its results depend on how far the runtime optimises the graph (by {difference} of results up to {scale}), with and without attention read; small differences in what is shown are the runtime’s rounding.',
  'engine.sameAsUntapped': '{file}: {maps} maps checked{proved}, results equal the untapped file’s.',
  'engine.notCompared': '{file}: {maps} maps checked{proved}; too large to be loaded a second time without the tap.',
  'engine.proved': ' ({count} of them against what the fused operator itself gave)',
} as const;
