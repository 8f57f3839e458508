/**
 * What can be known about each tensor without running the graph, in one pass over the nodes in order:
 * whether it is a constant, which kinds of graph input its content comes from, its rank, and (for shapes) its elements.
 */
import type { Graph, GraphNode } from './graph';
import { readTensor, type ValueInfo } from './proto';

/** Bits of `Facts.content`. Each tokens-like input has a bit of its own (up to 20). */
export const CONTENT = { tokens: 0xf_ffff, encoder: 1 << 20, past: 1 << 21, pastEncoder: 1 << 22 } as const;

export interface Facts {
  /** Does not depend on any graph input. */
  readonly constant: boolean;
  /** Which inputs its values (not only its size, mask or positions) come from; see CONTENT. */
  readonly content: number;
  /** Number of dimensions, or -1. */
  readonly rank: number;
  /** Elements of a small integer vector or scalar; null where one is not known. */
  readonly vector: readonly (number | null)[] | undefined;
}

const UNKNOWN: Facts = { constant: false, content: 0, rank: -1, vector: undefined };
const MAX_VECTOR = 64;

export type InputRole = 'tokens' | 'encoder' | 'past' | 'past-encoder' | 'mask' | 'position' | 'setting';

/**
 * What a graph input is for, by the conventions of Hugging Face exports: element type and rank first, then words in its name.
 * Anything not recognised carries content, as `input_ids` does.
 */
export function inputRole(input: ValueInfo): InputRole {
  const name = input.name.toLowerCase();
  const float = input.type === 1 || input.type === 10 || input.type === 11 || input.type === 16;
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
      const facts = { constant: true, content: 0, rank: tensor.dims.length, vector: tensor.dims.length < 2 ? this.graph.smallInts(name) : undefined };
      this.#facts.set(name, facts);
      return facts;
    }
    return this.outer?.of(name) ?? UNKNOWN;
  }

  #visit(node: GraphNode): void {
    if (node.op === 'Constant') {
      const rank = constantRank(this.graph, node);
      const name = node.outputs[0] ?? '';
      this.#facts.set(name, { constant: true, content: 0, rank, vector: rank < 2 ? this.graph.smallInts(name) : undefined });
      return;
    }
    const facts = node.inputs.map((input) => (input === '' ? UNKNOWN : this.of(input)));
    const constant = node.inputs.every((input, i) => input === '' || facts[i]?.constant === true) && !/^Random|^Bernoulli|^Multinomial/.test(node.op);
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
      const rank = declared ?? (place === 0 || sharesShape(node.op) ? rankOf(node, facts) : node.op === 'EmbedLayerNormalization' && place === 1 ? 1 : -1);
      const vector = place === 0 ? this.#vector(node, facts) : undefined;
      // The scale and zero point of a quantisation are not its values.
      const own = place > 0 && node.op === 'DynamicQuantizeLinear' ? 0 : content;
      this.#facts.set(output, { constant: constant && node.inputs.length > 0 && !this.#subgraphs.has(node), content: own, rank, vector });
    }
  }

  #vector(node: GraphNode, facts: readonly Facts[]): readonly (number | null)[] | undefined {
    const first = facts[0];
    switch (node.op) {
      case 'Identity':
      case 'Cast':
        return first?.vector;
      case 'Shape': {
        if (!first || first.rank < 0 || first.rank > MAX_VECTOR) return undefined;
        const dims = this.graph.values.get(node.inputs[0] ?? '')?.dims;
        const all = Array.from({ length: first.rank }, (_, i) => {
          const dim = dims?.[i];
          return typeof dim === 'number' ? dim : null;
        });
        return all.slice(node.int('start') ?? 0, node.int('end') ?? undefined);
      }
      case 'Unsqueeze':
      case 'Squeeze':
        return first && first.rank >= 0 && first.rank < 2 ? (first.vector ?? (first.rank === 0 ? [null] : undefined)) : undefined;
      case 'Reshape':
        return first?.vector;
      case 'Gather': {
        const indices = facts[1];
        const source = first?.vector;
        const at = indices?.vector;
        if (!source || !indices || indices.rank < 0 || indices.rank > 1) return indices?.rank === 0 ? [null] : undefined;
        return at?.map((i) => (i === null ? null : (source.at(i) ?? null))) ?? (indices.rank === 0 ? [null] : undefined);
      }
      case 'Slice': {
        const source = first?.vector;
        const start = facts[1]?.vector?.[0];
        const end = facts[2]?.vector?.[0];
        const step = facts[4]?.vector?.[0] ?? 1;
        if (!source || typeof start !== 'number' || typeof end !== 'number' || step !== 1) return undefined;
        return source.slice(start, end);
      }
      case 'Concat': {
        const out: (number | null)[] = [];
        for (const part of facts) {
          if (!part.vector) return undefined;
          out.push(...part.vector);
          if (out.length > MAX_VECTOR) return undefined;
        }
        return out;
      }
      case 'Mul':
      case 'Add':
      case 'Sub':
      case 'Div':
      case 'Where':
      case 'Min':
      case 'Max': {
        const length = Math.max(...facts.map((part) => part.vector?.length ?? -1));
        const [a, b] = [first?.vector, facts[1]?.vector];
        if (length < 1 || length > MAX_VECTOR || !facts.every((part) => part.rank >= 0 && part.rank < 2)) return undefined;
        if (!a || !b || node.op === 'Where' || node.op === 'Min' || node.op === 'Max') return Array.from({ length }, () => null);
        return Array.from({ length }, (_, i) => arithmetic(node.op, a[a.length === 1 ? 0 : i] ?? null, b[b.length === 1 ? 0 : i] ?? null));
      }
      default:
        return undefined;
    }
  }
}

function arithmetic(op: string, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  if (op === 'Mul') return a * b;
  if (op === 'Add') return a + b;
  if (op === 'Sub') return a - b;
  return b === 0 ? null : Math.trunc(a / b);
}

/** Operators whose several outputs have the first input's rank. */
function sharesShape(op: string): boolean {
  return op === 'Split' || op === 'Dropout' || op === 'DynamicQuantizeLinear';
}

const FIRST_ONLY = new Set([
  'Reshape', 'Expand', 'Slice', 'Transpose', 'Squeeze', 'Unsqueeze', 'Tile', 'Pad', 'TopK', 'Split', 'Cast', 'CastLike', 'Clip', 'CumSum', 'Trilu',
  'ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceL2', 'ReduceProd', 'Flatten', 'Resize', 'RotaryEmbedding',
]);
const NO_CONTENT = new Set([
  'Shape', 'Size', 'Range', 'ConstantOfShape', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'IsNaN', 'IsInf', 'Not', 'And', 'Or',
  'Xor', 'NonZero', 'ArgMax', 'EyeLike', 'OneHot',
]);

/** Which inputs an operator's values come from: not shapes, conditions, or indices into what is itself content. */
export function dataInputs(node: GraphNode, facts: readonly Facts[]): readonly number[] {
  if (NO_CONTENT.has(node.op)) return [];
  if (FIRST_ONLY.has(node.op)) return [0];
  if (node.op === 'Where') return [1, 2];
  if (node.op === 'Gather' || node.op === 'GatherElements' || node.op === 'GatherND') return facts[0]?.constant === true ? [1] : [0];
  if (node.op === 'GatherBlockQuantized') return [1];
  return node.inputs.map((_, i) => i);
}

function rankOf(node: GraphNode, facts: readonly Facts[]): number {
  const rank = (i: number): number => facts[i]?.rank ?? -1;
  const widest = (): number => (facts.some((part, i) => part.rank < 0 && node.inputs[i] !== '') ? -1 : Math.max(-1, ...facts.map((part) => part.rank)));
  switch (node.op) {
    case 'ConstantOfShape':
      return facts[0]?.vector?.length ?? -1;
    case 'Transpose':
      return node.ints('perm')?.length ?? rank(0);
    case 'Reshape':
      return facts[1]?.vector?.length ?? -1;
    case 'Expand': {
      const target = facts[1]?.vector?.length ?? -1;
      return target < 0 ? -1 : Math.max(rank(0), target);
    }
    case 'Unsqueeze':
    case 'Squeeze': {
      const axes = facts[1]?.vector?.length ?? node.ints('axes')?.length ?? -1;
      if (axes < 0 || rank(0) < 0) return -1;
      return node.op === 'Unsqueeze' ? rank(0) + axes : Math.max(0, rank(0) - axes);
    }
    case 'Gather':
      return rank(0) < 0 || rank(1) < 0 ? -1 : rank(0) + rank(1) - 1;
    case 'GatherElements':
      return rank(0);
    case 'MatMul':
    case 'FusedMatMul':
    case 'MatMulInteger':
    case 'MatMulIntegerToFloat':
    case 'DynamicQuantizeMatMul':
      return rank(0) >= 2 && rank(1) >= 2 ? Math.max(rank(0), rank(1)) : Math.max(rank(0), rank(1)) >= 3 ? Math.max(rank(0), rank(1)) : -1;
    case 'QLinearMatMul':
      return rank(0) >= 2 && rank(3) >= 2 ? Math.max(rank(0), rank(3)) : -1;
    case 'Gemm':
      return 2;
    case 'Einsum': {
      const result = node.text('equation').split('->')[1];
      return result === undefined || result.includes('.') ? -1 : result.replace(/\s/g, '').length;
    }
    case 'Shape':
    case 'Range':
      return 1;
    case 'EmbedLayerNormalization':
      return 3;
    case 'Size':
      return 0;
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Min':
    case 'Max':
    case 'Where':
    case 'And':
    case 'Or':
    case 'Equal':
    case 'Less':
    case 'LessOrEqual':
    case 'Greater':
    case 'GreaterOrEqual': {
      // A mask of unknown rank does not widen scores of rank 4: known rank 4 is taken as the answer.
      const known = Math.max(-1, ...facts.map((part) => part.rank));
      const all = widest();
      return all >= 0 ? all : known >= 4 ? known : -1;
    }
    case 'ReduceMean':
    case 'ReduceSum':
    case 'ReduceMax':
    case 'ReduceMin':
      return (node.int('keepdims') ?? 1) === 1 ? rank(0) : Math.max(-1, rank(0) - (facts[1]?.vector?.length ?? node.ints('axes')?.length ?? 99));
    default:
      return KEEPS_RANK.has(node.op) ? rank(0) : -1;
  }
}

function constantRank(graph: Graph, node: GraphNode): number {
  const tensor = node.attribute('value')?.tensor;
  if (tensor) return readTensor(graph.bytes, tensor).dims.length;
  if (node.attribute('value_int') || node.attribute('value_float')) return 0;
  if (node.attribute('value_ints') || node.attribute('value_floats')) return 1;
  return -1;
}

const KEEPS_RANK = new Set([
  'Identity', 'Cast', 'CastLike', 'Dropout', 'Softmax', 'LogSoftmax', 'BiasSoftmax', 'Neg', 'Sqrt', 'Reciprocal', 'Tanh', 'Sigmoid', 'Erf', 'Exp', 'Log', 'Cos', 'Sin',
  'Clip', 'Relu', 'Gelu', 'FastGelu', 'BiasGelu', 'QuickGelu', 'Abs', 'Not', 'IsNaN', 'Trilu', 'Tile', 'Pad', 'Slice', 'Split', 'Concat', 'CumSum',
  'LayerNormalization', 'SimplifiedLayerNormalization', 'RMSNormalization', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization',
  'QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'MatMulNBits', 'MatMulBnb4', 'RotaryEmbedding', 'ScatterND', 'ScatterElements',
  'MultiHeadAttention', 'GroupQueryAttention', 'Attention',
]);
