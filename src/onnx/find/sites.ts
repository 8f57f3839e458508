/** Goes over a model's nodes in order and gathers its attention: one site a layer and kind, in each branch of a merged decoder. */
import type { AttentionKind } from '../../attention/types';
import { traitsOf, relate, type GraphTraits } from './classify';
import { isCausal } from './expectedCounts';
import { findCore, type Core, type Rejection, type WalkBudget } from './cores';
import { Flow } from '../graph/flow';
import { fusedAttention } from '../fused/fused';
import type { FusedCheck, OwnOutputSite, SideGraphSite } from '../fused/fusedSite';
import { SideGraph } from '../fused/sideGraph';
import type { Graph, Subgraph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { headsOf } from './heads';
import { otherMaps } from './otherMaps';
import { softmaxOf, unknownSoftmax, type SoftmaxForm } from './softmax';
import type { OnnxModel } from '../graph/onnxFile';
import type { GraphRole } from '../types';
import { listOf } from '../../text/listInSentence';
import { say } from '../../text/say';

/** How to get probabilities that no tensor of the graph carries as floats. */
export type Tap = OwnOutputSite | Pick<SideGraphSite, 'how' | 'build' | 'rewrites' | 'windowCache'>;

/** Bytes over [0, 1]. */
const BYTE_STEP = 1 / 255;

/** One attention in one graph. */
export interface Site {
  readonly graph: Graph;
  readonly node: GraphNode;
  readonly kind: AttentionKind | 'unknown';
  /** The graph's own tensor, or how to compute it beside fused attention or from bytes. */
  readonly tap: string | Tap;
  /** Half the step by which probabilities are rounded where they are bytes; 0 otherwise. */
  readonly rounding: number;
  /** 0 where the graph does not say. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly layout: 'bhqk' | 'flat';
  readonly mayLoseMass: boolean;
  /** Its queries, keys, values and the two products; undefined where one fused operator does all of it. */
  readonly core: Core | undefined;
  /** Fused attention only: what proves its weights. */
  readonly check?: FusedCheck;
}

/** The same attention in both branches of an `If`. */
export interface Branched {
  readonly holder: GraphNode;
  readonly branches: readonly { readonly subgraph: Subgraph; readonly site: Site }[];
}

export type FoundAttention = Site | Branched;

export interface Survey {
  readonly found: readonly FoundAttention[];
  readonly rejected: readonly Rejection[];
  /** Nodes whose branches do not show the same attention. */
  readonly mismatched: readonly string[];
  /** Fused attention that cannot be recomputed, with the reason. */
  readonly fused: readonly Rejection[];
  /** Kinds of attention that a graph with these inputs must show. */
  readonly required: readonly AttentionKind[];
}

/** True for attention that stands in both branches of an `If`. */
export function isBranched(found: FoundAttention): found is Branched {
  return 'branches' in found;
}

/** The site itself, or the first branch's. */
export function siteOf(found: FoundAttention): Site {
  if (!isBranched(found)) return found;
  const [first] = found.branches;
  if (!first) throw new Error('a branched site has branches');
  return first.site;
}

/**
 * Finds all attention of a model, and says of what was looked at and not taken why.
 * @param config the model's parsed config.json, by which self-attention of a single file is told to be an encoder's or a decoder's
 * @throws ExplainError TOO_LARGE
 */
export function survey(model: OnnxModel, role: GraphRole, config: unknown): Survey {
  return new Surveyor(model, role, config).run();
}

class Surveyor {
  readonly #rejected: Rejection[] = [];
  readonly #fused: Rejection[] = [];
  readonly #mismatched: string[] = [];
  readonly #budget: WalkBudget = { steps: 5_000_000 };
  readonly #traits: GraphTraits;

  constructor(
    private readonly model: OnnxModel,
    private readonly role: GraphRole,
    private readonly config: unknown,
  ) {
    this.#traits = traitsOf(model.graph, model.flow);
  }

  run(): Survey {
    const found = this.#graph(this.model.graph, this.model.flow, 0);
    return {
      found,
      rejected: this.#rejected,
      mismatched: this.#mismatched,
      fused: this.#fused,
      required: this.#required(),
    };
  }

  /** A decoder that takes an encoder's output looks at it; a file with both has all three kinds. */
  #required(): readonly AttentionKind[] {
    if (this.role === 'model' && this.#traits.decoderTokens !== 0) return ['encoder', 'decoder', 'cross'];
    return this.#traits.encoderInput && this.role !== 'encoder' ? ['decoder', 'cross'] : [];
  }

  #graph(graph: Graph, flow: Flow, depth: number): FoundAttention[] {
    const found: FoundAttention[] = [];
    const used = new Set<GraphNode>();
    const inner = new Map<GraphNode, Subgraph[]>();
    for (const subgraph of graph.subgraphs) inner.set(subgraph.node, [...(inner.get(subgraph.node) ?? []), subgraph]);
    for (const node of graph.nodes) {
      const form = softmaxOf(graph, node, flow);
      if (form) {
        for (const part of [form.exponential, producerOf(graph, form)]) if (part) used.add(part);
        const site = this.#softmax(graph, form, flow);
        if (site) found.push(site);
      } else if (inner.has(node)) {
        found.push(...this.#branches(node, inner.get(node) ?? [], flow, depth));
      } else {
        const site = this.#fusedNode(graph, node, flow);
        if (site) found.push(site);
        this.#functionCall(node);
      }
    }
    let seen = 0;
    for (const node of graph.nodes) {
      const reason = unknownSoftmax(graph, node, used);
      if (reason === undefined) continue;
      seen++;
      this.#rejected.push({ node: node.title, operator: node.op, reason, why: 'other' });
    }
    // Where a softmax in pieces was named, the product behind it needs no second line.
    if (seen === 0) this.#rejected.push(...otherMaps(graph, flow, productsOf(found), this.#budget));
    return found;
  }

  #softmax(graph: Graph, form: SoftmaxForm, flow: Flow): Site | undefined {
    const { node } = form;
    const core = findCore(graph, form, flow, this.model.opsets.get('') ?? 1, this.#budget);
    if ('why' in core) {
      this.#rejected.push(core);
      return undefined;
    }
    const { rank } = flow.of(core.probabilities);
    if (rank >= 0 && rank !== 3 && rank !== 4) {
      this.#rejected.push({
        node: node.title,
        operator: node.op,
        reason: say('onnx.reason.rank', { rank }),
        why: 'layout',
      });
      return undefined;
    }
    return {
      graph,
      node,
      kind: this.#kind(core, flow),
      tap: core.quantised ? fromBytes(core.probabilities, core.quantised) : core.probabilities,
      rounding: core.quantised ? BYTE_STEP / 2 : 0,
      heads: rank === 3 ? 0 : headsOf(graph, flow, core.query),
      kvHeads: 0,
      layout: rank === 3 ? 'flat' : 'bhqk',
      mayLoseMass: core.mayLoseMass,
      core,
    };
  }

  #kind({ graph, query, key }: Pick<Core, 'graph' | 'query' | 'key'>, flow: Flow): AttentionKind | 'unknown' {
    const relation = relate(graph, flow, query, key, this.#traits.encoderInput, this.#budget);
    if (relation === 'unknown') return 'unknown';
    if (relation === 'cross') return this.role === 'encoder' ? 'unknown' : 'cross';
    if (this.role !== 'model') return this.role === 'encoder' ? 'encoder' : 'decoder';
    if (this.#traits.decoderTokens !== 0)
      return (flow.of(query).content & this.#traits.decoderTokens) === 0 ? 'encoder' : 'decoder';
    return this.#traits.decoder || isCausal(this.config) ? 'decoder' : 'encoder';
  }

  #fusedNode(graph: Graph, node: GraphNode, flow: Flow): Site | undefined {
    const fused = fusedAttention(this.model, graph, node, flow);
    if (!fused) return undefined;
    if ('why' in fused) {
      this.#fused.push(fused);
      return undefined;
    }
    return {
      graph,
      node,
      kind: this.#kind({ graph, query: fused.query, key: fused.key }, flow),
      tap: fused.how === 'own-output' && fused.own !== '' ? fused.own : fused,
      heads: fused.heads,
      kvHeads: fused.kvHeads,
      rounding: 0,
      layout: 'bhqk',
      mayLoseMass: fused.mayLoseMass,
      core: undefined,
      check: fused.check,
    };
  }

  /** A model-local function is a box: attention in it cannot be brought out. */
  #functionCall(node: GraphNode): void {
    const operators =
      this.model.functions.get(`${node.domain}::${node.op}`) ??
      (node.domain === '' ? this.model.functions.get(`ai.onnx::${node.op}`) : undefined);
    if (
      operators &&
      ['Softmax', 'Attention', 'MultiHeadAttention', 'GroupQueryAttention'].some((op) => operators.has(op))
    ) {
      this.#rejected.push({
        node: node.title,
        operator: node.op,
        reason: say('onnx.reason.insideFunction'),
        why: 'layout',
      });
    }
  }

  #branches(holder: GraphNode, subgraphs: readonly Subgraph[], flow: Flow, depth: number): FoundAttention[] {
    const lists = subgraphs.map((subgraph) =>
      this.#graph(subgraph.graph, flow.inner.get(subgraph.graph) ?? new Flow(subgraph.graph, flow), depth + 1),
    );
    const [first, second] = lists;
    if (lists.every((list) => list.length === 0)) return [];
    if (
      holder.op !== 'If' ||
      depth > 0 ||
      !first ||
      lists.length !== 2 ||
      !second ||
      lists.some((list) => list.some(isBranched))
    ) {
      this.#rejected.push({
        node: holder.title,
        operator: holder.op,
        reason: say('onnx.reason.insideLoop'),
        why: 'layout',
      });
      return [];
    }
    const sites = lists.map((list) => list.map(siteOf));
    const count = Math.max(first.length, second.length);
    const found: FoundAttention[] = [];
    for (let i = 0; i < count; i++) {
      const pair = sites.map((list) => list[i]);
      const [a, b] = pair;
      const [left, right] = subgraphs;
      if (!a || !b || !left || !right || a.kind !== b.kind || a.layout !== b.layout) {
        this.#mismatched.push(
          `${holder.title}: ${listOf(subgraphs.map(({ attribute }, j) => branchText(attribute, pair[j])))}`,
        );
        continue;
      }
      found.push({
        holder,
        branches: [
          { subgraph: left, site: a },
          { subgraph: right, site: b },
        ],
      });
    }
    return found;
  }
}

/** The two products of each attention. */
function productsOf(found: readonly FoundAttention[]): ReadonlySet<GraphNode> {
  const sites = found.flatMap((one) => (isBranched(one) ? one.branches.map(({ site }) => site) : [one]));
  return new Set(sites.flatMap(({ core }) => (core ? [core.scoring, core.weighing] : [])));
}

/** The log-softmax that a form exponentiates. */
function producerOf(graph: Graph, { node, exponential }: SoftmaxForm): GraphNode | undefined {
  return exponential === node ? graph.producer.get(node.inputs[0] ?? '') : undefined;
}

/** Probabilities that are bytes, as floats: those that the product with the values uses. */
function fromBytes(bytes: string, { scale, zero }: NonNullable<SoftmaxForm['quantised']>): Tap {
  return {
    how: 'side-graph',
    build(prefix, output) {
      const g = new SideGraph(prefix);
      return g.finish(g.add('DequantizeLinear', [bytes, scale, ...(zero === '' ? [] : [zero])]), output);
    },
  };
}

function branchText(branch: string, site: Site | undefined): string {
  return site
    ? say('onnx.reason.branchHas', { branch, node: site.node.title, kind: site.kind })
    : say('onnx.reason.branchLacks', { branch });
}
