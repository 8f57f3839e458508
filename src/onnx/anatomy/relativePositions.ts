/**
 * Positions that are not added to the stream: queries and keys that are rotated by their places (Su et al. 2021, 2104.09864), and
 * numbers that are added to the scores by head (T5's buckets, Raffel et al. 2020; ALiBi, Press et al. 2022).
 */
import type { SideGraph } from '../fused/sideGraph';
import type { GraphNode } from '../graph/node';
import { say } from '../../text/say';
import type { AttentionAnatomy } from './anatomy';
import { MAX_WALK, type GraphView } from './graphView';
import { isMissing, missing, type Missing, type Stage } from './stage';

/** Cosines and sines of the angles: [places, pairs], or [1, places, width] where each stands there twice. */
export interface Rotation {
  cosines(g: SideGraph): string;
  sines(g: SideGraph): string;
}

/** @param stream [1, T, features]: how many places there are */
export function rotationOf(view: GraphView, { site, query }: AttentionAnatomy, stream: Stage): Rotation | Missing {
  const none = missing(say('onnx.gap.notRotated'));
  if (site.node.int('do_rotary') === 1) return cached(site.node, 7, 8, stream);
  const from = isMissing(query) || query.tensor === '' ? (site.node.inputs[0] ?? '') : query.tensor;
  const found = nearest(view, from, ({ op }) => op === 'Cos' || op === 'RotaryEmbedding');
  if (!found) return none;
  if (found.op === 'RotaryEmbedding')
    return found.domain === '' ? cached(found, 1, 2, stream) : cached(found, 2, 3, stream);
  const angles = found.inputs[0] ?? '';
  return { cosines: (g) => g.add('Cos', [g.toFloat(angles)]), sines: (g) => g.add('Sin', [g.toFloat(angles)]) };
}

/** The operator looks them up in two tables, a row for each place from the first one. */
function cached({ inputs }: GraphNode, cosines: number, sines: number, stream: Stage): Rotation | Missing {
  const [one = '', other = ''] = [inputs[cosines], inputs[sines]];
  if (one === '' || other === '' || isMissing(stream)) return missing(say('onnx.gap.anglesInside'));
  const rows = (table: string) => (g: SideGraph) =>
    g.add('Slice', [table, g.ints(0), g.reshape(g.size(stream.at(g), 1), 1), g.ints(0)]);
  return { cosines: rows(one), sines: rows(other) };
}

/** What is added to the scores and differs by head: [1, H, Q, K], [H, Q, K], or with 1 for what it does not depend on. */
export function scoreBias(view: GraphView, { site, heads, maskedScores }: AttentionAnatomy): string | Missing {
  const none = missing(say('onnx.gap.noScoreBias'));
  if (!site.core) {
    // The attention_bias of MultiHeadAttention and of Attention is their sixth input.
    const bias = site.node.domain === '' ? '' : (site.node.inputs[5] ?? '');
    const isBias = ['MultiHeadAttention', 'Attention'].includes(site.node.op) && isByHead(view, bias, heads);
    return isBias ? bias : none;
  }
  let tensor = isMissing(maskedScores) || maskedScores.tensor === '' ? site.core.node.inputs[0] : maskedScores.tensor;
  for (let i = 0; i < 16 && tensor !== undefined; i++) {
    const node = view.producer(tensor);
    if (!node || node === site.core.scoring) return none;
    const added = node.op === 'Add' ? node.inputs.find((input) => !view.hasContent(input)) : undefined;
    if (added !== undefined && isByHead(view, added, heads)) return added;
    tensor = view.contentInputs(node)[0];
  }
  return none;
}

/** True where a table or a list with a number for each head is in what it is made of: masks are the same for all heads. */
function isByHead(view: GraphView, tensor: string, heads: number): boolean {
  const { rank } = view.flow.of(tensor);
  if (tensor === '' || heads < 2 || rank < 3) return false;
  const queue = [tensor];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const name = queue[i] ?? '';
    const known = view.graph.initializer(name);
    if (known && known.dims.length > 0 && known.dims.includes(heads)) return true;
    for (const input of view.producer(name)?.inputs ?? []) {
      if (input === '' || seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return false;
}

/** The node of a kind that is the fewest steps back from a tensor. */
function nearest(view: GraphView, from: string, is: (node: GraphNode) => boolean): GraphNode | undefined {
  const queue = [from];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const node = view.producer(queue[i] ?? '');
    if (!node) continue;
    if (is(node)) return node;
    for (const input of node.inputs) {
      if (input === '' || seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return undefined;
}
