/** Whose attention a core is: what its queries and its keys are projected from. Structure decides, names only tell inputs apart. */
import { CONTENT } from '../graph/facts';
import { followContent, inputRole, type Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import { projected } from '../graph/operators';
import { originOf } from '../graph/origin';
import type { WalkBudget } from './cores';
import { tooLarge } from '../wire/reader';
import { say } from '../../text/say';

export type Relation = 'self' | 'cross' | 'unknown';

const MAX_WALK = 2048;

/**
 * Self-attention: queries and keys are projections of the same tensor. Cross-attention: the keys know nothing of the tokens
 * that the queries are made of, only of the encoder's output or of cached keys. In a model without an encoder's output all is self.
 */
export function relate(
  graph: Graph,
  flow: Flow,
  query: string,
  key: string,
  hasEncoderInput: boolean,
  budget: WalkBudget,
): Relation {
  const fromQueries = flow.of(query).content;
  const fromKeys = flow.of(key).content;
  const missing = fromQueries & CONTENT.tokens & ~fromKeys;
  if (missing !== 0 && fromKeys !== 0) return 'cross';
  const queries = sources(graph, flow, query, budget);
  const keys = sources(graph, flow, key, budget);
  for (const source of queries) if (keys.has(source)) return 'self';
  if (!hasEncoderInput && flow.tokenInputs.length < 2) return 'self';
  return 'unknown';
}

/** The tensors from which `from` is projected by its nearest weights, and the graph inputs that it takes unprojected. */
function sources(graph: Graph, flow: Flow, from: string, budget: WalkBudget): Set<string> {
  const found = new Set<string>();
  const queue = [from];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const name = queue[i] ?? '';
    const node = graph.producer.get(name);
    if (!node) {
      found.add(name);
      continue;
    }
    if (--budget.steps < 0) throw tooLarge(say('onnx.reason.longSearch'));
    const source = projected(node, flow);
    if (source !== undefined && flow.of(source).content !== 0) {
      found.add(originOf(graph, source));
      continue;
    }
    followContent(node, flow, seen, queue);
  }
  return found;
}

/** What a graph's own inputs and outputs say about the model. */
export interface GraphTraits {
  /** Takes an encoder's output, or cached keys of one. */
  readonly encoderInput: boolean;
  /** Takes or gives cached keys and values, or takes an encoder's output: a decoder. */
  readonly decoder: boolean;
  /** Bits of token inputs that only a decoder has (`decoder_input_ids` beside `input_ids`); 0 where there is one kind of tokens. */
  readonly decoderTokens: number;
}

/** Reads a graph's traits off its declared inputs and outputs. */
export function traitsOf(graph: Graph, flow: Flow): GraphTraits {
  const roles = graph.inputs.filter((input) => !graph.initializers.has(input.name)).map((input) => inputRole(input));
  const encoderInput = roles.includes('encoder') || roles.includes('past-encoder');
  const cached =
    roles.includes('past') ||
    graph.outputs.some((output) => /^present|past_key_values|\.(key|value)s?$/.test(output.name));
  let decoderTokens = 0;
  flow.tokenInputs.forEach((name, place) => {
    if (/decoder/.test(name) && place < 20) decoderTokens |= 1 << place;
  });
  return {
    encoderInput,
    decoder: encoderInput || cached,
    decoderTokens: flow.tokenInputs.length > 1 ? decoderTokens : 0,
  };
}
