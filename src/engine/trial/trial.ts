/** The run that a model has to pass when it is loaded: a short text, every tap looked at, results as without taps. */
import { rowsFrom } from '../../attention/rowBlock';
import { proveWeights, type Rows } from '../../attention/proof';
import { assertSelfTest, selfTest } from '../../attention/selfTest';
import { say } from '../../text/say';
import type { TextTokenizer } from '../../tokenizer/index';
import { KeyValueCache } from '../../transformer/cache';
import type { LayerWeights } from '../../transformer/capture';
import { Decoder, type DecoderPass, type EncoderStates } from '../../transformer/decoder';
import { Encoder } from '../../transformer/encoder';
import { isTokenLogits } from '../../transformer/fill';
import type { ModelSpec } from '../../transformer/spec';
import type { Tensor } from '../../transformer/tensorSession';
import { readFloats } from '../../transformer/tensors';
import type { ModelParts } from '../model/assemble';
import { everyRun } from '../runtime/everyRun';
import { keptScales } from './keptScales';
import type { LoadedGraph } from '../model/loadedGraph';
import { compareUntapped, type Compared } from './sameResults';

const SAMPLE = 'The cat sat on the mat.';

export interface TrialResult {
  /** One entry a tap. */
  readonly weights: readonly LayerWeights[];
  readonly fillsMasks: boolean;
  readonly notes: readonly string[];
}

/** True for graphs with fp16 or quantised weights, which round more. */
function coarse(graph: LoadedGraph): boolean {
  return graph.integers || (graph.file.precision !== '' && graph.file.precision !== 'fp32');
}

/**
 * How far results with and without the tap may differ, as a share of the largest: a fused operator adds numbers up in another order,
 * and a GPU in yet another one.
 */
function tolerance(graph: LoadedGraph, weights: readonly LayerWeights[]): number {
  const half = weights.some((layer) => layer.type === 'float16');
  if (half || coarse(graph)) return 2e-2;
  return graph.provider === 'webgpu' ? 2e-3 : 5e-4;
}

function precisionOf(layer: LayerWeights, graph: LoadedGraph): 'float16' | 'quantized' | 'float32' {
  if (layer.type === 'float16') return 'float16';
  return coarse(graph) ? 'quantized' : 'float32';
}

/** How many queries and keys a pass has. */
interface Extent {
  readonly queries: number;
  readonly self: number;
  readonly cross: number;
}

/** Values of the passes before this one, by the layer's label. Together with this pass's they are the values of all keys in the cache. */
type Before = ReadonlyMap<string, readonly Rows[]>;
const NOTHING: Before = new Map();

/** Shape, row sums and mask of every tap, and the proof of those that were computed beside fused attention. */
function check(weights: readonly LayerWeights[], graph: LoadedGraph, extent: Extent, before: Before = NOTHING): void {
  const failures = weights.flatMap((layer, index) => {
    const tap = graph.taps[index];
    if (!tap) return [say('engine.wrong.noTap', { index })];
    const keys = tap.kind === 'cross' ? extent.cross : extent.self;
    const shape = [...(tap.layout === 'bhqk' ? [1] : []), layer.heads, layer.queries, layer.keys];
    const wrong = selfTest(layer.data, shape, {
      label: tap.label,
      heads: tap.heads,
      queries: extent.queries,
      keys,
      layout: tap.layout,
      causal: tap.kind === 'decoder',
      mayLoseMass: tap.mayLoseMass,
      ...(tap.rounding === undefined ? {} : { rounding: tap.rounding }),
      precision: precisionOf(layer, graph),
    });
    if (wrong.length > 0 || !tap.proof) return wrong;
    if (!layer.proof) return [say('engine.wrong.noProof', { label: tap.label })];
    const { values, result, valueHeads } = layer.proof;
    return proveWeights(layer.data, values, before.get(tap.label) ?? [], result, {
      label: tap.label,
      heads: layer.heads,
      queries: layer.queries,
      keys: layer.keys,
      valueHeads,
      tolerance: tolerance(graph, [layer]),
    });
  });
  assertSelfTest(failures, graph.file.path);
}

function valuesOf(weights: readonly LayerWeights[], graph: LoadedGraph): Before {
  return new Map(
    weights.flatMap((layer, index) => {
      const label = graph.taps[index]?.label;
      return label !== undefined && layer.proof ? [[label, [layer.proof.values]] as const] : [];
    }),
  );
}

/** @param proved how many of the maps were held against what a fused operator itself gave */
function checkedNote(file: string, maps: number, proved: number, compared: boolean): string {
  if (proved > 0) {
    const gaps = { file, maps, proved };
    return compared ? say('engine.sameAsUntappedProved', gaps) : say('engine.notComparedProved', gaps);
  }
  return compared ? say('engine.sameAsUntapped', { file, maps }) : say('engine.notCompared', { file, maps });
}

/** What was checked of a file, as sentences. */
function notesOf(graph: LoadedGraph, weights: readonly LayerWeights[], { compared, levels }: Compared): string[] {
  const file = graph.file.path;
  const count = weights.filter((layer) => layer.proof).length;
  // Of a file that holds encoder and decoder both halves' maps were checked by now.
  const notes = [checkedNote(file, Math.max(weights.length, graph.plan.outputs.length), count, compared)];
  if (levels)
    notes.push(
      say('engine.levelsDiffer', {
        file,
        difference: levels.worst.toPrecision(2),
        scale: levels.scale.toPrecision(2),
      }),
    );
  return notes;
}

/** A few tokens of an English sentence, for the runs that a model is tested by. */
export function sampleOf(tokenizer: TextTokenizer): readonly number[] {
  const { ids } = tokenizer.encode(SAMPLE);
  return (ids.length > 2 ? ids : [0, 1, 2]).slice(0, 16);
}

interface Tested {
  readonly weights: readonly LayerWeights[];
  readonly notes: readonly string[];
}

async function testEncoder(
  encoder: Encoder,
  graph: LoadedGraph,
  { decoder, spec }: ModelParts,
  ids: readonly number[],
): Promise<Tested & { readonly fillsMasks: boolean; readonly states: Tensor }> {
  const { weights, output } = await encoder.run(ids, { prove: true });
  check(weights, graph, { queries: ids.length, self: ids.length, cross: 0 });
  // An export that was traced for one length fails at another one.
  (await encoder.run(ids.slice(0, -1))).output.dispose();
  // A file that holds the decoder too is compared by the decoder's logits.
  if (encoder.output === '') return { weights, notes: [], fillsMasks: false, states: output };
  const fillsMasks = !decoder && isTokenLogits(output, ids.length, spec.vocabularySize);
  // The result is in memory, not on the device: reading it does not use it up.
  const result = await readFloats(output);
  const compared = await compareUntapped(
    graph,
    result,
    async (plain) => readFloats((await new Encoder(plain, graph.file.role, spec, [encoder.output]).run(ids)).output),
    tolerance(graph, weights),
  );
  return { weights, notes: notesOf(graph, weights, compared), fillsMasks, states: output };
}

async function testDecoder(
  decoder: Decoder,
  graph: LoadedGraph,
  { graphs, spec }: ModelParts,
  ids: readonly number[],
  side: EncoderStates | undefined,
): Promise<Tested> {
  const target = spec.decoderStart >= 0 ? [spec.decoderStart, ...ids.slice(0, 4)] : ids;
  const given = target.slice(0, -1);
  const cache = new KeyValueCache();
  try {
    const pass = await firstPass(decoder, spec, () => decoder.feed(given, cache, side, 1, { proof: true }));
    check(pass.weights, graph, { queries: given.length, self: given.length, cross: ids.length });
    const stepGraph = graphs.find(({ file }) => file.role === 'decoder-with-past') ?? graph;
    if (decoder.cached)
      await everyRun(stepGraph.file.path, async () => {
        const step = await decoder.feed(target.slice(-1), cache, side, 1, { proof: true });
        const extent = { queries: 1, self: target.length, cross: ids.length };
        check(step.weights, stepGraph, extent, valuesOf(pass.weights, graph));
      });
    // Without a cache another length has not been tried yet.
    else await decoder.feed(target, new KeyValueCache(), side, 1);
    const compared = await compareUntapped(
      graph,
      pass.logits,
      async (plain) => {
        const untapped = new Decoder(plain, graph.file.role, spec);
        untapped.chunk = decoder.chunk;
        return (await untapped.feed(given, new KeyValueCache(), side, 1)).logits;
      },
      tolerance(graph, pass.weights),
    );
    if (decoder.cached && !side) {
      decoder.takesParts = await takesParts(decoder, graph, given, pass);
      if (decoder.takesParts) decoder.scales = await keptScales(decoder, variedIds(spec));
    }
    const notes = notesOf(graph, pass.weights, compared);
    if (decoder.chunk > 0) notes.push(say('engine.chunks', { file: graph.file.path, chunk: decoder.chunk }));
    return { weights: pass.weights, notes };
  } finally {
    cache.clear();
  }
}

/**
 * The first pass. An export of a hybrid model without a cache may fail at every text that is not of whole chunks: its texts are then
 * filled up. @throws what the pass failed with, where that does not help
 */
async function firstPass(
  decoder: Decoder,
  { chunk }: ModelSpec,
  pass: () => Promise<DecoderPass>,
): Promise<DecoderPass> {
  try {
    return await pass();
  } catch (thrown) {
    if (chunk === 0 || decoder.cached) throw thrown;
    decoder.chunk = chunk;
    try {
      return await pass();
    } catch {
      decoder.chunk = 0;
      throw thrown;
    }
  }
}

/** Ids that differ from each other. A small vocabulary may know no token of the sample, and one token repeated would show nothing. */
function variedIds({ vocabularySize }: ModelSpec): readonly number[] {
  return Array.from({ length: 12 }, (_, at) => (13 + 7919 * at) % Math.max(1, vocabularySize));
}

/** Whether several tokens behind a cache give the rows and the logits that one pass gives. A file that cannot run so says no. */
async function takesParts(
  decoder: Decoder,
  graph: LoadedGraph,
  ids: readonly number[],
  whole: DecoderPass,
): Promise<boolean> {
  const half = ids.length >> 1;
  // A cache of fixed size may overwrite its beginning, which these few tokens would not show.
  const isFixed = [...graph.meanings.values()].some(({ capacity }) => capacity !== undefined);
  if (isFixed || ids.length - half < 2) return false;
  const cache = new KeyValueCache();
  decoder.takesParts = true;
  try {
    await decoder.feed(ids.slice(0, half), cache, undefined, 1);
    const pass = await decoder.feed(ids.slice(half), cache, undefined, 0);
    const most = tolerance(graph, whole.weights);
    const rows = whole.weights.map(({ data, heads, queries, keys }) => rowsFrom(data, heads, queries, keys, half));
    const last = pass.logits.subarray((pass.positions - 1) * pass.vocabulary);
    return (
      pass.positions === ids.length - half &&
      pass.weights.every((layer, index) => isNear(layer.data, rows[index], most)) &&
      isNear(last, whole.logits, most)
    );
  } catch {
    return false;
  } finally {
    decoder.takesParts = false;
    cache.clear();
  }
}

/** True where no two numbers differ by more than a part of the largest. */
function isNear(got: Float32Array, wanted: Float32Array | undefined, most: number): boolean {
  if (got.length !== wanted?.length) return false;
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  return got.every((value, index) => Math.abs(value - (wanted[index] ?? Infinity)) <= most * scale);
}

/**
 * Runs a model over a few tokens and checks everything that comes out.
 * @param ids the tokens
 * @throws ExplainError SELFTEST_FAILED, MODEL_UNSUPPORTED where a file cannot run, and what else a run can fail with
 */
export async function testModel(parts: ModelParts, ids: readonly number[]): Promise<TrialResult> {
  const { encoder, decoder, encoderGraph, decoderGraph } = parts;
  const weights: LayerWeights[] = [];
  const notes: string[] = [];
  let fillsMasks = false;
  let states: Tensor | undefined;
  try {
    if (encoder && encoderGraph) {
      const tested = await everyRun(encoderGraph.file.path, () => testEncoder(encoder, encoderGraph, parts, ids));
      weights.push(...tested.weights);
      notes.push(...tested.notes);
      ({ fillsMasks, states } = tested);
    }
    if (decoder && decoderGraph) {
      const side = states && { states, length: ids.length };
      const tested = await everyRun(decoderGraph.file.path, () => testDecoder(decoder, decoderGraph, parts, ids, side));
      weights.push(...tested.weights);
      notes.push(...tested.notes);
    }
  } finally {
    states?.dispose();
  }
  return { weights: weights.map(({ proof: _proof, ...layer }) => layer), fillsMasks, notes };
}
