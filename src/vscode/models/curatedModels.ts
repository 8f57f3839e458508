import type { ModelFamily } from '../../attention/types';
import type { PlainKey } from '../../text/say';

/** A model of the hub that is good for a first try. Names and facts only; what it weighs in bytes is looked up before anything is downloaded. */
export interface CuratedModel {
  readonly id: string;
  readonly family: ModelFamily;
  readonly parameters: string;
  readonly licence: string;
  /** The sentence that says what it is good for. */
  readonly why: PlainKey;
}

export const CURATED_MODELS: readonly CuratedModel[] = [
  {
    id: 'Xenova/opus-mt-en-fr',
    family: 'encoder-decoder',
    parameters: '75 M',
    licence: 'Apache-2.0',
    why: 'host.curated.opusMtEnFr',
  },
  {
    id: 'Xenova/opus-mt-en-de',
    family: 'encoder-decoder',
    parameters: '74 M',
    licence: 'CC-BY-4.0',
    why: 'host.curated.opusMtEnDe',
  },
  {
    id: 'Xenova/t5-small',
    family: 'encoder-decoder',
    parameters: '60 M',
    licence: 'Apache-2.0',
    why: 'host.curated.t5Small',
  },
  {
    id: 'Xenova/gpt2',
    family: 'decoder-only',
    parameters: '124 M',
    licence: 'MIT',
    why: 'host.curated.gpt2',
  },
  {
    id: 'Xenova/distilgpt2',
    family: 'decoder-only',
    parameters: '82 M',
    licence: 'Apache-2.0',
    why: 'host.curated.distilgpt2',
  },
  {
    id: 'Xenova/distilbert-base-uncased',
    family: 'encoder-only',
    parameters: '67 M',
    licence: 'Apache-2.0',
    why: 'host.curated.distilbertBaseUncased',
  },
  {
    id: 'Xenova/bert-base-uncased',
    family: 'encoder-only',
    parameters: '110 M',
    licence: 'Apache-2.0',
    why: 'host.curated.bertBaseUncased',
  },
];
