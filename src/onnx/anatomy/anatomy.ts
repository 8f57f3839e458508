/**
 * The anatomy of a model file: by block and layer, which tensor is what. Found from the graph's structure, never from names.
 * A stage that is not found carries the reason. Lesson, lens, norms and attribution ask here; none walks the graph by itself.
 */
import type { AttentionKind } from '../../attention/types';
import { label, type NamedAttention } from '../find/reconcile';
import { refuseUnknown } from '../refusal';
import { isBranched, survey, type Site } from '../find/sites';
import { Flow } from '../graph/flow';
import type { Graph, Subgraph } from '../graph/graph';
import type { OnnxModel } from '../graph/onnxFile';
import type { GraphNode } from '../graph/node';
import type { GraphRole } from '../types';
import { attentionParts } from './attention';
import type { AttentionParts } from './attentionParts';
import { embedding, type Embedding } from './embedding';
import { feedForward, type FeedForward } from './feedForward';
import { headOf, type Head, type LastStream } from './head';
import type { Norm } from './norms';
import { projectionAfter, type Projection } from './projection';
import { existing, isMissing, missing, type Stage } from './stage';
import { goesOn, joinAfter, nextJoin, type Join } from './stream';
import { GraphView } from './graphView';
import { say } from '../../text/say';

export interface AttentionAnatomy extends AttentionParts {
  readonly kind: AttentionKind;
  readonly layer: number;
  /** In a hybrid model, where some layers have no attention: this layer's place among all layers. */
  readonly among: NamedAttention['among'];
  readonly site: Site;
  /** 0 where only a run can tell. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly projection: Stage<Projection>;
  /** The norm through which the attention reads the stream (pre-norm), or the norm of its sum with the stream (post-norm). */
  readonly norm: Stage<Norm>;
  /** What the attention adds to the stream: the projected outputs of its heads, with the bias. */
  readonly output: Stage;
  /** The stream with that added, before any norm. */
  readonly sum: Stage;
  /** The stream that it is added to. */
  readonly stream: Stage;
  /** True where the projection and its bias go straight into the stream, without a norm or another branch on the way. */
  readonly isAddedAlone: boolean;
}

export type Arrangement = 'pre-norm' | 'post-norm' | 'unknown';

export interface BlockAnatomy {
  readonly stack: 'encoder' | 'decoder';
  readonly index: number;
  readonly arrangement: Arrangement;
  /** Attention and feed-forward read the same stream (GPT-J, NeoX, Falcon, Phi). */
  readonly parallel: boolean;
  /** Self-attention, then cross-attention where there is one. */
  readonly attention: readonly AttentionAnatomy[];
  readonly feedForward: Stage<FeedForward>;
  /** What the block adds to: hidden_states[index] of `transformers`. */
  readonly streamBefore: Stage;
  /** What the next block adds to. */
  readonly streamAfter: Stage;
  /** The fused operator that makes `streamAfter` and normalises it at once, where that is how it is made. */
  readonly fusedNorm: Norm | undefined;
}

/** One graph's anatomy; a merged decoder has one for each branch. */
export interface GraphAnatomy {
  readonly view: GraphView;
  readonly graph: Graph;
  /** Where a branch is: the `If` that holds it and its attribute. */
  readonly branch: { readonly holder: GraphNode; readonly subgraph: Subgraph } | undefined;
  readonly embeddings: readonly ({ readonly stack: BlockAnatomy['stack'] } & Embedding)[];
  readonly blocks: readonly BlockAnatomy[];
  readonly head: Head;
}

/**
 * Finds out which tensor of a model file is which stage.
 * @param config the model's parsed config.json, or undefined where there is none
 * @returns one anatomy for each graph that holds attention: two for a merged decoder, else one
 * @throws ExplainError as `planModel` does, since every other stage is found by starting from the attention
 */
export function anatomyOf(model: OnnxModel, role: GraphRole, config: unknown): readonly GraphAnatomy[] {
  const report = survey(model, role, config);
  refuseUnknown(report);
  const labelled = label(report, model, config);
  const opset = model.opsets.get('') ?? 1;
  const [first] = labelled;
  if (!first || !isBranched(first.found)) {
    const sites = labelled.flatMap((item) => (isBranched(item.found) ? [] : [{ item, site: item.found }]));
    return [graphAnatomy(new GraphView(model.graph, model.flow, opset), sites, undefined)];
  }
  const { holder, branches } = first.found;
  return branches.map(({ subgraph }, place) => {
    const sites = labelled.flatMap((item) => {
      const branch = isBranched(item.found) ? item.found.branches[place] : undefined;
      return branch ? [{ item, site: branch.site }] : [];
    });
    const flow = model.flow.inner.get(subgraph.graph) ?? new Flow(subgraph.graph, model.flow);
    return graphAnatomy(new GraphView(subgraph.graph, flow, opset), sites, { holder, subgraph });
  });
}

interface LabelledSite {
  readonly item: NamedAttention;
  readonly site: Site;
}

/** An attention with its way back into the stream. */
interface Traced {
  readonly anatomy: AttentionAnatomy;
  readonly join: Join | undefined;
  readonly arrangement: Arrangement;
}

function graphAnatomy(view: GraphView, sites: readonly LabelledSite[], branch: GraphAnatomy['branch']): GraphAnatomy {
  const traced = sites.map(({ item, site }) => trace(view, item, site));
  const stacks = (['encoder', 'decoder'] as const).map((stack) => ({
    stack,
    blocks: blocksOf(
      view,
      stack,
      traced.filter(({ anatomy }) => (anatomy.kind === 'encoder') === (stack === 'encoder')),
    ),
  }));
  const embeddings = stacks.flatMap(({ stack, blocks: [first] }) =>
    first && !isMissing(first.streamBefore) ? [{ stack, ...embedding(view, first.streamBefore.tensor) }] : [],
  );
  const blocks = stacks.flatMap((stack) => stack.blocks);
  const head = headOf(view, lastStream(view, blocks.at(-1)));
  return { view, graph: view.graph, branch, embeddings, blocks, head };
}

function lastStream(view: GraphView, last: BlockAnatomy | undefined): LastStream | undefined {
  if (!last || isMissing(last.streamAfter)) return undefined;
  const place = last.streamAfter;
  return {
    place,
    postNorm: last.arrangement === 'post-norm' && view.norms.byOutput.has(place.tensor),
    fused: last.fusedNorm,
  };
}

function trace(view: GraphView, { kind, layer, among, heads, kvHeads }: NamedAttention, site: Site): Traced {
  const parts = attentionParts(view, site);
  // Every fused operator has its queries, or what they are projected from, as its first input.
  const query = site.core?.query ?? site.node.inputs[0] ?? '';
  // An operator with its projections inside reads the normed stream itself.
  const source =
    site.node.op === 'Attention' && site.node.isContrib ? query : (view.projections(query)[0]?.source ?? '');
  const read = view.origin(source);
  const norm = view.norms.byOutput.get(read);
  const projection = isMissing(parts.headOutput)
    ? missing(parts.headOutput.missing)
    : projectionAfter(view, parts.headOutput.tensor);
  const beforeNorm = norm && norm.input !== '' ? view.origin(norm.input) : '';
  const isStream = (tensor: string): boolean => {
    const origin = view.origin(tensor);
    return origin === read || (beforeNorm !== '' && origin === beforeNorm);
  };
  const join = isMissing(projection) ? undefined : joinAfter(view, projection.node.outputs[0] ?? '', isStream);
  const arrangement = arrangementOf(view, join, read);
  const after = join && arrangement === 'post-norm' ? goesOn(view, join, true).norm : undefined;
  const own = arrangement === 'post-norm' ? after : norm;
  const lost = say('onnx.gap.attentionNotFollowed');
  return {
    join,
    arrangement,
    anatomy: {
      kind,
      layer,
      among,
      site,
      heads,
      kvHeads,
      ...parts,
      projection,
      norm: own ?? missing(arrangement === 'post-norm' ? say('onnx.gap.noNormTakesSum') : say('onnx.gap.noNormBefore')),
      output: join ? existing(join.branch, 'tokens') : missing(lost),
      sum: join ? join.sum : missing(lost),
      stream: join ? existing(join.stream, 'tokens') : missing(lost),
      isAddedAlone: join !== undefined && join.branchNorm === undefined && join.others.length === 0,
    },
  };
}

/**
 * A block is post-norm where its attention reads the same tensor that its output is added to, and only a norm reads the sum.
 * Where a further branch is added to that sum the block is pre-norm, although its attention reads the stream without a norm:
 * the first block of ModernBERT is like that.
 */
function arrangementOf(view: GraphView, join: Join | undefined, read: string): Arrangement {
  if (!join) return 'unknown';
  if (view.origin(join.stream) !== read) return 'pre-norm';
  return join.sum.tensor !== '' && nextJoin(view, join.sum.tensor) ? 'pre-norm' : 'post-norm';
}

function blocksOf(view: GraphView, stack: BlockAnatomy['stack'], traced: readonly Traced[]): readonly BlockAnatomy[] {
  const selves = traced.filter(({ anatomy }) => anatomy.kind === stack);
  const groups = selves.map((self, index) => [
    self,
    ...traced.filter(({ anatomy }) => anatomy.kind === 'cross' && stack === 'decoder' && anatomy.layer === index),
  ]);
  return groups.map((group, index) => block(view, stack, index, group, groups[index + 1]?.[0]));
}

function block(
  view: GraphView,
  stack: BlockAnatomy['stack'],
  index: number,
  group: readonly Traced[],
  next: Traced | undefined,
): BlockAnatomy {
  const [self] = group;
  const last = group.at(-1);
  const arrangement = self?.arrangement ?? 'unknown';
  const postNorm = arrangement === 'post-norm';
  const lost = missing(say('onnx.gap.noStream'));
  const base = {
    stack,
    index,
    arrangement,
    attention: group.map(({ anatomy }) => anatomy),
    streamBefore: self?.join ? existing(self.join.stream, 'tokens' as const) : lost,
  };
  const nextStream = next?.join ? existing(next.join.stream, 'tokens' as const) : undefined;
  if (!last?.join)
    return { ...base, parallel: false, feedForward: lost, streamAfter: nextStream ?? lost, fusedNorm: undefined };

  const [beside] = last.join.others;
  if (beside !== undefined) {
    const after = goesOn(view, last.join, postNorm);
    return {
      ...base,
      parallel: true,
      feedForward: feedForward(view, beside, after.norm, postNorm),
      streamAfter: after.stream,
      fusedNorm: last.join.norm,
    };
  }
  const going = goesOn(view, last.join, postNorm);
  const join = going.stream.tensor === '' ? undefined : nextJoin(view, going.stream.tensor);
  if (!join || join === next?.join || join.node === next?.join?.node)
    return {
      ...base,
      parallel: false,
      feedForward: missing(say('onnx.gap.nothingAdded')),
      streamAfter: nextStream ?? going.stream,
      fusedNorm: last.join.norm,
    };
  const after = goesOn(view, join, postNorm);
  const part = feedForward(view, join.branch, after.norm, postNorm);
  const before = !isMissing(base.streamBefore) ? view.origin(base.streamBefore.tensor) : '';
  const parallel = !isMissing(part) && part.sources.some((source) => readsStream(view, source, before));
  return { ...base, parallel, feedForward: part, streamAfter: after.stream, fusedNorm: join.norm };
}

/** Whether a tensor is a stream or its norm. */
function readsStream(view: GraphView, source: string, stream: string): boolean {
  if (stream === '') return false;
  const norm = view.norms.byOutput.get(source);
  return source === stream || (norm !== undefined && norm.input !== '' && view.origin(norm.input) === stream);
}
