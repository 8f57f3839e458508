/** What config.json and generation_config.json say about a model, in one form for every family. */
import { ExplainError } from '../errors';
import type { ModelFamily } from '../attention/types';
import { readGenerationConfig, type GenerationConfig } from '../config/generationConfig';
import { readModelConfig, type ModelConfig } from '../config/modelConfig';
import { isObject } from '../json/fields';
import { say } from '../text/say';

/** Rules for the greedy choice, as `transformers`' logits processors have them (generation/logits_process.py). */
export interface ChoiceRules {
  /** Never chosen, as the config asks or the user: `suppress_tokens`. */
  readonly suppressed: readonly number[];
  /** Never chosen, whatever the user sets: single-token `bad_words_ids`, Marian's padding. */
  readonly impossible: readonly number[];
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

/** Ids of the tokens that tokenizer_config.json names, for models whose configs do not number them. */
export interface NamedIds {
  /** `eos_token`, or what is usually called so; null where there is none. */
  readonly endOfSequence: number | null;
  /** True where tokenizer_config.json itself names it. */
  readonly endIsStated: boolean;
  readonly beginning: number | null;
  readonly pad: number | null;
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
  /** Tokens that the state-space layers of a hybrid model read at once; 0 where there are none. */
  readonly chunk: number;
  /** Most new tokens that the generation config asks for; 0 where it does not say. */
  readonly maxNewTokens: number;
  readonly rules: ChoiceRules;
}

/** The family by the class name in `architectures`; the files of the model decide first (`engine/model/assemble.ts`). */
function familyByConfig({ isEncoderDecoder, isDecoder, architectures }: ModelConfig): ModelFamily {
  if (isEncoderDecoder) return 'encoder-decoder';
  const writes = isDecoder || architectures.some((name) => /CausalLM|LMHead|GPT|DoubleHeads/.test(name));
  return writes ? 'decoder-only' : 'encoder-only';
}

/**
 * Learned positions of the RoBERTa family start after the padding id, so two of them are never used
 * (`max_position_embeddings` 514 means 512 tokens).
 */
function usablePositions(positions: number): number {
  const less = positions - 2;
  return less >= 128 && Number.isInteger(Math.log2(less)) ? less : positions;
}

function rulesOf(generation: GenerationConfig, modelType: string, pad: number): ChoiceRules {
  const { badWords, beginSuppressed, forcedFirst, forcedLast } = generation;
  const { noRepeatNgram, repetitionPenalty, minLength, minNewTokens } = generation;
  const impossible = new Set([
    ...badWords.filter((words) => words.length === 1).flat(),
    // MarianMTModel gives its padding a logit of minus infinity; exports lack that bias.
    ...(modelType === 'marian' && pad >= 0 ? [pad] : []),
  ]);
  return {
    suppressed: generation.suppressed,
    impossible: [...impossible],
    beginSuppressed,
    badSequences: badWords.filter((words) => words.length > 1),
    forcedFirst,
    forcedLast,
    noRepeatNgram,
    repetitionPenalty,
    minLength,
    minNewTokens,
  };
}

/**
 * The tokens that end a sequence: those of generation_config.json; else those that config.json numbers, at the top or
 * one level down, and the one that tokenizer_config.json names (a chat model's is often said there only). What is merely
 * called `</s>` ends a sequence where nothing else is said.
 */
function endsOf(generation: GenerationConfig, named: NamedIds | undefined): readonly number[] {
  const { endOfSequence, endIsGenerationConfigs } = generation;
  if (endIsGenerationConfigs) return endOfSequence;
  const end = named?.endOfSequence ?? null;
  if (end === null || (endOfSequence.length > 0 && named?.endIsStated === false)) return endOfSequence;
  return [...new Set([...endOfSequence, end])];
}

/** The first of several values that is an id (0 or more); -1 where none is. */
function firstId(...ids: readonly (number | null | undefined)[]): number {
  return ids.find((id) => id !== null && id !== undefined && id >= 0) ?? -1;
}

/** The numbers of one side (encoder or decoder); 0 where the family does not have that side. */
function sideOf(stack: ModelConfig['encoder'], has: boolean): { readonly layers: number; readonly heads: number } {
  return has ? { layers: stack.layers, heads: stack.heads[0] ?? 0 } : { layers: 0, heads: 0 };
}

function newTokensOf({ maxNewTokens, maxLength }: GenerationConfig, family: ModelFamily): number {
  if (maxNewTokens > 0) return maxNewTokens;
  return maxLength > 0 && family === 'encoder-decoder' ? maxLength - 1 : 0;
}

/**
 * Reads a model's configuration.
 * @param config parsed config.json; undefined where there is none: what it would say is 0 then
 * @param generation parsed generation_config.json, where there is one
 * @param family the family that the model's files show, where they decide it
 * @param named ids of the tokens that the tokenizer names
 * @throws ExplainError MODEL_CONFIG_INVALID
 */
export function readModelSpec(
  config: unknown,
  generation?: unknown,
  family?: ModelFamily,
  named?: NamedIds,
): ModelSpec {
  if (config !== undefined && !isObject(config))
    throw new ExplainError('MODEL_CONFIG_INVALID', say('transformer.configNoObject'));
  const model = readModelConfig(config);
  const wishes = readGenerationConfig(config, generation);
  const kind = family ?? familyByConfig(model);
  const encoder = sideOf(model.encoder, kind !== 'decoder-only');
  const decoder = sideOf(model.decoder, kind !== 'encoder-only');
  const stack = kind === 'encoder-only' ? model.encoder : model.decoder;
  const pad = firstId(wishes.pad, named?.pad);
  const decoderStart =
    kind === 'encoder-decoder'
      ? firstId(wishes.decoderStart, wishes.beginning, wishes.pad, named?.beginning, named?.pad)
      : -1;
  if (kind === 'encoder-decoder' && decoderStart < 0)
    throw new ExplainError('MODEL_CONFIG_INVALID', say('transformer.noStart'));
  return {
    modelType: model.modelType,
    family: kind,
    vocabularySize: model.vocabularySize,
    decoderStart,
    endOfSequence: endsOf(wishes, named),
    pad,
    encoderLayers: encoder.layers,
    encoderHeads: encoder.heads,
    decoderLayers: decoder.layers,
    decoderHeads: decoder.heads,
    kvHeads: stack.kvHeads > 0 ? stack.kvHeads : decoder.heads || encoder.heads,
    headDimension: stack.headDimension,
    positions: usablePositions(model.positions),
    chunk: model.chunk,
    maxNewTokens: newTokensOf(wishes, kind),
    rules: rulesOf(wishes, model.modelType, wishes.pad),
  };
}
