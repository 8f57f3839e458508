/**
 * A decoder that is fed tokens: all of a sequence in one pass without a cache (teacher forcing, prompts), then one at
 * a time with the key/value cache. Covers merged decoders, pairs of decoder and decoder_with_past, and decoder-only graphs.
 */
import { ExplainError } from '../errors';
import { presentOutputs, type CacheSlot, type KeyValueCache } from './cache';
import { readTaps, tapNames, type Beside, type Floats, type LayerWeights, type TappedGraph } from './capture';
import { InputMaker } from './inputs';
import type { GraphRole } from '../onnx/types';
import { say } from '../text/say';
import { isVocabularyLogits, mainOutput } from './mainOutput';
import type { ModelSpec } from './spec';
import type { Tensor } from './tensorSession';
import { readFloats, toSingle } from './tensors';

/** Usual names of a decoder's result. */
export const LOGITS: readonly string[] = ['logits', 'lm_logits'];

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

/** A layer's keys: `data` is [key heads][tokens − from][size] of a cache of `dims` [1, key heads, tokens, size]. */
export interface CachedKeys extends Floats {
  readonly from: number;
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
    inputs: new InputMaker(graph.session, role, spec, graph.meanings),
    presents: presentOutputs(graph.session),
    logits: mainOutput(graph, LOGITS, spec.vocabularySize),
  };
}

function checkPairs(first: Branch, step: Branch): void {
  const given = new Set([...first.presents, ...step.presents].map((present) => present.key));
  const orphan = step.inputs.past.find((past) => !given.has(past.key));
  if (orphan) {
    throw new ExplainError('INPUT_UNSUPPORTED', say('transformer.orphanCache', { name: orphan.name }), {
      detail: `outputs: ${[...given].join(', ')}`,
    });
  }
}

/** One model's decoder. It keeps no text: each pass gets its tokens and the cache that they come after. */
export class Decoder {
  readonly #first: Branch;
  /** The branch that goes on from a cache; undefined where the graph has none and every step is a whole pass. */
  readonly #step: Branch | undefined;
  readonly #vocabulary: number;
  /** True where several tokens may be fed behind a cache. False until the trial has shown it: some files are made for one at a time. */
  takesParts = false;
  /**
   * Texts are filled up to a multiple of so many tokens, and what comes out is cut to the text: what comes after a token changes
   * nothing for it. 0 where any length is read, which the trial finds out: some exports of state-space layers read whole chunks only.
   */
  chunk = 0;
  /**
   * What q·k is multiplied by in each layer, where the weights are softmax(scale · q·k) and nothing else: queries and keys can then
   * be kept in place of weights. Undefined where that is not so, and before the trial has found out (`engine/trial/keptScales.ts`).
   */
  scales: readonly number[] | undefined;

  /**
   * @param graph merged decoder, plain decoder, or decoder-only model
   * @param withPast decoder_with_past_model, where the files come as a pair
   * @throws ExplainError INPUT_UNSUPPORTED
   */
  constructor(graph: TappedGraph, role: GraphRole, spec: ModelSpec, withPast?: TappedGraph) {
    this.#vocabulary = spec.vocabularySize;
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
   * `ids` is one token, unless the file takes parts. The cache takes over the new keys and values.
   * @param wanted how many last positions' logits to read; 0 for all
   * @param beside what is brought beside the weights
   */
  async feed(
    ids: readonly number[],
    cache: KeyValueCache,
    encoder: EncoderStates | undefined,
    wanted: number,
    beside: Beside = {},
  ): Promise<DecoderPass> {
    const from = cache.length;
    const branch = from === 0 ? this.#first : this.#step;
    if (!branch) throw new ExplainError('INTERNAL', say('transformer.noCache'));
    if (from > 0 && ids.length !== 1 && !this.takesParts)
      throw new ExplainError('INTERNAL', say('transformer.oneByOne'));
    if (this.chunk > 0) return this.#feedChunks(branch, ids, encoder, wanted, beside);
    const { session, taps } = branch.graph;
    // The branch with past gives the encoder's keys and values back empty: those of the first pass are kept.
    const kept = this.#step ? branch.presents.filter((present) => from === 0 || !present.fromEncoder) : [];
    const feeds = branch.inputs.feeds({ ids, cache, encoder, logits: wanted });
    const outputs = await session.run(feeds, [
      branch.logits,
      ...kept.map((present) => present.name),
      ...tapNames(taps, beside),
    ]);
    for (const present of kept) {
      const tensor = outputs[present.name];
      if (tensor) cache.set(present.key, tensor);
    }
    if (this.#step) cache.length = from + ids.length;
    const [weights, last] = await Promise.all([
      readTaps(taps, outputs, beside),
      this.#readLogits(branch.logits, outputs[branch.logits], wanted),
    ]);
    const missing = (wanted === 0 ? ids.length : Math.min(wanted, ids.length)) - last.positions;
    if (missing <= 0 || from > 0) return { ...last, from, weights };
    // A file that gives the logits of its last token only is asked once for each beginning of the sequence.
    const { vocabulary } = last;
    const logits = new Float32Array((missing + last.positions) * vocabulary);
    for (let i = 0; i < missing; i++)
      logits.set(await this.#lastLogits(ids.slice(0, ids.length - missing + i), encoder), i * vocabulary);
    logits.set(last.logits, missing * vocabulary);
    return { logits, positions: missing + last.positions, vocabulary, from, weights };
  }

  /** One pass over `ids` and as many tokens behind them as fill the last chunk. */
  async #feedChunks(
    { graph: { session, taps }, inputs, logits: name }: Branch,
    ids: readonly number[],
    encoder: EncoderStates | undefined,
    wanted: number,
    beside: Beside,
  ): Promise<DecoderPass> {
    const filled = Math.ceil(ids.length / this.chunk) * this.chunk;
    const all = [...ids, ...Array.from({ length: filled - ids.length }, () => ids.at(-1) ?? 0)];
    const outputs = await session.run(inputs.feeds({ ids: all, cache: undefined, encoder, logits: 0 }), [
      name,
      ...tapNames(taps, beside),
    ]);
    const [weights, { logits, positions, vocabulary }] = await Promise.all([
      readTaps(taps, outputs, beside),
      this.#readLogits(name, outputs[name], 0),
    ]);
    const isWhole = weights.every(({ queries, keys, proof }) => queries === filled && keys === filled && !proof);
    if (positions !== filled || !isWhole) throw new ExplainError('MODEL_UNSUPPORTED', say('transformer.noChunks'));
    const rows = wanted === 0 ? ids.length : Math.min(wanted, ids.length);
    return {
      logits: logits.subarray((ids.length - rows) * vocabulary, ids.length * vocabulary),
      positions: rows,
      vocabulary,
      from: 0,
      weights: weights.map((layer) => cutTo(ids.length, layer)),
    };
  }

  /**
   * The keys that a cache holds, by layer; the cache keeps them. Empty where it names no keys.
   * @param from only the tokens from here on are wanted: of a cache that is on the device no others are downloaded
   */
  async selfKeys(cache: KeyValueCache, from: number): Promise<readonly CachedKeys[]> {
    const slots = (this.#step ?? this.#first).presents.filter(
      ({ key, fromEncoder }) => !fromEncoder && /(?:^|\.)key$/.test(key),
    );
    const number = (key: string): number => Number(/\d+/.exec(key)?.[0] ?? 0);
    const tensors = [...slots].sort((a, b) => number(a.key) - number(b.key)).flatMap(({ key }) => cache.get(key) ?? []);
    return Promise.all(
      tensors.map(async (tensor) => {
        const { dims, type, rowsOnDevice } = tensor;
        if (!rowsOnDevice) return { dims, from: 0, data: toSingle(type, await tensor.read()) };
        return { dims, from, data: toSingle(type, await rowsOnDevice(from)) };
      }),
    );
  }

  /** The logits after `ids`, in a pass whose weights and cache are not kept. */
  async #lastLogits(ids: readonly number[], encoder: EncoderStates | undefined): Promise<Float32Array> {
    const { graph, inputs, logits } = this.#first;
    const outputs = await graph.session.run(inputs.feeds({ ids, cache: undefined, encoder, logits: 1 }), [logits]);
    return (await this.#readLogits(logits, outputs[logits], 1)).logits;
  }

  async #readLogits(
    name: string,
    tensor: Tensor | undefined,
    wanted: number,
  ): Promise<Pick<DecoderPass, 'logits' | 'positions' | 'vocabulary'>> {
    const dims = tensor?.dims ?? [];
    const vocabulary = dims.at(-1) ?? 0;
    if (!tensor || !isVocabularyLogits(tensor, Math.max(this.#vocabulary, 1))) {
      throw new ExplainError(
        'MODEL_UNSUPPORTED',
        say('transformer.noLogits', {
          name,
          shape: dims.join(', '),
          vocabulary: this.#vocabulary > 0 ? this.#vocabulary : '',
        }),
      );
    }
    const all = await readFloats(tensor);
    const positions = dims.length === 3 ? (dims[1] ?? 0) : 1;
    const rows = wanted === 0 ? positions : Math.min(wanted, positions);
    return {
      logits: rows === positions ? all : all.subarray((positions - rows) * vocabulary),
      positions: rows,
      vocabulary,
    };
  }
}

/** The rows and columns of the first `tokens` tokens. */
function cutTo(tokens: number, layer: LayerWeights): LayerWeights {
  const { heads, queries, keys, data } = layer;
  const cut = new Float32Array(heads * tokens * tokens);
  for (let head = 0; head < heads; head++)
    for (let query = 0; query < tokens; query++) {
      const from = (head * queries + query) * keys;
      cut.set(data.subarray(from, from + tokens), (head * tokens + query) * tokens);
    }
  return { ...layer, queries: tokens, keys: tokens, data: cut };
}
