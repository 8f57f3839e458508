/** Sentences of the room `transformer`. Keys begin with `transformer.`. */
export const TRANSFORMER = {
  'transformer.configNoObject': 'The model’s config.json is not a JSON object; get the model’s files again.',
  'transformer.noStart':
    'The model’s config.json names no decoder_start_token_id, so its decoder cannot be started; use a complete config.json.',
  'transformer.listTooLong':
    'The model’s configuration lists {count} entries in one place, more than the {most} that are taken; get the model’s files again or choose another model.',
  'transformer.notFinite':
    'The model computed something else than finite numbers (NaN or infinity) for its next token, so no probability would be true; choose another precision of it, or another execution provider in the settings.',
  'transformer.noResult':
    'The model’s file gives no numbers for its tokens besides its cache; choose another export of the model.',
  'transformer.noLogits':
    'The decoder’s result “{name}” has the shape [{shape}], which is no logits over the model’s {vocabulary} tokens; choose an export with a language-model head.',
  'transformer.cacheType':
    'The model keeps its cache as {type}, which is not supported; use another variant of the model.',
  'transformer.notAMap':
    'The attention of {label} has the shape [{shape}], which is not a map of heads, queries and keys; this model cannot be shown.',
  'transformer.noChunks':
    'The model reads texts of whole chunks only, and does not give what is needed of every token of them; choose another export.',
  'transformer.notReturned':
    'The runtime did not return {name}; choose another execution provider or another export of the model.',
  'transformer.orphanCache':
    'The model’s cache input “{name}” is given back by no output; choose another export of the model.',
  'transformer.noCache': 'A decoder without a cache was asked to go on from one.',
  'transformer.oneByOne': 'With a cache a decoder is fed one token at a time.',
  'transformer.encoderNotReturned': 'The runtime did not return {name}; choose another export of the model.',
  'transformer.nothingToGoOnFrom': 'There is no token to go on from; select some text.',
  'transformer.noSuchStep': 'There is no such step to branch from.',
  'transformer.notInVocabulary': 'That token is not in the model’s vocabulary.',
  'transformer.nothingToForce': 'There is nothing to force; type some text.',
  'transformer.forcedTooLong': 'The text to force has {length} tokens, and the model takes {room} here; shorten it.',
  'transformer.noSourceIds': 'A file without input_ids was asked for its source.',
  'transformer.notFloating':
    'The model gives {type} numbers where floating-point ones are expected; it cannot be shown.',
  'transformer.inputType':
    'The model wants an input named “{name}” of type {type}, which is not supported; choose another export of the model.',
  'transformer.inputRank':
    'The model wants an input named “{name}” with {rank} dimensions, which is not supported; choose another export of the model.',
  'transformer.inputLength':
    'The model wants an input named “{name}” of exactly {fixed} positions, and the text has {length}; choose another export of the model.',
  'transformer.inputNoEncoder':
    'The model wants an input named “{name}” from an encoder, and there is no encoder file; choose another export of the model.',
  'transformer.inputNotGivenBack':
    'The model wants an input named “{name}” for its cache that no output gives back; choose another export of the model.',
  'transformer.inputUnknown':
    'The model wants an input named “{name}” ({type}) that is not known here, in its {role} file; choose another export of the model.',
  'transformer.wholeWithCache':
    'The model wants an input named “{name}” of a cache in a file that holds encoder and decoder, which is not supported; choose another export of the model.',
} as const;
