import type { ModelFamily } from '../../attention/types';

/** A model of the hub that is good for a first try. Names and facts only; what it weighs in bytes is looked up before anything is downloaded. */
export interface CuratedModel {
  readonly id: string;
  readonly family: ModelFamily;
  readonly parameters: string;
  readonly licence: string;
  readonly why: string;
}

export const CURATED_MODELS: readonly CuratedModel[] = [
  {
    id: 'Xenova/opus-mt-en-fr',
    family: 'encoder-decoder',
    parameters: '75 M',
    licence: 'Apache-2.0',
    why: 'English to French by OPUS-MT: 6 + 6 layers, a strong translator',
  },
  {
    id: 'Xenova/opus-mt-en-de',
    family: 'encoder-decoder',
    parameters: '74 M',
    licence: 'CC-BY-4.0',
    why: 'English to German: watch the verb travel to the end',
  },
  {
    id: 'Xenova/t5-small',
    family: 'encoder-decoder',
    parameters: '60 M',
    licence: 'Apache-2.0',
    why: 'T5: one model for many tasks, relative positions, no scaling',
  },
  {
    id: 'Xenova/gpt2',
    family: 'decoder-only',
    parameters: '124 M',
    licence: 'MIT',
    why: 'GPT-2: the classic of masked self-attention, and of the first-token sink',
  },
  {
    id: 'Xenova/distilgpt2',
    family: 'decoder-only',
    parameters: '82 M',
    licence: 'Apache-2.0',
    why: 'GPT-2 distilled to 6 layers',
  },
  {
    id: 'Xenova/distilbert-base-uncased',
    family: 'encoder-only',
    parameters: '67 M',
    licence: 'Apache-2.0',
    why: 'BERT distilled to 6 layers; fills in [MASK]',
  },
  {
    id: 'Xenova/bert-base-uncased',
    family: 'encoder-only',
    parameters: '110 M',
    licence: 'Apache-2.0',
    why: 'BERT: the most studied heads of all',
  },
];
