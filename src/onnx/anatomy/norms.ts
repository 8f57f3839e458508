/**
 * Every normalisation of a graph, as one operator or taken apart: LayerNorm (Ba et al. 2016) and RMSNorm (Zhang and Sennrich 2019),
 * and the fused forms in which ONNX Runtime adds the residual first.
 */
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { smallFloat } from '../graph/smallFloat';
import { originOf, SAME_OR_CLIPPED } from '../graph/origin';

export interface Norm {
  readonly kind: 'layer' | 'rms';
  /** The operator, or 'decomposed'. */
  readonly operator: string;
  readonly title: string;
  /** What is normalised; '' where a fused operator adds it up and keeps the sum to itself. */
  readonly input: string;
  /** Fused forms: the tensors that are added before the norm. */
  readonly addends: readonly string[];
  readonly output: string;
  /** Names of constant tensors; '' where there is none. */
  readonly weight: string;
  readonly bias: string;
  /** Added under the root; undefined where it cannot be read. */
  readonly epsilon: number | undefined;
  /** All nodes that belong to it. */
  readonly nodes: ReadonlySet<GraphNode>;
}

export interface Norms {
  readonly byOutput: ReadonlyMap<string, Norm>;
  /** By the origin of what is normalised. */
  readonly byInput: ReadonlyMap<string, readonly Norm[]>;
  /** Which norm a node belongs to. */
  readonly byNode: ReadonlyMap<GraphNode, Norm>;
}

const FUSED: Readonly<Record<string, Norm['kind']>> = {
  LayerNormalization: 'layer',
  SimplifiedLayerNormalization: 'rms',
  RMSNormalization: 'rms',
  SkipLayerNormalization: 'layer',
  SkipSimplifiedLayerNormalization: 'rms',
  EmbedLayerNormalization: 'layer',
};

/** True for the operators that add a residual and normalise the sum. */
export function addsResidual(node: GraphNode): boolean {
  return node.op === 'SkipLayerNormalization' || node.op === 'SkipSimplifiedLayerNormalization';
}

/** Finds every norm of one graph, by operator name or by the nodes that a norm is taken apart into. */
export function findNorms(graph: Graph, flow: Flow): Norms {
  const byOutput = new Map<string, Norm>();
  const byInput = new Map<string, Norm[]>();
  const byNode = new Map<GraphNode, Norm>();
  for (const node of graph.nodes) {
    const norm =
      oneOperator(node) ?? (node.op === 'Mul' || node.op === 'Div' ? decomposed(graph, flow, node) : undefined);
    if (!norm) continue;
    byOutput.set(norm.output, norm);
    for (const part of norm.nodes) byNode.set(part, norm);
    if (norm.input === '') continue;
    const origin = originOf(graph, norm.input, SAME_OR_CLIPPED);
    const list = byInput.get(origin);
    if (list) list.push(norm);
    else byInput.set(origin, [norm]);
  }
  return { byOutput, byInput, byNode };
}

function oneOperator(node: GraphNode): Norm | undefined {
  const kind = FUSED[node.op];
  if (!kind) return undefined;
  const [first = '', second = '', third = '', fourth = '', fifth = '', sixth = ''] = node.inputs;
  const common = {
    kind,
    operator: node.op,
    title: node.title,
    output: node.outputs[0] ?? '',
    epsilon: node.float('epsilon') ?? (addsResidual(node) || node.op === 'EmbedLayerNormalization' ? 1e-12 : 1e-5),
    nodes: new Set([node]),
  };
  switch (node.op) {
    case 'SkipLayerNormalization':
      return {
        ...common,
        input: node.outputs[3] ?? '',
        addends: addends(first, second, fifth),
        weight: third,
        bias: fourth,
      };
    case 'SkipSimplifiedLayerNormalization':
      return {
        ...common,
        input: node.outputs[3] ?? '',
        addends: addends(first, second, fourth),
        weight: third,
        bias: '',
      };
    case 'EmbedLayerNormalization':
      return { ...common, input: node.outputs[2] ?? '', addends: [], weight: fifth, bias: sixth };
    default:
      return { ...common, input: first, addends: [], weight: second, bias: third };
  }
}

function addends(...names: string[]): string[] {
  return names.filter((name) => name !== '');
}

/**
 * x · 1/√(mean(x²) + ε), or the same of x minus its mean.
 * @param core the product (or quotient) of the centred x with the reciprocal root
 */
function decomposed(graph: Graph, flow: Flow, core: GraphNode): Norm | undefined {
  const [left = '', right = ''] = core.inputs;
  const sides =
    core.op === 'Div'
      ? [[left, right] as const]
      : ([
          [left, right],
          [right, left],
        ] as const);
  for (const [value, scale] of sides) {
    const root = walkToMean(graph, flow, scale);
    if (!root) continue;
    const square = graph.producer.get(root.mean.inputs[0] ?? '');
    if (!square || (square.op !== 'Pow' && square.op !== 'Mul' && square.op !== 'ReduceMean')) continue;
    if (square.op === 'Mul' && square.inputs[0] !== square.inputs[1]) continue;
    const squared = square.inputs[0] ?? '';
    const centred = graph.producer.get(originOf(graph, value, SAME_OR_CLIPPED));
    const twin = graph.producer.get(originOf(graph, squared, SAME_OR_CLIPPED));
    const nodes = new Set([core, root.mean, square, ...root.nodes]);
    const mean = meanTaken(graph, centred);
    const sameMean =
      twin === centred || (meanTaken(graph, twin) !== undefined && twin?.inputs[0] === centred?.inputs[0]);
    if (mean && centred && sameMean) {
      for (const node of [centred, mean, ...(twin ? [twin] : [])]) nodes.add(node);
      return dressed(graph, flow, core, 'layer', centred.inputs[0] ?? '', root.epsilon, nodes);
    }
    if (originOf(graph, value, SAME_OR_CLIPPED) !== originOf(graph, squared, SAME_OR_CLIPPED)) continue;
    return dressed(graph, flow, core, 'rms', value, root.epsilon, nodes);
  }
  return undefined;
}

/** The node that makes the mean, where `sub` is x − mean(x). */
function meanTaken(graph: Graph, sub: GraphNode | undefined): GraphNode | undefined {
  if (sub?.op !== 'Sub') return undefined;
  const mean = graph.producer.get(sub.inputs[1] ?? '');
  return mean?.op === 'ReduceMean' &&
    originOf(graph, mean.inputs[0] ?? '', SAME_OR_CLIPPED) === originOf(graph, sub.inputs[0] ?? '', SAME_OR_CLIPPED)
    ? mean
    : undefined;
}

const ROOT = new Set(['Div', 'Reciprocal', 'Sqrt', 'Pow', 'Add', 'Cast', 'Max', 'Clip']);

/** Goes back from 1/√(mean + ε) to the node that makes the mean; only a way that passes a square root counts. */
function walkToMean(
  graph: Graph,
  flow: Flow,
  from: string,
):
  { readonly mean: GraphNode; readonly nodes: readonly GraphNode[]; readonly epsilon: number | undefined } | undefined {
  const nodes: GraphNode[] = [];
  let epsilon: number | undefined;
  let rooted = false;
  let name = from;
  for (let i = 0; i < 8; i++) {
    const node = graph.producer.get(name);
    if (!node) return undefined;
    if (node.op === 'ReduceMean') return rooted ? { mean: node, nodes, epsilon } : undefined;
    if (!ROOT.has(node.op)) return undefined;
    nodes.push(node);
    rooted ||= node.op === 'Sqrt' || node.op === 'Pow';
    const next = node.inputs.find((input) => input !== '' && !flow.of(input).constant);
    const constant = node.inputs.find((input) => input !== '' && flow.of(input).constant);
    if (node.op === 'Add' && constant !== undefined) epsilon = smallFloat(graph, constant);
    if (next === undefined) return undefined;
    name = next;
  }
  return undefined;
}

/** Adds the weight and the bias that follow, where they are vectors. */
function dressed(
  graph: Graph,
  flow: Flow,
  core: GraphNode,
  kind: Norm['kind'],
  input: string,
  epsilon: number | undefined,
  nodes: Set<GraphNode>,
): Norm {
  let output = core.outputs[0] ?? '';
  let weight = '';
  let bias = '';
  for (let i = 0; i < 6; i++) {
    const takers = (graph.consumers.get(output) ?? []).filter(({ op }) => op !== 'Shape');
    const [node, ...others] = takers;
    if (!node || others.length > 0 || graph.outputs.some(({ name }) => name === output)) break;
    const partner = node.inputs.find((name) => name !== output) ?? '';
    const vector =
      partner !== '' && flow.of(partner).constant && flow.of(partner).rank >= 1 && !isScalar(graph, partner);
    const dresses =
      (node.op === 'Cast' && weight === '') ||
      (node.op === 'Mul' && vector && weight === '') ||
      (node.op === 'Add' && vector && bias === '' && (weight !== '' || kind === 'layer'));
    if (!dresses) break;
    if (node.op === 'Mul') weight = partner;
    if (node.op === 'Add') bias = partner;
    nodes.add(node);
    output = node.outputs[0] ?? '';
    if (bias !== '') break;
  }
  return { kind, operator: 'decomposed', title: core.title, input, addends: [], output, weight, bias, epsilon, nodes };
}

/** A vector of one element scales everything alike: it is no norm's weight. */
function isScalar(graph: Graph, name: string): boolean {
  const dims = graph.initializer(name)?.dims;
  return dims !== undefined && dims.reduce((product, dim) => product * dim, 1) === 1;
}
