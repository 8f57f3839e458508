/**
 * How a model wants to generate: generation_config.json, and what older models keep of it in config.json, at the top
 * or in the decoder's part. Source: `transformers`, generation/configuration_utils.py.
 */
import { asIds, asInteger, asIntegers, asList, asObject, type JsonObject } from '../json/fields';
import { partsOf } from './configParts';

export interface GenerationConfig {
  /** Tokens that end a sequence, as the configs number them; may be empty. */
  readonly endOfSequence: readonly number[];
  /** True where generation_config.json itself numbers them: it is what the model's maker generates with. */
  readonly endIsGenerationConfigs: boolean;
  /** -1 where the configs do not number it, as for the following. */
  readonly decoderStart: number;
  readonly beginning: number;
  readonly pad: number;
  /** Token sequences that are not to be generated (`bad_words_ids`); none is empty. */
  readonly badWords: readonly (readonly number[])[];
  readonly suppressed: readonly number[];
  readonly beginSuppressed: readonly number[];
  readonly forcedFirst: number;
  readonly forcedLast: number;
  /** Tokens that are to stand at places of the target (Whisper's `forced_decoder_ids`): [place, token]. */
  readonly forcedAt: readonly (readonly [number, number])[];
  readonly noRepeatNgram: number;
  readonly repetitionPenalty: number;
  readonly minLength: number;
  readonly minNewTokens: number;
  /** 0 where it is not said. */
  readonly maxNewTokens: number;
  readonly maxLength: number;
  /** Of beam search; 1 where there is none. */
  readonly beams: number;
  readonly samples: boolean;
  /** Settings of sampling as the configs have them, whatever their size; undefined where they do not say. */
  readonly temperature: number | undefined;
  readonly topK: number | undefined;
  readonly topP: number | undefined;
  readonly minP: number | undefined;
  /** Of the score of a beam; 1 where the configs do not say. */
  readonly lengthPenalty: number;
  /** When a beam search ends: as soon as there are as many texts as beams, by a guess, or only for certain. */
  readonly earlyStopping: boolean | 'never';
  readonly alignmentHeads: readonly unknown[];
  /** Names of further settings that are asked for and not done here, as the configs have them. */
  readonly undone: readonly string[];
}

/** Settings that change what is generated, each with the value that means no change. */
const UNDONE: Readonly<Record<string, unknown>> = {
  num_beam_groups: 1,
  diversity_penalty: 0,
  penalty_alpha: 0,
  force_words_ids: null,
  constraints: null,
  sequence_bias: null,
  encoder_no_repeat_ngram_size: 0,
  encoder_repetition_penalty: 1,
  exponential_decay_length_penalty: null,
  guidance_scale: 1,
  stop_strings: null,
  typical_p: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  top_h: null,
  max_time: null,
  renormalize_logits: false,
  dola_layers: null,
  token_healing: false,
  watermarking_config: null,
};

/** Longer lists are left out: no model's settings have so many entries. */
const MAX_LIST = 100_000;

/**
 * @param config parsed config.json
 * @param generation parsed generation_config.json, where there is one
 */
export function readGenerationConfig(config: unknown, generation?: unknown): GenerationConfig {
  const own = partsOf(generation, 'decoder');
  const parts = [...own, ...partsOf(config, 'decoder')];
  const get = (name: string): unknown => parts.find((part) => part[name] != null)?.[name];
  const ids = (name: string): readonly number[] => asIds(get(name)).slice(0, MAX_LIST);
  const id = (name: string): number => ids(name)[0] ?? -1;
  const number = (name: string): number | undefined => {
    const value = get(name);
    return typeof value === 'number' ? value : undefined;
  };
  const penalty = get('repetition_penalty');
  const stopping = get('early_stopping');
  const [top] = own;
  return {
    endOfSequence: ids('eos_token_id'),
    endIsGenerationConfigs: own.some((part) => asIds(part['eos_token_id']).length > 0),
    decoderStart: id('decoder_start_token_id'),
    beginning: id('bos_token_id'),
    pad: id('pad_token_id'),
    badWords: asList(get('bad_words_ids'))
      .slice(0, MAX_LIST)
      .map((words) => asIntegers(words))
      .filter((words) => words.length > 0),
    suppressed: ids('suppress_tokens'),
    beginSuppressed: ids('begin_suppress_tokens'),
    forcedFirst: id('forced_bos_token_id'),
    forcedLast: id('forced_eos_token_id'),
    forcedAt: placed(get('forced_decoder_ids')),
    noRepeatNgram: asInteger(get('no_repeat_ngram_size')) ?? 0,
    repetitionPenalty: typeof penalty === 'number' && penalty > 0 && penalty < Infinity ? penalty : 1,
    minLength: asInteger(get('min_length')) ?? 0,
    minNewTokens: asInteger(get('min_new_tokens')) ?? 0,
    maxNewTokens: (top && asInteger(top['max_new_tokens'], 1)) ?? 0,
    maxLength: asInteger(get('max_length'), 2) ?? 0,
    beams: asInteger(get('num_beams'), 1) ?? 1,
    samples: get('do_sample') === true,
    temperature: number('temperature'),
    topK: asInteger(get('top_k')),
    topP: number('top_p'),
    minP: number('min_p'),
    lengthPenalty: number('length_penalty') ?? 1,
    earlyStopping: stopping === true || stopping === 'never' ? stopping : false,
    alignmentHeads: asList(top?.['alignment_heads']),
    undone: Object.keys(UNDONE).filter((name) => get(name) != null && get(name) !== UNDONE[name]),
  };
}

function placed(value: unknown): readonly (readonly [number, number])[] {
  return asList(value)
    .slice(0, 64)
    .flatMap((pair): (readonly [number, number])[] => {
      const [place, token] = asList(pair);
      const at = asInteger(place);
      const id = asInteger(token);
      return at === undefined || id === undefined ? [] : [[at, id]];
    });
}

/** The most tokens that tokenizer_config.json says the model takes; Infinity where it does not say (1e30 stands for that). */
export function statedLength(tokenizerConfig: unknown): number {
  const config: JsonObject = asObject(tokenizerConfig) ?? {};
  const stated = asInteger(config['model_max_length'], 2);
  return stated !== undefined && stated < 1e7 ? stated : Infinity;
}
