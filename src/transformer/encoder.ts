/** One pass through an encoder (or an encoder-only model). */
import { ExplainError } from '../errors';
import { readTaps, type LayerWeights, type TappedGraph } from './capture';
import { InputMaker } from './inputs';
import { isPresent } from './cache';
import type { GraphRole } from '../onnx/types';
import type { ModelSpec } from './spec';
import type { Tensor } from './session';

/** The graph's main result: the named one where it has the usual name, else its first output that is no tap and no cache. */
export function mainOutput(graph: TappedGraph, names: readonly string[]): string {
  const taps = new Set(graph.taps.map((tap) => tap.name));
  const candidates = graph.session.outputNames.filter((name) => !taps.has(name) && !isPresent(name));
  const found = names.find((name) => candidates.includes(name)) ?? candidates[0];
  if (found === undefined)
    throw new ExplainError(
      'MODEL_UNSUPPORTED',
      'The model’s file declares no output besides its cache; choose another export of the model.',
    );
  return found;
}

export interface EncoderPass {
  /** The last hidden states [1, positions, width], or the head's logits; the caller frees it. */
  readonly output: Tensor;
  readonly positions: number;
  readonly weights: readonly LayerWeights[];
}

export class Encoder {
  readonly #graph: TappedGraph;
  readonly #inputs: InputMaker;
  /** The name of the result. */
  readonly output: string;
  readonly #fetches: readonly string[];

  /**
   * @param outputs names of the wanted result, the first that exists
   * @throws ExplainError INPUT_UNSUPPORTED
   */
  constructor(
    graph: TappedGraph,
    role: GraphRole,
    spec: ModelSpec,
    outputs: readonly string[] = ['last_hidden_state', 'encoder_last_hidden_state', 'logits'],
  ) {
    this.#graph = graph;
    this.#inputs = new InputMaker(graph.session, role, spec);
    this.output = mainOutput(graph, outputs);
    this.#fetches = [this.output, ...graph.taps.map((tap) => tap.name)];
  }

  async run(ids: readonly number[]): Promise<EncoderPass> {
    const feeds = this.#inputs.feeds({ ids, cache: undefined, encoder: undefined, logits: 0 });
    const outputs = await this.#graph.session.run(feeds, this.#fetches);
    const weights = await readTaps(this.#graph.taps, outputs);
    const output = outputs[this.output];
    if (!output)
      throw new ExplainError(
        'RUN_FAILED',
        `The runtime did not return ${this.output}; choose another export of the model.`,
      );
    return { output, positions: ids.length, weights };
  }
}
