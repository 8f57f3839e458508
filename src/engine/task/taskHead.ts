/** What a model that only reads answers: told from its file's outputs, and by its config where they leave it open. */
import type { TaskConfig } from '../../config/taskConfig';
import { readTaskConfig } from '../../config/taskConfig';
import type { PooledTokens } from '../../onnx/anatomy/pooledTokens';
import type { TaskName } from '../../protocol/engine';
import type { TextTokenizer } from '../../tokenizer/index';
import type { ModelParts } from '../model/assemble';

export interface TaskHead {
  readonly task: TaskName;
  readonly config: TaskConfig;
  /** Names of outputs that it needs beside the file's result. */
  readonly also: readonly string[];
  /** Which tokens the answer is computed from. */
  readonly pooling: PooledTokens;
}

type Parts = Pick<ModelParts, 'family' | 'encoder' | 'encoderGraph' | 'spec'>;

/**
 * The head of an encoder-only model; null where its result is over its vocabulary, or nothing that is known.
 * @param config parsed config.json
 */
export function taskHeadOf({ family, encoder, encoderGraph, spec }: Parts, config: unknown): TaskHead | null {
  if (family !== 'encoder-only' || !encoder || !encoderGraph) return null;
  const read = readTaskConfig(config);
  const ends = spanOutputs(encoderGraph.declared.map(({ name }) => name));
  if (ends) return { task: 'span', config: read, also: ends, pooling: 'unknown' };
  const declared = encoderGraph.declared.find(({ name }) => name === encoder.output);
  const task = taskOf(encoder.output, declared?.dims ?? null, spec.vocabularySize, read);
  return task && { task, config: read, also: [], pooling: poolingIn(encoderGraph) };
}

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
  if (dims?.length === 2 && (isNamed || isOf('ForSequenceClassification'))) return 'labels';
  if (dims && dims.length !== 3) return null;
  const width = dims?.[2];
  const isNarrow = isNamed && typeof width === 'number' && width > 0 && width < vocabulary;
  if (isOf('ForTokenClassification') || (isNarrow && architectures.length === 0)) return 'token-labels';
  return !dims && isOf('ForSequenceClassification') ? 'labels' : null;
}

/** True where two texts can be read as one pair, which the answer is then about. */
export const readsPairs = ({ task }: TaskHead, { pairs }: Pick<TextTokenizer, 'pairs'>): boolean =>
  pairs && (task === 'labels' || task === 'span');

/** In a masked model a token that is looked for is the last one that is no padding, as there is none here. */
function poolingIn({ pooling, taps }: NonNullable<Parts['encoderGraph']>): PooledTokens {
  if (pooling !== 'sought') return pooling;
  return taps.some(({ kind }) => kind === 'decoder') ? 'last' : 'unknown';
}
