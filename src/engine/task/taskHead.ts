/** What a model that only reads answers: told from its file's outputs, and by its config where they leave it open. */
import type { TaskConfig } from '../../config/taskConfig';
import { readTaskConfig } from '../../config/taskConfig';
import { readSentencePooling, type StatePooling } from '../../config/sentencePooling';
import type { ModelSettings } from '../files/modelSettings';
import type { PooledTokens } from '../../onnx/anatomy/pooledTokens';
import type { TaskName } from '../../protocol/engine';
import type { TextTokenizer } from '../../tokenizer/index';
import type { ModelParts } from '../model/assemble';

export interface TaskHead {
  readonly task: TaskName;
  readonly config: TaskConfig;
  /** Names of outputs that it needs beside the file's result. */
  readonly also: readonly string[];
  /** Of an embedder: how its tokens' states are taken together, where its files say so. */
  readonly states?: StatePooling | undefined;
  /** Which tokens the answer is computed from. */
  readonly pooling: PooledTokens;
}

type Parts = Pick<ModelParts, 'family' | 'encoder' | 'encoderGraph' | 'spec'>;

/**
 * The head of an encoder-only model; null where its result is over its vocabulary, or nothing that is known.
 * @param settings the model's parsed files
 */
export function taskHeadOf(
  { family, encoder, encoderGraph, spec }: Parts,
  { config, pooling }: Pick<ModelSettings, 'config' | 'pooling'>,
): TaskHead | null {
  if (family !== 'encoder-only' || !encoder || !encoderGraph) return null;
  const read = readTaskConfig(config);
  const ends = spanOutputs(encoderGraph.declared.map(({ name }) => name));
  if (ends) return { task: 'span', config: read, also: ends, pooling: 'unknown' };
  const declared = encoderGraph.declared.find(({ name }) => name === encoder.output);
  const task = taskOf(encoder.output, declared?.dims ?? null, spec.vocabularySize, read);
  if (task === 'embedding') {
    const whole = encoderGraph.declared.find(({ name }) => WHOLE_VECTORS.includes(name));
    const states = readSentencePooling(pooling);
    return { task, config: read, also: whole ? [whole.name] : [], states, pooling: 'unknown' };
  }
  return task && { task, config: read, also: [], pooling: poolingIn(encoderGraph) };
}

/** Names that exporters give to one vector of a whole text, made to compare texts by; BERT's pooler was trained for something else. */
const WHOLE_VECTORS = ['sentence_embedding', 'text_embeds', 'embeddings'];
const STATES = /^(?:last_hidden_state|token_embeddings|hidden_states?)$/;

/** The outputs for the first and the last token of an answer, in this order. */
const spanOutputs = (names: readonly string[]): readonly string[] | undefined =>
  names.includes('start_logits') && names.includes('end_logits') ? ['start_logits', 'end_logits'] : undefined;

function taskOf(
  output: string,
  dims: readonly (number | string)[] | null,
  vocabulary: number,
  { architectures }: TaskConfig,
): TaskName | null {
  const isOf = (kind: string): boolean => architectures.some((name) => name.endsWith(kind));
  const isNamed = /logits|scores?$/i.test(output);
  if (STATES.test(output) || WHOLE_VECTORS.includes(output)) return 'embedding';
  if (dims?.length === 2 && (isNamed || isOf('ForSequenceClassification'))) return 'labels';
  if (dims && dims.length !== 3) return null;
  const width = dims?.[2];
  const isNarrow = isNamed && typeof width === 'number' && width > 0 && width < vocabulary;
  if (isOf('ForTokenClassification') || (isNarrow && architectures.length === 0)) return 'token-labels';
  return !dims && isOf('ForSequenceClassification') ? 'labels' : null;
}

/** True where two texts are read together: as one pair, or each by itself to be compared. */
export const readsPairs = ({ task }: TaskHead, { pairs }: Pick<TextTokenizer, 'pairs'>): boolean =>
  (pairs && (task === 'labels' || task === 'span')) || task === 'embedding';

/** In a masked model a token that is looked for is the last one that is no padding, as there is none here. */
function poolingIn({ pooling, taps }: NonNullable<Parts['encoderGraph']>): PooledTokens {
  if (pooling !== 'sought') return pooling;
  return taps.some(({ kind }) => kind === 'decoder') ? 'last' : 'unknown';
}
