/**
 * A decoder that is fed tokens: all of a sequence in one pass without a cache (teacher forcing, prompts), then one at
 * a time with the key/value cache. Covers merged decoders, pairs of decoder and decoder_with_past, and decoder-only graphs.
 */
import { ExplainError } from '../errors';
import { presentOutputs, type CacheSlot, type KeyValueCache } from './cache';
import { readTaps, type LayerWeights, type TappedGraph } from './capture';
import { mainOutput } from './encoder';
import { InputMaker } from './inputs';
import type { GraphRole } from '../onnx/types';
import type { ModelSpec } from './spec';
import type { Tensor } from './session';
import { readFloats } from './tensors';

export interface EncoderStates {
  readonly states: Tensor;
  readonly length: number;
}

export interface DecoderPass {
  /** [positions][vocabulary] of the last `positions` tokens fed. */
  readonly logits: Float32Array;
  readonly positions: number;
  readonly vocabulary: number;
  /** The query that the first row of the weights belongs to, counted from the sequence's start. */
  readonly from: number;
  readonly weights: readonly LayerWeights[];
}

/** One of the decoder's graphs with what is known about its names. */
interface Branch {
  readonly graph: TappedGraph;
  readonly inputs: InputMaker;
  readonly presents: readonly CacheSlot[];
  readonly logits: string;
}

function branchOf(graph: TappedGraph, role: GraphRole, spec: ModelSpec): Branch {
  return {
    graph,
    inputs: new InputMaker(graph.session, role, spec),
    presents: presentOutputs(graph.session),
    logits: mainOutput(graph, ['logits', 'lm_logits']),
  };
}

function checkPairs(first: Branch, step: Branch): void {
  const given = new Set([...first.presents, ...step.presents].map((present) => present.key));
  const orphan = step.inputs.past.find((past) => !given.has(past.key));
  if (orphan) {
    throw new ExplainError(
      'INPUT_UNSUPPORTED',
      `The model’s cache input “${orphan.name}” is given back by no output; choose another export of the model.`,
      {
        detail: `outputs: ${[...given].join(', ')}`,
      },
    );
  }
}

export class Decoder {
  readonly #first: Branch;
  /** The branch that goes on from a cache; undefined where the graph has none and every step is a whole pass. */
  readonly #step: Branch | undefined;

  /**
   * @param graph merged decoder, plain decoder, or decoder-only model
   * @param withPast decoder_with_past_model, where the files come as a pair
   * @throws ExplainError INPUT_UNSUPPORTED
   */
  constructor(graph: TappedGraph, role: GraphRole, spec: ModelSpec, withPast?: TappedGraph) {
    this.#first = branchOf(graph, role, spec);
    const step = withPast ? branchOf(withPast, 'decoder-with-past', spec) : this.#first;
    this.#step = step.inputs.past.length > 0 ? step : undefined;
    if (this.#step) checkPairs(this.#first, this.#step);
  }

  get cached(): boolean {
    return this.#step !== undefined;
  }

  /**
   * Feeds `ids` at the positions from `cache.length` on. With an empty cache that is a whole pass; with a filled one
   * `ids` is one token. The cache takes over the new keys and values.
   * @param wanted how many last positions' logits to read; 0 for all
   */
  async feed(
    ids: readonly number[],
    cache: KeyValueCache,
    encoder: EncoderStates | undefined,
    wanted: number,
  ): Promise<DecoderPass> {
    const from = cache.length;
    const branch = from === 0 ? this.#first : this.#step;
    if (!branch) throw new ExplainError('INTERNAL', 'A decoder without a cache was asked to go on from one.');
    if (from > 0 && ids.length !== 1)
      throw new ExplainError('INTERNAL', 'With a cache a decoder is fed one token at a time.');
    const { session, taps } = branch.graph;
    // The branch with past gives the encoder's keys and values back empty: those of the first pass are kept.
    const kept = this.#step ? branch.presents.filter((present) => from === 0 || !present.fromEncoder) : [];
    const feeds = branch.inputs.feeds({ ids, cache, encoder, logits: wanted });
    const outputs = await session.run(feeds, [
      branch.logits,
      ...kept.map((present) => present.name),
      ...taps.map((tap) => tap.name),
    ]);
    for (const present of kept) {
      const tensor = outputs[present.name];
      if (tensor) cache.set(present.key, tensor);
    }
    if (this.#step) cache.length = from + ids.length;
    const weights = await readTaps(taps, outputs);
    return { ...(await this.#readLogits(outputs[branch.logits], wanted)), from, weights };
  }

  async #readLogits(
    tensor: Tensor | undefined,
    wanted: number,
  ): Promise<Pick<DecoderPass, 'logits' | 'positions' | 'vocabulary'>> {
    const [batch, positions, vocabulary] = tensor?.dims ?? [];
    if (!tensor || tensor.dims.length !== 3 || batch !== 1 || positions === undefined || vocabulary === undefined) {
      throw new ExplainError(
        'MODEL_UNSUPPORTED',
        `The decoder’s logits have the shape [${tensor?.dims.join(', ') ?? 'none'}], not [1, positions, vocabulary]; choose an export with a language-model head.`,
      );
    }
    const all = await readFloats(tensor);
    const rows = wanted === 0 ? positions : Math.min(wanted, positions);
    return {
      logits: rows === positions ? all : all.subarray((positions - rows) * vocabulary),
      positions: rows,
      vocabulary,
    };
  }
}
