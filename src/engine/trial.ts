/** The run that a model has to pass when it is loaded: a short text, every tap looked at, results as without taps. */
import { assertSelfTest, selfTest } from '../attention/selfTest';
import { KeyValueCache } from '../transformer/cache';
import type { LayerWeights, TappedGraph } from '../transformer/capture';
import { Decoder } from '../transformer/decoder';
import { Encoder } from '../transformer/encoder';
import { isTokenLogits } from '../transformer/fill';
import type { Tensor } from '../transformer/session';
import { readFloats } from '../transformer/tensors';
import type { TextTokenizer } from '../tokenizer/index';
import type { ModelParts } from './assemble';
import type { LoadedGraph } from './loadedGraph';
import { createSession } from './ortSession';
import { checkSame } from './sameResults';

const SAMPLE = 'The cat sat on the mat.';
/** Files up to this size are loaded a second time without the tap, to compare results; beyond it that costs too much. */
const MAX_COMPARED_BYTES = 32e6;

export interface TrialResult {
  /** One entry a tap. */
  readonly weights: readonly LayerWeights[];
  readonly fillsMasks: boolean;
  readonly notes: readonly string[];
}

/** fp16 and quantised weights round more. */
function coarse(graph: LoadedGraph): boolean {
  return graph.integers || (graph.file.precision !== '' && graph.file.precision !== 'fp32');
}

/** Of results with and without the tap, relative to the largest: what is fused adds up in another order, and on a GPU in yet another. */
function tolerance(graph: LoadedGraph, weights: readonly LayerWeights[]): number {
  const half = weights.some((layer) => layer.type === 'float16');
  return half || coarse(graph) ? 2e-2 : graph.provider === 'webgpu' ? 2e-3 : 5e-4;
}

/** Shape, row sums and mask of every tap. `positions` are those of the queries, which are the last of the keys or the encoder's. */
function check(
  weights: readonly LayerWeights[],
  graph: LoadedGraph,
  queries: number,
  keys: { readonly self: number; readonly cross: number },
): void {
  const failures = weights.flatMap((layer, index) => {
    const tap = graph.taps[index];
    if (!tap) return [`there is no tap ${index}`];
    const { heads, type } = layer;
    const shape = [...(tap.layout === 'bhqk' ? [1] : []), heads, layer.queries, layer.keys];
    return selfTest(layer.data, shape, {
      label: tap.label,
      heads: tap.heads,
      queries,
      keys: tap.kind === 'cross' ? keys.cross : keys.self,
      layout: tap.layout,
      causal: tap.kind === 'decoder',
      mayLoseMass: tap.mayLoseMass,
      precision: type === 'float16' ? 'float16' : coarse(graph) ? 'quantized' : 'float32',
    });
  });
  assertSelfTest(failures);
}

/**
 * Loads the file as it came, without attention outputs, runs `use` on it and frees it. On the CPU and without any
 * optimiser: that is several times faster to load, and a better reference, of the graphics adapter's arithmetic too.
 */
async function untapped<T>(graph: LoadedGraph, use: (plain: TappedGraph) => Promise<T>): Promise<T | undefined> {
  const { file, plan } = graph;
  if (file.bytes.length > MAX_COMPARED_BYTES || plan.externalData.length > 0) return undefined;
  const session = await createSession(file.bytes, {
    provider: 'wasm',
    externalData: [],
    disabledOptimizers: [],
    inputs: graph.session.inputs,
    onDevice: [],
    optimization: 'disabled',
  });
  try {
    return await use({ session, taps: [] });
  } finally {
    await session.dispose();
  }
}

/** A few tokens of an English sentence, for the runs that a model is tested by. */
export function sampleOf(tokenizer: TextTokenizer): readonly number[] {
  const { ids } = tokenizer.encode(SAMPLE);
  return (ids.length > 2 ? ids : [0, 1, 2]).slice(0, 16);
}

/**
 * @param ids a few tokens to run it over
 * @throws ExplainError SELFTEST_FAILED, and what a run can fail with
 */
export async function testModel(
  { graphs, encoder, decoder, encoderGraph, decoderGraph, spec }: ModelParts,
  ids: readonly number[],
): Promise<TrialResult> {
  const weights: LayerWeights[] = [];
  const notes: string[] = [];
  let fillsMasks = false;
  let states: Tensor | undefined;

  if (encoder && encoderGraph) {
    const pass = await encoder.run(ids);
    check(pass.weights, encoderGraph, ids.length, { self: ids.length, cross: 0 });
    weights.push(...pass.weights);
    fillsMasks = !decoder && isTokenLogits(pass.output, ids.length, spec.vocabularySize);
    // The result is in memory, not on the device: reading it does not use it up.
    const result = await readFloats(pass.output);
    const plain = await untapped(encoderGraph, async (graph) =>
      readFloats((await new Encoder(graph, encoderGraph.file.role, spec, [encoder.output]).run(ids)).output),
    );
    if (plain) checkSame(result, plain, encoderGraph.file.path, tolerance(encoderGraph, pass.weights));
    notes.push(
      `${encoderGraph.file.path}: ${pass.weights.length} maps checked${plain ? ', results equal the untapped file’s' : '; too large to be loaded a second time without the tap'}.`,
    );
    states = pass.output;
  }
  if (decoder && decoderGraph) {
    const target = spec.decoderStart >= 0 ? [spec.decoderStart, ...ids.slice(0, 4)] : ids;
    const side = states && { states, length: ids.length };
    const cache = new KeyValueCache();
    try {
      const pass = await decoder.feed(target.slice(0, -1), cache, side, 1);
      check(pass.weights, decoderGraph, target.length - 1, { self: target.length - 1, cross: ids.length });
      weights.push(...pass.weights);
      if (decoder.cached) {
        const step = await decoder.feed(target.slice(-1), cache, side, 1);
        check(step.weights, graphs.find((graph) => graph.file.role === 'decoder-with-past') ?? decoderGraph, 1, {
          self: target.length,
          cross: ids.length,
        });
      }
      const plain = await untapped(
        decoderGraph,
        async (graph) =>
          (
            await new Decoder(graph, decoderGraph.file.role, spec).feed(
              target.slice(0, -1),
              new KeyValueCache(),
              side,
              1,
            )
          ).logits,
      );
      if (plain) checkSame(pass.logits, plain, decoderGraph.file.path, tolerance(decoderGraph, pass.weights));
      notes.push(
        `${decoderGraph.file.path}: ${pass.weights.length} maps checked${decoder.cached ? ', with and without cache' : ''}${plain ? ', logits equal the untapped file’s' : '; too large to be loaded a second time without the tap'}.`,
      );
    } finally {
      cache.clear();
      states?.dispose();
    }
  }
  return { weights, fillsMasks, notes };
}
