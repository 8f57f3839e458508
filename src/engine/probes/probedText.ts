/** Asks the graph for more than attention over an explained text: stages, norms, lens, results with heads switched off. */
import type { AttentionKind } from '../../attention/types';
import { ExplainError } from '../../errors';
import { ATTRIBUTION_INPUTS } from '../../onnx/probe/attribution/attributionInputs';
import { LENS_ROWS } from '../../onnx/probe/lens';
import { TABLE_ROWS } from '../../onnx/probe/lessonTables';
import type { ProbeOutput } from '../../onnx/probe/probe';
import type { ProbedTensor, TextProbeAnswer, TextProbeRequest } from '../../protocol/engine';
import { say } from '../../text/say';
import { KeyValueCache } from '../../transformer/cache';
import type { EncoderStates } from '../../transformer/decoder';
import type { Tensor } from '../../transformer/tensorSession';
import { readFloats } from '../../transformer/tensors';
import type { LoadedModel } from '../model/loadedModel';
import type { ExtraInput, ProbedGraph, ProbeSet } from './probeSessions';
import type { TextSequences } from '../text/sequenceIds';
import { checkSame } from '../trial/sameResults';

/** Most bytes of numbers in one answer: a lens over all places and a large vocabulary would be gigabytes. */
const MOST_ANSWER_BYTES = 256e6;

/** The set of sessions that a request needs. */
export const setOf = ({ probes, gates }: Pick<TextProbeRequest, 'probes' | 'gates'>): ProbeSet => ({
  probes,
  gates: gates !== undefined,
});

/** Runs the probes of a request over a whole text at once, without a cache. */
export async function probeText(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  { source, target, types }: TextSequences,
  request: TextProbeRequest,
): Promise<TextProbeAnswer> {
  const started = performance.now();
  const { family } = model.report;
  const tensors: ProbedTensor[] = [];
  const gaps: TextProbeAnswer['gaps'][number][] = [];
  let logits: ProbedTensor | undefined;
  let encoder = await wholeStates(model, graphs, source);
  for (const graph of graphsInOrder(graphs)) {
    const reads = readsSource(graph, model);
    const ids = reads ? source : target;
    const rows = (request.rows ?? [ids.length - 1]).filter((row) => row >= 0 && row < ids.length);
    if (request.probes.includes('lens')) refuseLarge(model, graph, rows.length);
    const outputs = await graph.run(
      { ids, cache: undefined, encoder, logits: 0, ...(reads && types && { types }) },
      extraInputs(graph, model, request, rows),
    );
    const kindOf = (kind: AttentionKind): AttentionKind => (family === 'decoder-only' ? 'decoder' : kind);
    for (const output of graph.probed.outputs) tensors.push(await read(output, outputs, kindOf(output.kind)));
    gaps.push(...graph.probed.gaps.map((gap) => ({ ...gap, kind: kindOf(gap.kind) })));
    const main = requiredTensor(outputs, graph.main);
    if (reads && family === 'encoder-decoder') encoder = { states: main, length: ids.length };
    else logits = await lastLogits(main, rows, reads ? 'encoder' : 'decoder');
  }
  encoder?.states.dispose();
  return { tensors, gaps, logits: logits ?? null, milliseconds: performance.now() - started };
}

/** With all gates at one a probed graph gives what the plain one gives. @throws ExplainError SELFTEST_FAILED */
export async function checkProbes(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  ids: readonly number[],
): Promise<void> {
  const { encoder, decoder, spec, report } = model;
  let states = await wholeStates(model, graphs, ids);
  try {
    for (const graph of graphsInOrder(graphs)) {
      const reads = readsSource(graph, model);
      const own = reads || report.family === 'decoder-only' ? ids : [spec.decoderStart, ...ids.slice(0, 3)];
      const rows = own.map((_, row) => row);
      const extra = extraInputs(graph, model, { probes: [] }, rows);
      const outputs = await graph.run({ ids: own, cache: undefined, encoder: states, logits: 0 }, extra);
      const results = await readFloats(requiredTensor(outputs, graph.main));
      const path = `probes (${graph.role})`;
      if (reads && encoder) {
        const pass = await encoder.run(own);
        checkSame(results, await readFloats(pass.output), path, graph.tolerance);
        states = { states: pass.output, length: own.length };
      } else if (decoder) {
        const cache = new KeyValueCache();
        try {
          checkSame(results, (await decoder.feed(own, cache, states, 0)).logits, path, graph.tolerance);
        } finally {
          cache.clear();
        }
      }
    }
  } finally {
    states?.states.dispose();
  }
}

/**
 * Of a model whose one file holds encoder and decoder: what that takes of the source in the place of an encoder's states. Undefined of
 * other models, whose encoder gives them in its turn.
 */
export async function wholeStates(
  model: LoadedModel,
  graphs: readonly ProbedGraph[],
  source: readonly number[],
): Promise<EncoderStates | undefined> {
  const isWhole = model.report.family === 'encoder-decoder' && !graphs.some((graph) => readsSource(graph, model));
  return isWhole && model.encoder
    ? { states: (await model.encoder.run(source)).output, length: source.length }
    : undefined;
}

/** The encoder before the decoder, which reads its states. */
export function graphsInOrder(graphs: readonly ProbedGraph[]): readonly ProbedGraph[] {
  return [...graphs].sort((a, b) => Number(b.role === 'encoder') - Number(a.role === 'encoder'));
}

/** True where a graph's tokens are the source's; false where they are the target's. */
export function readsSource(graph: ProbedGraph, { report }: LoadedModel): boolean {
  return graph.role === 'encoder' || report.family === 'encoder-only';
}

/** The place and the tokens of an attribution; `other` null where one token is looked at alone. */
export interface ContrastedTokens {
  readonly place: number;
  readonly token: number;
  readonly other: number | null;
}

/** Sessions with an attribution are checked by what else they give: any tokens do. */
const ANY_TOKENS: ContrastedTokens = { place: 0, token: 0, other: null };

/** A token's embedding is compared with one row where that is not asked for: the runtime reduces nothing to another shape. */
export const ONE_ROW = [0, 1] as const;

/**
 * What a graph takes beside its own inputs: places for the lens, place and tokens of an attribution, rows of the table of embeddings, and
 * gates, which are ones but for the heads that are off.
 */
export function extraInputs(
  graph: ProbedGraph,
  { report }: LoadedModel,
  {
    gates = {},
    contrasted = ANY_TOKENS,
    compared = ONE_ROW,
  }: Partial<Pick<TextProbeRequest, 'probes' | 'gates'>> & {
    readonly contrasted?: ContrastedTokens;
    readonly compared?: readonly [from: number, to: number];
  },
  rows: readonly number[],
): Readonly<Record<string, ExtraInput>> {
  const extra: Record<string, ExtraInput> = {};
  if (graph.probed.inputs.some(({ name }) => name === ATTRIBUTION_INPUTS.place.name)) {
    const { place, token, other } = contrasted;
    const ids = [place, token, other ?? token].map(BigInt);
    extra[ATTRIBUTION_INPUTS.place.name] = { data: BigInt64Array.from(ids.slice(0, 1)), dims: [1] };
    extra[ATTRIBUTION_INPUTS.tokens.name] = { data: BigInt64Array.from(ids.slice(1)), dims: [2] };
    extra[ATTRIBUTION_INPUTS.signs.name] = { data: Float32Array.of(1, other === null ? 0 : -1), dims: [2] };
  }
  if (graph.probed.inputs.some(({ name }) => name === LENS_ROWS.name))
    extra[LENS_ROWS.name] = { data: BigInt64Array.from(rows, BigInt), dims: [rows.length] };
  if (graph.probed.inputs.some(({ name }) => name === TABLE_ROWS.name))
    extra[TABLE_ROWS.name] = { data: BigInt64Array.from(compared, BigInt), dims: [2] };
  for (const { name, kind, dims } of graph.probed.gates) {
    const [layers = 0, heads = 0] = dims.map(Number);
    const data = new Float32Array(layers * heads).fill(1);
    // A decoder-only file without a cache looks like an encoder's; it is known by now which it is.
    const given = gates[report.family === 'decoder-only' ? 'decoder' : kind];
    if (given && given.length !== data.length)
      throw new ExplainError(
        'INVALID_REQUEST',
        say('engine.gatesDiffer', { given: given.length, wanted: data.length }),
      );
    if (given) data.set(given);
    extra[name] = { data, dims: [layers, heads] };
  }
  return extra;
}

/** An output that was asked for. @throws ExplainError RUN_FAILED where the runtime did not return it */
export function requiredTensor(outputs: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new ExplainError('RUN_FAILED', say('transformer.notReturned', { name }));
  return tensor;
}

async function read(
  { name, measure, layer, layout }: ProbeOutput,
  outputs: Readonly<Record<string, Tensor>>,
  kind: AttentionKind,
): Promise<ProbedTensor> {
  const tensor = requiredTensor(outputs, name);
  const { dims } = tensor;
  return { measure, kind, layer, layout, dims, data: await readFloats(tensor) };
}

/** The chosen rows of [1, positions, vocabulary]. */
async function lastLogits(
  tensor: Tensor,
  rows: readonly number[],
  kind: AttentionKind,
): Promise<ProbedTensor | undefined> {
  const [, positions = 0, size = 0] = tensor.dims;
  if (tensor.dims.length !== 3) return undefined;
  const all = await readFloats(tensor);
  const data = new Float32Array(rows.length * size);
  for (const [place, row] of rows.entries())
    if (row < positions) data.set(all.subarray(row * size, (row + 1) * size), place * size);
  return { measure: 'logits', kind, layer: -1, layout: 'logits', dims: [1, rows.length, size], data };
}

function refuseLarge({ report }: LoadedModel, graph: ProbedGraph, rows: number): void {
  const layers = graph.probed.outputs.filter(({ measure }) => measure === 'lens').length;
  const bytes = 4 * layers * rows * report.vocabularySize;
  if (bytes <= MOST_ANSWER_BYTES) return;
  const most = Math.max(1, Math.floor(MOST_ANSWER_BYTES / (4 * layers * report.vocabularySize)));
  throw new ExplainError('INVALID_REQUEST', say('engine.lensTooLarge', { rows, most }));
}
