/** Attention as it leaves the graph, brought to one layout: [head][query][key] for batch 1. */
import { ExplainError } from '../errors';
import type { AttentionKind } from '../attention/types';
import type { InputMeanings, TapOutput } from '../onnx/types';
import type { ElementType, TensorSession, Tensor, TensorSignature } from './tensorSession';
import { readFloats } from './tensors';
import { say } from '../text/say';

/** A loaded graph and where its attention comes out. */
export interface TappedGraph {
  readonly session: TensorSession;
  readonly taps: readonly TapOutput[];
  /** What the graph shows of its inputs' meaning; empty where it was not looked at. */
  readonly meanings?: InputMeanings;
  /** Its own outputs as the file declares them. */
  readonly declared?: readonly TensorSignature[];
}

/** One layer's weights of some consecutive queries. */
export interface LayerWeights {
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** What the graph computes them in; `data` is float32 always. */
  readonly type: ElementType;
  /** [head][query][key], row-major. */
  readonly data: Float32Array;
  /** What they were computed from, where that was asked for and the graph has it: [1, heads, queries, size]. */
  readonly from?: Floats;
  /** What is to be kept in place of `data`. */
  readonly kept?: { readonly queries: Float32Array; readonly size: number; readonly scale: number };
  /** What proves them, where that was asked for and the attention is fused. */
  readonly proof?: LayerProof;
}

/** A tensor in memory, row-major. */
export interface Floats {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The values of the tokens of one pass and what a fused operator made of them, laid out as `TapProof` says. */
export interface LayerProof {
  readonly values: Floats;
  readonly result: Floats;
  /** Key/value heads; 0 where the graph does not say. */
  readonly valueHeads: number;
}

/** Where captured weights go; the attention store implements it. */
export interface WeightReceiver {
  /** Takes the rows that come after those it holds; `from` says which query the first row of `weights` is. */
  append(weights: LayerWeights, from: number): void;
  /** Takes a layer's keys, of the tokens `from` to `tokens`, [head][token][size]: those of rows that were kept as queries. */
  takeKeys(layer: number, data: Float32Array, from: number, tokens: number): void;
  /** Drops the target's rows from query `row` on. */
  truncate(row: number): void;
}

/** What a tap's output is, by its shape. @throws ExplainError LAYOUT_UNSUPPORTED */
function layerOf(tap: TapOutput, { dims, type }: Tensor): Omit<LayerWeights, 'data'> {
  const rank = tap.layout === 'bhqk' ? 4 : 3;
  const [heads, queries, keys] = dims.slice(rank - 3);
  if (
    dims.length !== rank ||
    (rank === 4 && dims[0] !== 1) ||
    heads === undefined ||
    queries === undefined ||
    keys === undefined
  ) {
    throw new ExplainError(
      'LAYOUT_UNSUPPORTED',
      say('transformer.notAMap', { label: tap.label, shape: dims.join(', ') }),
      { detail: tap.node },
    );
  }
  return { kind: tap.kind, layer: tap.layer, heads, queries, keys, type };
}

/** What is read beside the logits. */
export interface Beside {
  /** False for a pass whose attention nobody looks at; read where it is left out. */
  readonly weights?: boolean;
  /** What proves the weights of fused attention. */
  readonly proof?: boolean;
  /** The queries, of taps that have them. */
  readonly queries?: boolean;
}

/** Names of the outputs that `readTaps` reads. */
export function tapNames(
  taps: readonly TapOutput[],
  { weights = true, proof: prove = false, queries = false }: Beside,
): readonly string[] {
  if (!weights) return [];
  const proofs = taps.flatMap(({ proof }) => (prove && proof ? [proof.values, proof.result] : []));
  const asked = queries ? taps.flatMap(({ query }) => query ?? []) : [];
  return [...new Set([...taps.map((tap) => tap.name), ...proofs, ...asked])];
}

/**
 * Downloads the taps among a run's outputs. All that is wanted is asked for before the first of it is there, so that a device can bring
 * it at once.
 * @param beside what else; `outputs` are those of `tapNames` with the same
 */
export async function readTaps(
  taps: readonly TapOutput[],
  outputs: Readonly<Record<string, Tensor>>,
  { weights = true, proof: prove = false, queries = false }: Beside = {},
): Promise<LayerWeights[]> {
  if (!weights) return [];
  const read = new Map<Tensor, Promise<Float32Array>>();
  const tensorOf = (name: string, label = name): Tensor => {
    const tensor = outputs[name];
    if (!tensor) throw missing(label);
    return tensor;
  };
  const floats = async (tensor: Tensor): Promise<Floats> => {
    // Layers may share a tensor, and reading it frees it.
    const reading = read.get(tensor) ?? readFloats(tensor);
    read.set(tensor, reading);
    return { dims: tensor.dims, data: await reading };
  };
  return Promise.all(
    taps.map(async (tap): Promise<LayerWeights> => {
      const tensor = tensorOf(tap.name, tap.label);
      const layer = layerOf(tap, tensor);
      const proof = prove ? tap.proof : undefined;
      const [own, from, values, result] = await Promise.all([
        floats(tensor),
        queries && tap.query !== undefined ? floats(tensorOf(tap.query)) : undefined,
        proof && floats(tensorOf(proof.values)),
        proof && floats(tensorOf(proof.result)),
      ]);
      return {
        ...layer,
        data: own.data,
        ...(from && { from }),
        ...(proof && values && result && { proof: { values, result, valueHeads: proof.valueHeads } }),
      };
    }),
  );
}

function missing(name: string): ExplainError {
  return new ExplainError('RUN_FAILED', say('transformer.notReturned', { name }));
}

/** Hands a pass's weights to the receiver; the first row of each is query `from`. */
export function deliver(weights: readonly LayerWeights[], receiver: WeightReceiver, from: number): void {
  for (const layer of weights) receiver.append(layer, from);
}
