/** What a model that only reads answers: told from its file's outputs, and by its config where they leave it open. */
import type { TaskConfig } from '../../config/taskConfig';
import { readTaskConfig } from '../../config/taskConfig';
import type { PooledTokens } from '../../onnx/anatomy/pooledTokens';
import type { TaskName } from '../../protocol/engine';
import type { ModelParts } from '../model/assemble';

export interface TaskHead {
  readonly task: TaskName;
  readonly config: TaskConfig;
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
  const declared = encoderGraph.declared.find(({ name }) => name === encoder.output);
  const task = taskOf(encoder.output, declared?.dims ?? null, spec.vocabularySize, read);
  return task && { task, config: read, pooling: poolingIn(encoderGraph) };
}

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

/** In a masked model a token that is looked for is the last one that is no padding, as there is none here. */
function poolingIn({ pooling, taps }: NonNullable<Parts['encoderGraph']>): PooledTokens {
  if (pooling !== 'sought') return pooling;
  return taps.some(({ kind }) => kind === 'decoder') ? 'last' : 'unknown';
}
