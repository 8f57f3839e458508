/** Attention as it leaves the graph, brought to one layout: [head][query][key] for batch 1. */
import { ExplainError } from '../errors';
import type { AttentionKind } from '../attention/types';
import type { TapOutput } from '../onnx/types';
import type { ElementType, Session, Tensor } from './session';
import { readFloats } from './tensors';

/** A loaded graph and where its attention comes out. */
export interface TappedGraph {
  readonly session: Session;
  readonly taps: readonly TapOutput[];
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
}

/** Where captured weights go; the attention store implements it. */
export interface AttentionSink {
  /** Takes the rows that come after those it holds; `from` says which query the first row of `weights` is. */
  append(weights: LayerWeights, from: number): void;
  /** Drops the target's rows from query `row` on. */
  truncate(row: number): void;
}

async function readLayer(tap: TapOutput, tensor: Tensor): Promise<LayerWeights> {
  const dims = tensor.dims;
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
      `The attention of ${tap.label} has the shape [${dims.join(', ')}], which is not a map of heads, queries and keys; this model cannot be shown.`,
      { detail: tap.node },
    );
  }
  return { kind: tap.kind, layer: tap.layer, heads, queries, keys, type: tensor.type, data: await readFloats(tensor) };
}

/** Downloads the taps among a run's outputs, at once where the device allows. */
export function readTaps(
  taps: readonly TapOutput[],
  outputs: Readonly<Record<string, Tensor>>,
): Promise<LayerWeights[]> {
  return Promise.all(
    taps.map((tap) => {
      const tensor = outputs[tap.name];
      if (!tensor)
        throw new ExplainError(
          'RUN_FAILED',
          `The runtime did not return ${tap.label}; choose another execution provider or another export of the model.`,
        );
      return readLayer(tap, tensor);
    }),
  );
}

/** Hands a pass's weights to the sink; the first row of each is query `from`. */
export function deliver(weights: readonly LayerWeights[], sink: AttentionSink, from: number): void {
  for (const layer of weights) sink.append(layer, from);
}
