/** Sentences of the room `config`. Keys begin with `config.`. */
export const CONFIG = {
  'config.readsPictures':
    'This model reads pictures, and Explain Attention gives it text; choose a model that reads text.',
  'config.readsPicturesWritesText':
    'This model reads pictures and writes text about them, and Explain Attention gives it text to read; choose a model that reads text.',
  'config.readsPicturesAndText':
    'This model reads pictures beside text, and Explain Attention has no picture to give it; choose a model that reads text alone.',
  'config.comparesPicturesAndTexts':
    'This model compares pictures with texts (two towers, one for each), and Explain Attention has no picture to give it; choose a model that reads text alone.',
  'config.readsVideo': 'This model reads video, and Explain Attention gives it text; choose a model that reads text.',
  'config.readsSound': 'This model reads sound, and Explain Attention gives it text; choose a model that reads text.',
  'config.readsSoundWritesText':
    'This model reads sound and writes down what is said, and Explain Attention gives it text to read; choose a model that reads text.',
  'config.readsSoundAndText':
    'This model reads sound beside text, and Explain Attention has no sound to give it; choose a model that reads text alone.',
  'config.comparesSoundsAndTexts':
    'This model compares sounds with texts (two towers, one for each), and Explain Attention has no sound to give it; choose a model that reads text alone.',
  'config.makesSound':
    'This model makes sound out of text, and what it generates is not text; choose a model that reads and writes text.',
  'config.readsSeries':
    'This model reads series of numbers over time, and Explain Attention gives it text; choose a model that reads text.',
  'config.readsEmbeddings':
    'This file takes embeddings instead of tokens: it is one part of a larger model, whose other parts make them; choose an export that takes input_ids.',
} as const;
