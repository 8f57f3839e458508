/** Runs a text through the sessions whose heads can be switched off, keeping between runs what has not changed. */
import type { HeadRef, Knockout } from '../../attention/types';
import { ExplainError } from '../../errors';
import type { TextProbeRequest } from '../../protocol/engine';
import { say } from '../../text/say';
import type { DecoderPass, EncoderStates } from '../../transformer/decoder';
import type { LoadedModel } from '../model/loadedModel';
import { extraInputs, graphsInOrder, readsSource, requiredTensor, wholeStates } from '../probes/probedText';
import type { ProbedGraph } from '../probes/probeSessions';
import { numbersOf, type RunNumbers } from '../task/runNumbers';
import type { TextSequences } from '../text/sequenceIds';
import type { Gates } from './gates';
import { knockoutInputs } from './knockoutInputs';

/** The set of sessions that ablation asks for: gates and no probes. */
export const GATED = { probes: [], gates: {} } as const satisfies Pick<TextProbeRequest, 'probes' | 'gates'>;

/** A logits tensor of one text, [positions][vocabulary]. */
export interface TextLogits {
  readonly data: Float32Array;
  readonly positions: number;
  readonly vocabulary: number;
}

/** A file's result as it came. */
export interface RunResult extends RunNumbers {
  /** The file's further outputs that were asked for, by name. */
  readonly also: Readonly<Record<string, RunNumbers>>;
}

/**
 * A result as logits over a vocabulary, or over the labels of tokens.
 * @param least how wide it is at least
 * @throws ExplainError MODEL_UNSUPPORTED where it is none
 */
export function asTextLogits({ data, dims }: RunNumbers, least: number): TextLogits {
  const [, positions = 0, vocabulary = 0] = dims;
  if (dims.length !== 3 || vocabulary < Math.max(1, least) || data.length !== positions * vocabulary)
    throw new ExplainError('MODEL_UNSUPPORTED', say('engine.noOutput'));
  return { data, positions, vocabulary };
}

/** The logits at one position, [vocabulary]. @throws ExplainError MODEL_UNSUPPORTED where the file gives none there */
export const logitsRow = ({ data, positions, vocabulary }: TextLogits, row: number): Float32Array => {
  if (row < 0 || row >= positions) throw new ExplainError('MODEL_UNSUPPORTED', say('engine.lastLogitsOnly'));
  return data.subarray(row * vocabulary, (row + 1) * vocabulary);
};

/** Runs of one text with heads switched off, and links cut. Its tensors are freed by `dispose`. */
export class GatedRuns {
  readonly #graphs: readonly ProbedGraph[];
  #kept: { readonly key: string; readonly states: EncoderStates } | undefined;

  constructor(
    private readonly model: LoadedModel,
    graphs: readonly ProbedGraph[],
    private readonly text: TextSequences,
    private readonly cut: readonly Knockout[] = [],
  ) {
    this.#graphs = graphsInOrder(graphs);
  }

  /** Why a head of this kind and layer cannot be switched off, or a link of it cut; '' where it can. A layer of -1 is any. */
  reasonAgainst({ kind, layer }: Pick<HeadRef, 'kind' | 'layer'>, what: 'gate' | 'knockout' = 'gate'): string {
    const own = this.model.report.family === 'decoder-only' ? ['decoder', 'encoder'] : [kind];
    const gaps = this.#graphs.flatMap(({ probed }) => probed.gaps.filter(({ measure }) => measure === what));
    return gaps.find((gap) => own.includes(gap.kind) && (layer < 0 || gap.layer === layer))?.reason ?? '';
  }

  /** The logits at every position of the output's text. */
  async logits(gates: Gates): Promise<TextLogits> {
    return asTextLogits(await this.result(gates), this.model.report.vocabularySize);
  }

  /**
   * What the file gives for the output's text, whatever it is.
   * @param also names of further outputs that are wanted
   */
  async result(gates: Gates, also: readonly string[] = []): Promise<RunResult> {
    const { family } = this.model.report;
    const ids = family === 'encoder-only' ? this.text.source : this.text.target;
    return this.#run(this.#writer(), ids, await this.encoder(gates), gates, 0, also);
  }

  /** What the decoder reads of the source; it is read again only where the encoder's gates are others. */
  async encoder(gates: Gates): Promise<EncoderStates | undefined> {
    if (this.model.report.family !== 'encoder-decoder') return undefined;
    const key = (gates.encoder ?? []).join('');
    if (this.#kept?.key === key) return this.#kept.states;
    const graph = this.#graphs.find((one) => readsSource(one, this.model));
    const ids = this.text.source;
    if (!graph) {
      const states = await wholeStates(this.model, this.#graphs, ids);
      if (!states) throw new ExplainError('MODEL_UNSUPPORTED', say('engine.oneFile'));
      this.dispose();
      this.#kept = { key, states };
      return states;
    }
    const context = { ids, cache: undefined, encoder: undefined, logits: 0 };
    const outputs = await graph.run(context, this.#extra(graph, gates, ids.length, ids.length));
    this.dispose();
    this.#kept = { key, states: { states: requiredTensor(outputs, graph.main), length: ids.length } };
    return this.#kept.states;
  }

  /** A decoder step without a cache: the whole sequence each time, as the cache's layers have no gates. */
  feed(
    gates: Gates,
  ): (ids: readonly number[], encoder: EncoderStates | undefined, wanted: number) => Promise<DecoderPass> {
    const graph = this.#writer();
    return async (ids, encoder, wanted) => {
      const result = await this.#run(graph, ids, encoder, gates, wanted);
      const { data, positions, vocabulary } = asTextLogits(result, this.model.report.vocabularySize);
      const rows = wanted === 0 ? positions : Math.min(wanted, positions);
      return {
        logits: data.subarray((positions - rows) * vocabulary),
        positions: rows,
        vocabulary,
        from: 0,
        weights: [],
      };
    };
  }

  dispose(): void {
    this.#kept?.states.states.dispose();
    this.#kept = undefined;
  }

  /** What the graph takes beside its own inputs. @param source how many tokens cross-attention looks at */
  #extra(graph: ProbedGraph, gates: Gates, length: number, source: number): ReturnType<typeof extraInputs> {
    const { kinds } = this.model.report;
    return {
      ...extraInputs(graph, this.model, { ...GATED, gates }, [length - 1]),
      ...knockoutInputs(graph, kinds, this.cut, (kind) => ({
        queries: length,
        keys: kind === 'cross' ? source : length,
      })),
    };
  }

  /** The graph whose result is the output. */
  #writer(): ProbedGraph {
    const graph = this.#graphs.at(-1);
    if (!graph) throw new ExplainError('INTERNAL', say('engine.oneFile'));
    return graph;
  }

  async #run(
    graph: ProbedGraph,
    ids: readonly number[],
    encoder: EncoderStates | undefined,
    gates: Gates,
    logits: number,
    also: readonly string[] = [],
  ): Promise<RunResult> {
    const extra = this.#extra(graph, gates, ids.length, encoder?.length ?? ids.length);
    const types = readsSource(graph, this.model) && this.text.types ? { types: this.text.types } : {};
    const further = also.filter((name) => name !== graph.main);
    const outputs = await graph.run(
      { ids, cache: undefined, encoder, logits, ...types },
      extra,
      further.map((name) => ({ name })),
    );
    const main = await numbersOf(requiredTensor(outputs, graph.main));
    const read: Record<string, RunNumbers> = further.length < also.length ? { [graph.main]: main } : {};
    for (const name of further) read[name] = await numbersOf(requiredTensor(outputs, name));
    return { ...main, also: read };
  }
}
