/** What can be brought out of one attention: queries, keys, values, scores, probabilities, and each head's output. */
import type { Core } from '../find/cores';
import type { Site } from '../find/sites';
import type { GraphNode } from '../graph/node';
import type { AttentionParts } from './attentionParts';
import { fusedParts } from './fusedParts';
import { computed, existing, missing, type StageLayout, type Stage } from './stage';
import type { GraphView } from './graphView';
import { say } from '../../text/say';

export function attentionParts(view: GraphView, site: Site): AttentionParts {
  return site.core ? coreParts(view, site, site.core) : fusedParts(view, site);
}

function coreParts(view: GraphView, site: Site, core: Core): AttentionParts {
  const flat = site.layout === 'flat';
  const heads: StageLayout = flat ? 'flat' : 'heads';
  const maps: StageLayout = flat ? 'flat-maps' : 'maps';
  const scored = scores(view, core);
  const weighed = weighing(view, core);
  return {
    query: existing(unscaled(view, core.query), layoutOf(view, core.query, heads)),
    key: keyPlace(view, core.key, heads),
    value: existing(core.value, layoutOf(view, core.value, heads)),
    scores:
      scored === undefined ? missing(say('onnx.gap.noWayToSoftmax')) : existing(scored, layoutOf(view, scored, maps)),
    maskedScores: maskedScores(view, core.node, maps),
    weights: existing(core.probabilities, maps),
    headOutput: existing(weighed, layoutOf(view, weighed, heads)),
  };
}

/** A tensor's layout by its number of dimensions: with three of them, batch and heads share one. */
function layoutOf(view: GraphView, tensor: string, otherwise: StageLayout): StageLayout {
  const { rank } = view.flow.of(tensor);
  if (rank < 0) return otherwise;
  if (otherwise === 'maps' || otherwise === 'flat-maps') return rank === 3 ? 'flat-maps' : 'maps';
  return rank === 3 ? 'flat' : 'heads';
}

/** Queries or keys before they are multiplied by a number that is the same for all. */
function unscaled(view: GraphView, tensor: string): string {
  let name = tensor;
  for (let i = 0; i < 4; i++) {
    const node = view.producer(name);
    if (!node || (node.op !== 'Mul' && node.op !== 'Div')) return name;
    const [first = '', second = ''] = node.inputs;
    const scale = view.hasContent(first) ? second : first;
    const value = scale === first ? second : first;
    const { rank } = view.flow.of(scale);
    if (view.hasContent(scale) || rank > 1 || rank < 0 || (node.op === 'Div' && value !== first)) return name;
    name = value;
  }
  return name;
}

/** The right operand of Q·Kᵀ is Kᵀ. Where a Transpose made it, K is that node's input; otherwise a node is appended that transposes back. */
function keyPlace(view: GraphView, operand: string, heads: StageLayout): Stage {
  const name = unscaled(view, operand);
  const node = view.producer(name);
  const flat = (view.flow.of(name).rank === 3 ? 'flat' : heads) === 'flat';
  const swap = flat ? [0, 2, 1] : [0, 1, 3, 2];
  if (node?.op === 'Transpose' && node.ints('perm')?.join() === swap.join()) {
    const source = node.inputs[0] ?? '';
    return existing(unscaled(view, source), flat ? 'flat' : 'heads');
  }
  return computed(flat ? 'flat' : 'heads', say('onnx.gap.noteTransposed', { name }), (g) => g.transpose(name, ...swap));
}

/** Q·Kᵀ after its scale: goes on while a node scales, squashes or reshapes, or adds what comes from the text. */
function scores(view: GraphView, { scoring, node }: Core): string | undefined {
  const way = wayTo(view, scoring.outputs[0] ?? '', node);
  if (!way) return undefined;
  let last = scoring.outputs[0] ?? '';
  for (const step of way) {
    if (step === node || !keepsScores(view, step)) break;
    last = step.outputs[0] ?? '';
  }
  return last;
}

function keepsScores(view: GraphView, node: GraphNode): boolean {
  const partners = node.inputs.filter((input) => input !== '' && !view.hasContent(input));
  switch (node.op) {
    case 'Mul':
    case 'Div':
      return partners.every((input) => view.flow.of(input).rank <= 1);
    case 'Add':
    case 'Sub':
    case 'Sum':
      return partners.length === 0;
    case 'Where':
    case 'Concat':
    case 'Min':
    case 'Max':
      return false;
    default:
      return true;
  }
}

/** Nodes from a tensor to `goal`, itself included, along tensors that carry content; undefined where there is no way. */
function wayTo(view: GraphView, from: string, goal: GraphNode): readonly GraphNode[] | undefined {
  const queue: { readonly tensor: string; readonly way: readonly GraphNode[] }[] = [{ tensor: from, way: [] }];
  const seen = new Set([from]);
  for (let i = 0; i < queue.length && i < 64; i++) {
    const place = queue[i];
    if (!place) break;
    for (const node of view.takers(place.tensor)) {
      const way = [...place.way, node];
      if (node === goal) return way;
      const output = node.outputs[0] ?? '';
      if (seen.has(output)) continue;
      seen.add(output);
      queue.push({ tensor: output, way });
    }
  }
  return undefined;
}

function maskedScores(view: GraphView, softmax: GraphNode, maps: StageLayout): Stage {
  const [input = '', bias = ''] = softmax.inputs;
  if (softmax.op === 'Softmax') return existing(input, layoutOf(view, input, maps));
  return computed(layoutOf(view, input, maps), say('onnx.gap.noteBiasSoftmax'), (g) =>
    g.add('Add', [g.toFloat(input), g.toFloat(bias)]),
  );
}

/** The tensor that holds P·V; where integers are multiplied, the one after the product is scaled back to floats. */
function weighing(view: GraphView, { weighing: node }: Core): string {
  let tensor = node.outputs[0] ?? '';
  if (node.op !== 'MatMulInteger') return tensor;
  for (let i = 0; i < 3; i++) {
    const [taker] = view.takers(tensor);
    if (taker?.op !== 'Cast' && taker?.op !== 'Mul') break;
    tensor = taker.outputs[0] ?? '';
    if (taker.op === 'Mul') break;
  }
  return tensor;
}
