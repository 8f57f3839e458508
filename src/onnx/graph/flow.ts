/**
 * What can be known about each tensor without running the graph, in one pass over the nodes in order:
 * whether it is a constant, which kinds of graph input its content comes from, its rank, and (for shapes) its elements.
 */
import { PROBE_PREFIX } from './addedNames';
import { CONTENT, UNKNOWN, type Facts } from './facts';
import type { Graph } from './graph';
import type { GraphNode } from './node';
import type { ValueInfo } from '../wire/proto';
import { constantRank, tensorRank } from './ranks';
import { vectorOf } from './vectors';

export type InputRole = 'tokens' | 'encoder' | 'past' | 'past-encoder' | 'mask' | 'position' | 'setting';

/**
 * What a graph input is for, by the conventions of Hugging Face exports: element type and rank first, then words in its name.
 * Anything not recognised carries content, as `input_ids` does.
 */
export function inputRole(input: ValueInfo): InputRole {
  const name = input.name.toLowerCase();
  const float = input.type === 1 || input.type === 10 || input.type === 11 || input.type === 16;
  // Gates and the like, which tell nothing of the model.
  if (name.startsWith(PROBE_PREFIX)) return 'setting';
  if (/mask/.test(name)) return 'mask';
  if (/use_cache|num_logits|logits_to_keep|seqlens|sequence_length|seq_len/.test(name)) return 'setting';
  if (/past|cache|present|pkv|state\.\d|\.key$|\.value$/.test(name)) {
    if (/position/.test(name)) return 'position';
    return /encoder|cross/.test(name.replace('decoder', '')) ? 'past-encoder' : 'past';
  }
  if (/encoder/.test(name.replace('decoder', '')) && float) return 'encoder';
  if (/position|token_type|segment|langs|cos|sin$/.test(name)) return 'position';
  return 'tokens';
}

/** Facts of every tensor of a graph; names of outer graphs are looked up there. */
export class Flow {
  readonly #facts = new Map<string, Facts>();
  /** Name of each tokens-like input by its bit. */
  readonly tokenInputs: readonly string[];

  /** Facts of the graphs inside control-flow nodes. */
  readonly inner = new Map<Graph, Flow>();
  readonly #subgraphs = new Map<GraphNode, { readonly graph: Graph }[]>();

  constructor(
    private readonly graph: Graph,
    private readonly outer: Flow | null,
  ) {
    const tokens: string[] = [];
    for (const subgraph of graph.subgraphs) {
      const list = this.#subgraphs.get(subgraph.node);
      if (list) list.push(subgraph);
      else this.#subgraphs.set(subgraph.node, [subgraph]);
    }
    if (!outer) {
      for (const input of graph.inputs) {
        if (graph.initializers.has(input.name)) continue;
        let content = 0;
        switch (inputRole(input)) {
          case 'tokens':
            content = 1 << Math.min(tokens.length, 19);
            tokens.push(input.name);
            break;
          case 'encoder':
            content = CONTENT.encoder;
            break;
          case 'past':
            content = CONTENT.past;
            break;
          case 'past-encoder':
            content = CONTENT.pastEncoder;
            break;
          case 'mask':
          case 'position':
          case 'setting':
            break;
        }
        this.#facts.set(input.name, { constant: false, content, rank: input.dims?.length ?? -1, vector: undefined });
      }
    }
    this.tokenInputs = outer?.tokenInputs ?? tokens;
    for (const node of graph.nodes) this.#visit(node);
  }

  of(name: string): Facts {
    const known = this.#facts.get(name);
    if (known) return known;
    const tensor = this.graph.initializers.get(name);
    if (tensor) {
      const facts = {
        constant: true,
        content: 0,
        rank: tensor.dims.length,
        vector: tensor.dims.length < 2 ? this.graph.smallInts(name) : undefined,
      };
      this.#facts.set(name, facts);
      return facts;
    }
    return this.outer?.of(name) ?? UNKNOWN;
  }

  #visit(node: GraphNode): void {
    if (node.op === 'Constant') {
      const rank = constantRank(this.graph, node);
      const name = node.outputs[0] ?? '';
      this.#facts.set(name, {
        constant: true,
        content: 0,
        rank,
        vector: rank < 2 ? this.graph.smallInts(name) : undefined,
      });
      return;
    }
    const facts = node.inputs.map((input) => (input === '' ? UNKNOWN : this.of(input)));
    const constant =
      node.inputs.every((input, i) => input === '' || facts[i]?.constant === true) &&
      !/^Random|^Bernoulli|^Multinomial/.test(node.op);
    let content = 0;
    for (const i of dataInputs(node, facts)) content |= facts[i]?.content ?? 0;
    for (const { graph } of this.#subgraphs.get(node) ?? []) {
      // A branch may use whatever is known by now; later nodes cannot reach into it.
      const flow = new Flow(graph, this);
      this.inner.set(graph, flow);
      for (const output of graph.outputs) content |= flow.of(output.name).content;
    }
    for (const [place, output] of node.outputs.entries()) {
      if (output === '') continue;
      const declared = this.graph.values.get(output)?.dims?.length;
      const rank = declared ?? rankOfOutput(node, place, facts);
      const vector = place === 0 ? vectorOf(this.graph, node, facts) : undefined;
      // The scale and zero point of a quantisation are not its values.
      const own = place > 0 && node.op === 'DynamicQuantizeLinear' ? 0 : content;
      this.#facts.set(output, {
        constant: constant && node.inputs.length > 0 && !this.#subgraphs.has(node),
        content: own,
        rank,
        vector,
      });
    }
  }
}

/** Operators whose several outputs have the first input's rank. */
function sharesShape(op: string): boolean {
  return op === 'Split' || op === 'Dropout' || op === 'DynamicQuantizeLinear';
}

const FIRST_ONLY = new Set([
  'Reshape',
  'Expand',
  'Slice',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Tile',
  'Pad',
  'TopK',
  'Split',
  'Cast',
  'CastLike',
  'Clip',
  'CumSum',
  'Trilu',
  'ReduceMean',
  'ReduceSum',
  'ReduceMax',
  'ReduceMin',
  'ReduceL1',
  'ReduceL2',
  'ReduceProd',
  'Flatten',
  'Resize',
  'RotaryEmbedding',
]);
const NO_CONTENT = new Set([
  'Shape',
  'Size',
  'Range',
  'ConstantOfShape',
  'Equal',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'IsNaN',
  'IsInf',
  'Not',
  'And',
  'Or',
  'Xor',
  'NonZero',
  'ArgMax',
  'EyeLike',
  'OneHot',
]);

/** Which inputs an operator's values come from: not shapes, conditions, or indices into what is itself content. */
export function dataInputs(node: GraphNode, facts: readonly Facts[]): readonly number[] {
  if (NO_CONTENT.has(node.op)) return [];
  if (FIRST_ONLY.has(node.op)) return [0];
  if (node.op === 'Where') return [1, 2];
  if (node.op === 'Gather' || node.op === 'GatherElements' || node.op === 'GatherND')
    return facts[0]?.constant === true ? [1] : [0];
  if (node.op === 'GatherBlockQuantized') return [1];
  return node.inputs.map((_, i) => i);
}

/** The rank of an output that does not say it, or -1. */
function rankOfOutput(node: GraphNode, place: number, facts: readonly Facts[]): number {
  if (place === 0 || sharesShape(node.op)) return tensorRank(node, facts);
  return node.op === 'EmbedLayerNormalization' && place === 1 ? 1 : -1;
}

/** One step of a walk backwards: a node's data inputs that are made of the text, and were not seen, come to the end of the queue. */
export function followContent(node: GraphNode, flow: Flow, seen: Set<string>, queue: string[]): void {
  const facts = node.inputs.map((input) => flow.of(input));
  for (const place of dataInputs(node, facts)) {
    const input = node.inputs[place] ?? '';
    if (input === '' || seen.has(input) || flow.of(input).content === 0) continue;
    seen.add(input);
    queue.push(input);
  }
}
