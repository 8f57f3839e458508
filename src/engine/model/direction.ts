/** Which way a single file reads, and whether it writes: told from a run, as inputs and config may say nothing or the wrong thing. */
import { looksBackOnly, unmovedByLast } from '../../attention/selfTest';
import { withKind } from '../../onnx/find/relabel';
import { Encoder } from '../../transformer/encoder';
import { isVocabularyLogits } from '../../transformer/mainOutput';
import type { ModelSpec } from '../../transformer/spec';
import type { LoadedGraph } from './loadedGraph';

/** Names of the result of a model of one file, the wanted ones first. */
export const SINGLE_OUTPUTS = [
  'logits',
  'prediction_logits',
  'lm_logits',
  'last_hidden_state',
  'token_embeddings',
] as const;

/** By how much rounding alone may change a weight in rows that the last token does not reach, in floats and in quantised graphs. */
const MOVED = 0.01;
const MOVED_BY_INTEGERS = 0.3;

export interface ReadingDirection {
  readonly graph: LoadedGraph;
  /** It gives logits over its vocabulary, of every token or of the last one. */
  readonly writes: boolean;
}

/**
 * Runs a single file over two texts that differ in their last token. Where no token looks at a later one and the last token changes
 * nothing in the rows before it, its attention is masked and named a decoder's; otherwise it is an encoder's.
 * @param spec of an encoder-only model
 * @throws ExplainError INPUT_UNSUPPORTED, RUN_FAILED, OUT_OF_MEMORY, GPU_LOST
 */
export async function withDirection(
  graph: LoadedGraph,
  spec: ModelSpec,
  sample: readonly number[],
): Promise<ReadingDirection> {
  const ids = inWholeChunks(sample, spec.chunk);
  const reader = new Encoder(graph, graph.file.role, spec, SINGLE_OUTPUTS);
  const first = await reader.run(ids);
  const writes = isVocabularyLogits(first.output, spec.vocabularySize);
  first.output.dispose();
  const second = await reader.run([...ids.slice(0, -1), otherThan(ids.at(-1) ?? 0, ids)]);
  second.output.dispose();
  const masked =
    looksBackOnly(first.weights) &&
    looksBackOnly(second.weights) &&
    unmovedByLast(first.weights, second.weights, graph.integers ? MOVED_BY_INTEGERS : MOVED);
  return { graph: { ...graph, taps: withKind(graph.taps, masked ? 'decoder' : 'encoder') }, writes };
}

/** The text again and again up to a multiple of so many tokens: some exports of hybrid models run over nothing else. */
function inWholeChunks(ids: readonly number[], chunk: number): readonly number[] {
  if (chunk === 0 || ids.length === 0) return ids;
  return Array.from({ length: Math.ceil(ids.length / chunk) * chunk }, (_, at) => ids[at % ids.length] as number); // within
}

/** Another token of the same text, or a neighbour of the only one. */
function otherThan(id: number, ids: readonly number[]): number {
  return ids.find((other) => other !== id) ?? (id > 0 ? id - 1 : id + 1);
}
