/** A model's settings files and its tokenizer, read; and what can be said against a model before its graphs are loaded. */
import { POOLING_FILE } from '../../config/sentencePooling';
import { senseOf, senseOfConfig } from '../../config/senses';
import { ExplainError } from '../../errors';
import { asObject, isObject } from '../../json/fields';
import { openModel } from '../../onnx/graph/onnxFile';
import { signatureOf } from '../../onnx/graph/signature';
import type { TensorSignature } from '../../onnx/types';
import type { ModelFiles } from '../../protocol/engine';
import { say } from '../../text/say';
import { createTokenizer, type TextTokenizer } from '../../tokenizer/index';
import type { NamedIds } from '../../transformer/spec';
import { findGraphPlaces, findSide, readJson, type GraphFile, type GraphPlace } from './modelFiles';

/** The parsed contents of config.json, generation_config.json and tokenizer_config.json; undefined where the model has no such file. */
export interface ModelSettings {
  readonly config: unknown;
  readonly generation: unknown;
  readonly tokenizerConfig: unknown;
  /** `1_Pooling/config.json` of a sentence embedder. */
  readonly pooling: unknown;
}

/** @throws ExplainError MODEL_CONFIG_INVALID */
export function readModelSettings(files: ModelFiles): ModelSettings {
  const config = readJson(files, 'config.json', false);
  if (config !== undefined && !isObject(config))
    throw new ExplainError('MODEL_CONFIG_INVALID', say('transformer.configNoObject'));
  return {
    config,
    generation: readJson(files, 'generation_config.json', false),
    tokenizerConfig: readJson(files, 'tokenizer_config.json', false),
    pooling: readJson(files, POOLING_FILE, false),
  };
}

/**
 * The graphs to load, of which some files may still be on their way.
 * @throws ExplainError MODEL_FILE_MISSING, or MODEL_UNSUPPORTED where the config says that it is no model of text
 */
export function findTextPlaces(paths: readonly string[], config: unknown): readonly GraphPlace[] {
  try {
    return findGraphPlaces(paths);
  } catch (thrown) {
    const sense = senseOfConfig(config);
    if (sense) throw new ExplainError('MODEL_UNSUPPORTED', say(sense), { cause: thrown });
    throw thrown;
  }
}

/** Refuses a model that does not read text by what its graphs read. @throws ExplainError MODEL_UNSUPPORTED */
export function refuseOtherSenses(config: unknown, graphs: readonly GraphFile[]): void {
  const sense = senseOf(config, graphs.map(inputsOf));
  if (sense) throw new ExplainError('MODEL_UNSUPPORTED', say(sense));
}

/** Declared inputs; none where the file cannot be read, which is said when it is loaded. */
function inputsOf({ bytes }: GraphFile): readonly TensorSignature[] {
  try {
    return signatureOf(openModel(bytes)).inputs;
  } catch (thrown) {
    if (thrown instanceof ExplainError) return [];
    throw thrown;
  }
}

/** @throws ExplainError TOKENIZER_MISSING, TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function readTokenizer(files: ModelFiles): TextTokenizer {
  return createTokenizer({
    tokenizer: findSide(files, 'tokenizer.json') ?? null,
    config: findSide(files, 'tokenizer_config.json') ?? null,
    chatTemplate: findSide(files, 'chat_template.jinja') ?? null,
  });
}

/** The ids of the tokens that tokenizer_config.json names, or that have the names which nearly all tokenizers give them. */
export function namedIds(tokenizer: TextTokenizer, { tokenizerConfig }: ModelSettings): NamedIds {
  return {
    endOfSequence: tokenizer.named('eos'),
    endIsStated: asObject(tokenizerConfig)?.['eos_token'] != null,
    beginning: tokenizer.named('bos'),
    pad: tokenizer.named('pad'),
  };
}
