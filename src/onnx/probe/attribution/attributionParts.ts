/**
 * Direct logit attribution (Elhage et al. 2021; Ferrando et al. 2023, arXiv 2305.12535): a logit, or the difference of two, as a sum of
 * what each head adds through each key, what each feed-forward part adds, what the embeddings bring and what constants add. The
 * direction in which the logit is read is led back from the unembedding through the norms, their deviations held: through the last one
 * in pre-norm models, through every later one in post-norm models. Only what is added at the place itself counts, by the way that no
 * later layer reads it: direct effects.
 */
import type { AttentionAnatomy, BlockAnatomy, GraphAnatomy } from '../../anatomy/anatomy';
import { joinBias, linearWay, ownBias } from '../../anatomy/linearWay';
import { isMissing, type Missing, type StageTensor } from '../../anatomy/stage';
import { SideGraph } from '../../fused/sideGraph';
import { say } from '../../../text/say';
import { FLOAT } from '../../wire/proto';
import { outputName, type Probe, type ProbeOutput } from '../probe';
import { valuesByHead } from '../valueNorms';
import { ATTRIBUTION_INPUTS } from './attributionInputs';
import { DirectionBack } from './directionBack';
import { logitDirection } from './logitDirection';
import { throughHead } from './throughHead';

export const ATTRIBUTION = 'attribution';

/**
 * Outputs by their measures. `keys` [1, heads, keys] of each attention: what a weight of one on that key would add. The others are single
 * numbers, [1]: `feedForward` and `constants` of each block (biases of its projections and norms); with layer -1 `start`, what the stream
 * before the first block brings, `end`, what constants add after the last block, and `logit`, the model's own.
 */
export const ATTRIBUTION_PARTS = {
  keys: 'attributionKeys',
  feedForward: 'attributionFeedForward',
  constants: 'attributionConstants',
  start: 'attributionStart',
  end: 'attributionEnd',
  logit: 'attributionLogit',
} as const;

interface Made {
  readonly part: keyof typeof ATTRIBUTION_PARTS;
  readonly kind: ProbeOutput['kind'];
  readonly layer: number;
  readonly tensor: string;
}

/** The probe that brings out the parts of `ATTRIBUTION_PARTS`: all of them, or the reason why this model's form does not allow it. */
export function attribution(anatomy: GraphAnatomy, prefix: string): Probe {
  const g = new SideGraph(prefix);
  const kind = anatomy.blocks.at(-1)?.stack ?? 'decoder';
  const made = partsOf(g, anatomy);
  if (isMissing(made)) {
    const gaps = [{ measure: ATTRIBUTION, kind, layer: -1, reason: made.missing }];
    return { name: ATTRIBUTION, nodes: [], outputs: [], inputs: [], gaps };
  }
  const outputs = made.list.map(({ part, kind: whose, layer, tensor }): ProbeOutput => {
    const measure = ATTRIBUTION_PARTS[part];
    const name = outputName(measure, whose, layer);
    g.named('Cast', [tensor], name, { to: FLOAT });
    return { name, measure, kind: whose, layer, layout: part === 'keys' ? 'norms' : 'number' };
  });
  return { name: ATTRIBUTION, nodes: g.nodes, outputs, inputs: Object.values(ATTRIBUTION_INPUTS), gaps: [] };
}

function partsOf(g: SideGraph, anatomy: GraphAnatomy): { readonly list: readonly Made[] } | Missing {
  const { view } = anatomy;
  const stack = anatomy.blocks.at(-1)?.stack ?? 'decoder';
  const blocks = anatomy.blocks.filter((block) => block.stack === stack);
  const read = logitDirection(g, anatomy);
  if (isMissing(read)) return read;
  const back = new DirectionBack(g, view, read.direction);
  const list: Made[] = [{ part: 'logit', kind: stack, layer: -1, tensor: read.logit }];
  throughHead(g, back, read.way);
  if (read.lastNorm) back.throughNorm(read.lastNorm);
  const end = back.takeConstants();
  const constants = read.bias === '' ? end : g.add('Add', [end, read.bias]);
  list.push({ part: 'end', kind: stack, layer: -1, tensor: constants });
  for (const [place, block] of [...blocks.entries()].reverse()) {
    const missed = blockParts(g, anatomy, block, blocks[place + 1], back, list);
    if (missed) return missed;
  }
  const start = blocks[0]?.streamBefore ?? { missing: say('onnx.gap.noStream') };
  if (isMissing(start)) return start;
  list.push({ part: 'start', kind: stack, layer: -1, tensor: back.dot(rowOf(g, back, start)) });
  return { list };
}

const rowOf = (g: SideGraph, back: DirectionBack, stage: StageTensor): string =>
  stage.tensor === '' ? back.row(stage.at(g), 3) : back.row(stage.tensor);

/** Adds a block's parts to `list`, and leads the direction back through it. @returns the reason where that cannot be done */
function blockParts(
  g: SideGraph,
  anatomy: GraphAnatomy,
  block: BlockAnatomy,
  next: BlockAnatomy | undefined,
  back: DirectionBack,
  list: Made[],
): Missing | undefined {
  const { stack: kind, index: layer, arrangement } = block;
  if (arrangement === 'unknown') return { missing: say('onnx.gap.arrangementUnknown') };
  const isPostNorm = arrangement === 'post-norm';
  const { feedForward } = block;
  if (isPostNorm) {
    const norm = isMissing(feedForward) ? feedForward : feedForward.norm;
    if (isMissing(norm)) return norm;
    back.throughNorm(norm);
  }
  const added = isMissing(feedForward) ? beyondAttention(g, block, back) : back.dot(rowOf(g, back, feedForward.output));
  if (typeof added !== 'string') return added;
  if (!isMissing(feedForward)) back.constant(joinBias(anatomy.view, feedForward.output.tensor));
  const between = next && betweenBlocks(g, anatomy, block, next, back);
  list.push({
    part: 'feedForward',
    kind,
    layer,
    tensor: between === undefined ? added : g.add('Add', [added, between]),
  });
  for (const attention of [...block.attention].reverse()) {
    if (isPostNorm) {
      if (isMissing(attention.norm)) return attention.norm;
      back.throughNorm(attention.norm);
    }
    const keys = keysOf(g, anatomy, attention, back);
    if (typeof keys !== 'string') return keys;
    list.push({ part: 'keys', kind: attention.kind, layer: attention.layer, tensor: keys });
  }
  list.push({ part: 'constants', kind, layer, tensor: back.takeConstants() });
  return undefined;
}

/** What a pre-norm block adds after its last attention, where its feed-forward part was not found in it (a mixture of experts). */
function beyondAttention(g: SideGraph, block: BlockAnatomy, back: DirectionBack): string | Missing {
  const sum = block.attention.at(-1)?.sum ?? { missing: say('onnx.gap.noStream') };
  if (isMissing(sum)) return sum;
  if (isMissing(block.streamAfter)) return block.streamAfter;
  return back.dot(g.add('Sub', [rowOf(g, back, block.streamAfter), rowOf(g, back, sum)]));
}

/** What layers without attention add before the next block, in a hybrid model; undefined where nothing stands between. */
function betweenBlocks(
  g: SideGraph,
  { view }: GraphAnatomy,
  { streamAfter: after }: BlockAnatomy,
  { streamBefore: before }: BlockAnatomy,
  back: DirectionBack,
): string | undefined {
  if (isMissing(after) || isMissing(before) || after.tensor === '' || before.tensor === '') return undefined;
  if (view.origin(after.tensor) === view.origin(before.tensor)) return undefined;
  return back.dot(g.add('Sub', [rowOf(g, back, before), rowOf(g, back, after)]));
}

/** What each head would add through each key with a weight of one: ⟨v_j W_O^h, direction⟩, [1, heads, keys]. */
function keysOf(
  g: SideGraph,
  { view }: GraphAnatomy,
  attention: AttentionAnatomy,
  back: DirectionBack,
): string | Missing {
  const { value, projection, output, heads } = attention;
  if (isMissing(value)) return value;
  if (isMissing(projection)) return projection;
  if (isMissing(projection.weight)) return projection.weight;
  if (isMissing(output)) return output;
  const values = heads === 0 ? undefined : valuesByHead(g, attention, value, view.opset);
  if (values === undefined) return { missing: say('onnx.gap.headsUnknown') };
  const way = linearWay(view, projection.node.outputs[0] ?? '', output.tensor);
  if (isMissing(way)) return way;
  back.constant(joinBias(view, output.tensor));
  const direction = back.along(way);
  back.constant(ownBias(projection.node), direction);
  // W_O [H·D, M] times the direction gives each head a direction of its own, [D], in which its values are read.
  const byFeature = g.add('MatMul', [projection.weight.at(g), g.reshape(direction, -1, 1)]);
  const read = g.add('MatMul', [values, g.reshape(byFeature, 1, heads, -1, 1)]);
  return g.reshape(read, 1, heads, -1);
}
