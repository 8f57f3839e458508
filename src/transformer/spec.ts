/** What config.json and generation_config.json say about a model, in one form for every family. */
import { ExplainError } from '../errors';
import type { ModelFamily } from '../attention/types';
import { asInteger, asIntegers, asList, asObject, firstInteger, type JsonObject } from './json';

/** Rules for the greedy choice, as `transformers`' logits processors have them (generation/logits_process.py). */
export interface ChoiceRules {
  /** Never chosen: single-token `bad_words_ids`, `suppress_tokens`, Marian's padding. */
  readonly suppressed: readonly number[];
  /** Not chosen as the first token (`begin_suppress_tokens`). */
  readonly beginSuppressed: readonly number[];
  /** Sequences of two or more tokens whose last token is not chosen after the ones before it (`bad_words_ids`). */
  readonly badSequences: readonly (readonly number[])[];
  /** The first token after the start token, where the model demands one (language of mBART, M2M100, NLLB); -1 if none. */
  readonly forcedFirst: number;
  /** The token put at the length limit (`forced_eos_token_id`); -1 if none. */
  readonly forcedLast: number;
  /** No n-gram of this size is repeated; 0 for off. */
  readonly noRepeatNgram: number;
  /** Logits of tokens already there are divided (positive) or multiplied (negative) by this; 1 for off. */
  readonly repetitionPenalty: number;
  /** No end of sequence before the target has this many tokens, start token or prompt counted in. */
  readonly minLength: number;
  /** No end of sequence before this many new tokens. */
  readonly minNewTokens: number;
}

export interface ModelSpec {
  readonly modelType: string;
  readonly family: ModelFamily;
  readonly vocabularySize: number;
  /** First token of an encoder-decoder's target; -1 where there is none. */
  readonly decoderStart: number;
  /** Tokens that end a sequence; may be empty. */
  readonly endOfSequence: readonly number[];
  /** -1 where there is none. */
  readonly pad: number;
  /** Expected attention layers and query heads, for the reconciliation with the graph; 0 where the config does not say. */
  readonly encoderLayers: number;
  readonly encoderHeads: number;
  readonly decoderLayers: number;
  readonly decoderHeads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  /** Positions that the model was made for; 0 where it knows no bound. */
  readonly positions: number;
  /** Most new tokens that the generation config asks for; 0 where it does not say. */
  readonly maxNewTokens: number;
  readonly rules: ChoiceRules;
}

/** Families by the class name in `architectures`; the files of the model decide first (see `familyOf`). */
function familyByConfig(config: JsonObject): ModelFamily {
  if (config['is_encoder_decoder'] === true) return 'encoder-decoder';
  const architectures = Array.isArray(config['architectures']) ? config['architectures'].map(String) : [];
  if (config['is_decoder'] === true || architectures.some((name) => /CausalLM|LMHead|GPT|DoubleHeads/.test(name)))
    return 'decoder-only';
  if (
    architectures.some((name) =>
      /MaskedLM|ForPreTraining|SequenceClassification|TokenClassification|QuestionAnswering|MultipleChoice/.test(name),
    )
  )
    return 'encoder-only';
  return 'encoder-only';
}

/**
 * Learned positions of the RoBERTa family start after the padding id, so two of them are never used
 * (`max_position_embeddings` 514 means 512 tokens).
 */
function usablePositions(positions: number): number {
  const less = positions - 2;
  return less >= 128 && Number.isInteger(Math.log2(less)) ? less : positions;
}

function headDimensionOf(config: JsonObject, width: number, heads: number): number {
  const direct = firstInteger(config, ['head_dim', 'd_kv', 'attention_head_size', 'head_size'], 1);
  if (direct !== undefined) return direct;
  return width > 0 && heads > 0 && width % heads === 0 ? width / heads : 0;
}

function readRules(config: JsonObject, generation: JsonObject, modelType: string, pad: number): ChoiceRules {
  const get = (name: string): unknown => generation[name] ?? config[name];
  const badWords = get('bad_words_ids');
  const sequences = asList(badWords)
    .map(asIntegers)
    .filter((words) => words.length > 0);
  const suppressed = new Set<number>([
    ...sequences.filter((words) => words.length === 1).flat(),
    ...(get('suppress_tokens') == null ? [] : asIntegers(get('suppress_tokens'))),
  ]);
  // MarianMTModel gives its padding a logit of minus infinity; exports lack that bias.
  if (modelType === 'marian' && pad >= 0) suppressed.add(pad);
  const penalty = get('repetition_penalty');
  return {
    suppressed: [...suppressed],
    beginSuppressed: get('begin_suppress_tokens') == null ? [] : asIntegers(get('begin_suppress_tokens')),
    badSequences: sequences.filter((words) => words.length > 1),
    forcedFirst: asInteger(get('forced_bos_token_id')) ?? -1,
    forcedLast: asIntegers(get('forced_eos_token_id'))[0] ?? -1,
    noRepeatNgram: asInteger(get('no_repeat_ngram_size')) ?? 0,
    repetitionPenalty: typeof penalty === 'number' && penalty > 0 ? penalty : 1,
    minLength: asInteger(get('min_length')) ?? 0,
    minNewTokens: asInteger(get('min_new_tokens')) ?? 0,
  };
}

/**
 * Reads a model's configuration.
 * @param config parsed config.json
 * @param generation parsed generation_config.json, where there is one
 * @param family the family that the model's files show, where they decide it
 * @throws ExplainError MODEL_CONFIG_INVALID
 */
export function readModelSpec(config: unknown, generation?: unknown, family?: ModelFamily): ModelSpec {
  const top = asObject(config);
  if (!top)
    throw new ExplainError(
      'MODEL_CONFIG_INVALID',
      'The model’s config.json is not a JSON object; get the model’s files again.',
    );
  // Multi-modal wrappers keep the language model's numbers one level down.
  const root: JsonObject = { ...asObject(top['text_config']), ...top };
  const gen = asObject(generation) ?? {};
  const modelType = typeof root['model_type'] === 'string' ? root['model_type'] : '';
  const get = (name: string): unknown => gen[name] ?? root[name];

  const kind = family ?? familyByConfig(root);
  const layers = firstInteger(root, ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'], 1) ?? 0;
  const heads =
    firstInteger(root, ['num_attention_heads', 'n_head', 'num_heads', 'n_heads', 'encoder_attention_heads'], 1) ?? 0;
  const encoderLayers =
    kind === 'decoder-only'
      ? 0
      : (firstInteger(root, ['encoder_layers'], 1) ?? asInteger(root['num_layers'], 1) ?? layers);
  const decoderLayers =
    kind === 'encoder-only'
      ? 0
      : kind === 'decoder-only'
        ? layers
        : (firstInteger(root, ['decoder_layers', 'num_decoder_layers'], 1) ?? layers);
  const encoderHeads = kind === 'decoder-only' ? 0 : (asInteger(root['encoder_attention_heads'], 1) ?? heads);
  const decoderHeads = kind === 'encoder-only' ? 0 : (asInteger(root['decoder_attention_heads'], 1) ?? heads);
  const width = firstInteger(root, ['hidden_size', 'd_model', 'n_embd', 'dim'], 1) ?? 0;
  const pad = asIntegers(get('pad_token_id'))[0] ?? -1;
  const newTokens = asInteger(gen['max_new_tokens'], 1);
  const maxLength = asInteger(get('max_length'), 2);

  const spec: ModelSpec = {
    modelType,
    family: kind,
    vocabularySize: firstInteger(root, ['decoder_vocab_size', 'vocab_size'], 1) ?? 0,
    decoderStart:
      kind === 'encoder-decoder'
        ? (asIntegers(get('decoder_start_token_id'))[0] ?? asIntegers(get('bos_token_id'))[0] ?? pad)
        : -1,
    endOfSequence: get('eos_token_id') == null ? [] : asIntegers(get('eos_token_id')),
    pad,
    encoderLayers,
    encoderHeads,
    decoderLayers,
    decoderHeads,
    kvHeads:
      firstInteger(root, ['num_key_value_heads', 'num_kv_heads', 'n_head_kv'], 1) ??
      (root['multi_query'] === true ? 1 : decoderHeads || encoderHeads),
    headDimension: headDimensionOf(root, width, decoderHeads || encoderHeads),
    positions: usablePositions(
      firstInteger(
        root,
        ['max_position_embeddings', 'n_positions', 'max_sequence_length', 'max_seq_len', 'seq_length', 'n_ctx'],
        2,
      ) ?? 0,
    ),
    maxNewTokens: newTokens ?? (maxLength !== undefined && kind === 'encoder-decoder' ? maxLength - 1 : 0),
    rules: readRules(root, gen, modelType, pad),
  };
  if (kind === 'encoder-decoder' && spec.decoderStart < 0) {
    throw new ExplainError(
      'MODEL_CONFIG_INVALID',
      'The model’s config.json names no decoder_start_token_id, so its decoder cannot be started; use a complete config.json.',
    );
  }
  return spec;
}
