/** One pass through an encoder (or an encoder-only model). */
import { ExplainError } from '../errors';
import { readTaps, tapNames, type LayerWeights, type TappedGraph } from './capture';
import { InputMaker } from './inputs';
import { mainOutput } from './mainOutput';
import type { GraphRole } from '../onnx/types';
import type { ModelSpec } from './spec';
import type { Tensor } from './tensorSession';
import { say } from '../text/say';

export interface EncoderPass {
  /** The last hidden states [1, positions, width], the head's logits, or (see `Encoder.output`) the source's ids; the caller frees it. */
  readonly output: Tensor;
  readonly positions: number;
  /** Further results that were asked for, by name; the caller frees them. */
  readonly also: Readonly<Record<string, Tensor>>;
  readonly weights: readonly LayerWeights[];
}

/** What a pass is to do beside reading. */
export interface EncoderWishes {
  /** Brings what proves the weights of fused attention. */
  readonly prove?: boolean;
  /** The types of the ids where they are a pair of texts. */
  readonly types?: readonly number[] | undefined;
  /** Names of further outputs that are wanted. */
  readonly also?: readonly string[];
}

/** One model's encoder; it keeps nothing between passes. */
export class Encoder {
  readonly #graph: TappedGraph;
  readonly #inputs: InputMaker;
  /** The name of the result; '' where a file holds the decoder too, which then reads the source's ids and no states. */
  readonly output: string;
  /** The decoder's first token, which such a file has to be given. */
  readonly #start: number;

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
    this.#inputs = new InputMaker(graph.session, role, spec, graph.meanings);
    this.output = this.#inputs.whole ? '' : mainOutput(graph, outputs, spec.vocabularySize);
    this.#start = spec.decoderStart;
  }

  /** @throws ExplainError RUN_FAILED */
  async run(ids: readonly number[], { prove = false, types, also = [] }: EncoderWishes = {}): Promise<EncoderPass> {
    const { session, taps } = this.#graph;
    const source = this.#inputs.whole ? this.#inputs.sourceIds(ids) : undefined;
    const feeds = this.#inputs.feeds({
      ids: source ? [this.#start] : ids,
      cache: undefined,
      encoder: source && { states: source, length: ids.length },
      logits: 0,
      ...(types && { types }),
    });
    const results = source ? [] : [this.output];
    const outputs = await session.run(feeds, [...new Set([...results, ...also, ...tapNames(taps, { proof: prove })])]);
    const output = source ?? outputs[this.output];
    const weights = await readTaps(taps, outputs, { proof: prove });
    if (!output) throw new ExplainError('RUN_FAILED', say('transformer.encoderNotReturned', { name: this.output }));
    const further = also.flatMap((name) => {
      const tensor = outputs[name];
      return tensor && name !== this.output ? [[name, tensor] as const] : [];
    });
    return { output, positions: ids.length, also: Object.fromEntries(further), weights };
  }
}
