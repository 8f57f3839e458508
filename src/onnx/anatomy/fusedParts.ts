/** What can be known of attention that one operator computes. Source: ONNX Runtime, docs/ContribOperators.md; onnx, docs/Operators.md. */
import type { Site } from '../find/sites';
import type { GraphNode } from '../graph/node';
import type { AttentionParts } from './attentionParts';
import { computed, existing, missing, type Stage } from './stage';
import type { GraphView } from './graphView';
import { say } from '../../text/say';

export function fusedParts(view: GraphView, site: Site): AttentionParts {
  const { node, tap } = site;
  const inside = say('onnx.gap.scoresInside', { operator: node.op });
  return {
    ...inputs(view, site),
    scores: missing(inside),
    maskedScores: missing(inside),
    weights: weights(node, tap),
    headOutput: headOutput(view, node),
  };
}

function weights(node: GraphNode, tap: Site['tap']): Stage {
  if (typeof tap === 'string') return existing(tap, 'maps');
  if (tap.how === 'own-output') return missing(say('onnx.gap.onlyWhenAsked', { operator: node.op }));
  return computed('maps', say('onnx.gap.noteBeside', { operator: node.op }), (g) =>
    g.graft((prefix, output) => tap.build(prefix, output, `${prefix}values`)),
  );
}

/** The operator's output is what its heads give, joined, unless it takes and gives four dimensions. */
function headOutput(view: GraphView, node: GraphNode): Stage {
  const output = node.outputs[0] ?? '';
  if (output === '') return missing(say('onnx.gap.noOutput', { operator: node.op }));
  const four = node.domain === '' && view.flow.of(node.inputs[0] ?? '').rank === 4;
  return existing(output, four ? 'heads' : 'joined');
}

function inputs(view: GraphView, site: Site): Pick<AttentionParts, 'query' | 'key' | 'value'> {
  const { node } = site;
  if (node.domain === '') return onnxInputs(view, node);
  if (node.op === 'GroupQueryAttention') return groupQueryInputs(node);
  if (node.op === 'MultiHeadAttention') return multiHeadInputs(view, node, site.heads);
  return packedInputs(view, node, site.heads);
}

function groupQueryInputs(node: GraphNode): Pick<AttentionParts, 'query' | 'key' | 'value'> {
  const [query = '', key = ''] = node.inputs;
  const [, presentKey = '', presentValue = ''] = node.outputs;
  const rotated = node.int('do_rotary') === 1;
  const packed = key === '';
  const split = (): Stage => {
    if (rotated) return missing(say('onnx.gap.queriesRotated'));
    if (!packed) return existing(query, 'joined');
    const heads = node.int('num_heads') ?? 0;
    const all = heads + 2 * (node.int('kv_num_heads') ?? 0);
    return computed('heads', say('onnx.gap.noteFirstHeads'), (g) =>
      g.transpose(g.slice(g.reshape(query, 0, 0, all, -1), 2, 0, heads), 0, 2, 1, 3),
    );
  };
  return {
    query: split(),
    key:
      presentKey === ''
        ? missing(say('onnx.gap.noPresentKey'))
        : existing(presentKey, 'heads', say('onnx.gap.noteOneAGroup')),
    value:
      presentValue === ''
        ? missing(say('onnx.gap.noPresentValue'))
        : existing(presentValue, 'heads', say('onnx.gap.noteOneAGroup')),
  };
}

function multiHeadInputs(
  view: GraphView,
  node: GraphNode,
  heads: number,
): Pick<AttentionParts, 'query' | 'key' | 'value'> {
  const [query = '', key = '', value = '', bias = '', , , pastKey = ''] = node.inputs;
  const part = (tensor: string, place: 0 | 1 | 2, present: string): Stage => {
    if (present !== '') return existing(present, 'heads');
    if (tensor === '') return missing(say('onnx.reason.packed'));
    if (place > 0 && pastKey !== '') return missing(say('onnx.gap.multiHeadJoins'));
    if (view.flow.of(tensor).rank === 4) return existing(tensor, 'heads');
    if (bias === '') return existing(tensor, 'joined');
    const note = place === 0 ? say('onnx.gap.noteBias') : say('onnx.gap.notePartOfBias');
    return computed('heads', note, (g) => {
      // The bias is one vector for queries, keys and values, in this order; the first two are of one width.
      const width = g.reshape(g.size(query, 2), 1);
      const from = g.add('Mul', [width, g.ints(place)]);
      const to = place === 2 ? g.ints(Number.MAX_SAFE_INTEGER) : g.add('Add', [from, width]);
      const biased = g.add('Add', [tensor, g.add('Slice', [bias, from, to, g.ints(0)])]);
      return g.transpose(g.reshape(biased, 0, 0, heads, -1), 0, 2, 1, 3);
    });
  };
  return {
    query: part(query, 0, ''),
    key: part(key, 1, node.outputs[1] ?? ''),
    value: part(value, 2, node.outputs[2] ?? ''),
  };
}

/** com.microsoft.Attention projects queries, keys and values itself: that is done once more beside it. */
function packedInputs(
  view: GraphView,
  node: GraphNode,
  heads: number,
): Pick<AttentionParts, 'query' | 'key' | 'value'> {
  const [input = '', weights = '', bias = '', , past = ''] = node.inputs;
  const sizes = node.ints('qkv_hidden_sizes');
  const third = Math.floor((view.graph.initializer(weights)?.dims[1] ?? 0) / 3);
  const [query = third, key = third, value = third] = sizes && sizes.length === 3 ? sizes : [];
  const starts = [0, query, query + key];
  const widths = [query, key, value];
  const part = (place: 0 | 1 | 2): Stage => {
    const [start = 0, width = 0] = [starts[place], widths[place]];
    if (node.op !== 'Attention' || width === 0)
      return missing(say('onnx.gap.projectionsUnknown', { operator: node.op }));
    if (place > 0 && past !== '') return missing(say('onnx.gap.attentionJoins'));
    return computed('heads', say('onnx.gap.noteProjected'), (g) => {
      const product = g.add('MatMul', [input, g.slice(weights, 1, start, start + width)]);
      const projected = bias === '' ? product : g.add('Add', [product, g.slice(bias, 0, start, start + width)]);
      return g.transpose(g.reshape(projected, 0, 0, heads, -1), 0, 2, 1, 3);
    });
  };
  return { query: part(0), key: part(1), value: part(2) };
}

/** ai.onnx.Attention takes [batch, heads, tokens, size] or joined heads; with a cache it gives the whole keys and values. */
function onnxInputs(view: GraphView, node: GraphNode): Pick<AttentionParts, 'query' | 'key' | 'value'> {
  const [query = '', key = '', value = '', , pastKey = '', pastValue = ''] = node.inputs;
  const [, presentKey = '', presentValue = ''] = node.outputs;
  const part = (tensor: string, present: string, past: string): Stage => {
    if (present !== '') return existing(present, 'heads');
    if (past !== '') return missing(say('onnx.gap.attentionJoinsAndKeeps'));
    return existing(tensor, view.flow.of(tensor).rank === 4 ? 'heads' : 'joined');
  };
  return {
    query: part(query, '', ''),
    key: part(key, presentKey, pastKey),
    value: part(value, presentValue, pastValue),
  };
}
