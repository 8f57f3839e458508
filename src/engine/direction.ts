/** Which way a single file reads, where its inputs and its config do not say. */
import { looksBackOnly } from '../attention/selfTest';
import { asDecoder } from '../onnx/find/relabel';
import { Encoder } from '../transformer/encoder';
import { isTokenLogits } from '../transformer/fill';
import type { ModelSpec } from '../transformer/spec';
import type { LoadedGraph } from './loadedGraph';

/** Names of the result of an encoder-only model, the wanted ones first. */
export const ENCODER_ONLY_OUTPUTS = ['logits', 'prediction_logits', 'last_hidden_state'] as const;

/**
 * Runs a file that is taken for an encoder-only model over `ids`; where no token looks at a later one and there are logits
 * for every position, it is a decoder-only model without a cache, and its attention is named accordingly.
 * @param spec of an encoder-only model
 * @throws ExplainError INPUT_UNSUPPORTED, RUN_FAILED, OUT_OF_MEMORY, GPU_LOST
 */
export async function withDirection(graph: LoadedGraph, spec: ModelSpec, ids: readonly number[]): Promise<LoadedGraph> {
  if (graph.file.role !== 'model' || graph.taps.some((tap) => tap.kind !== 'encoder')) return graph;
  const { weights, output } = await new Encoder(graph, 'model', spec, ENCODER_ONLY_OUTPUTS).run(ids);
  const writes = isTokenLogits(output, ids.length, spec.vocabularySize);
  output.dispose();
  return writes && looksBackOnly(weights) ? { ...graph, taps: asDecoder(graph.taps) } : graph;
}
