/** com.microsoft.MultiHeadAttention and com.microsoft.Attention. Source: ONNX Runtime, docs/ContribOperators.md, schemas of 1.32. */
import { checkAllowed, switchOf, type Allowed } from './allowed';
import { Unsupported, type FusedNode, type SideGraphSite } from './fusedSite';
import { paddingBias, probabilities } from './scores';
import { SideGraph } from './sideGraph';
import { say } from '../../text/say';

const MULTI_HEAD: Allowed = {
  attributes: ['num_heads', 'scale', 'unidirectional', 'mask_filter_value'],
  inputs: [
    'query',
    'key',
    'value',
    'bias',
    'key_padding_mask',
    'attention_bias',
    'past_key',
    'past_value',
    '', // past_sequence_length: a cache that is shared with its output
    '', // cache_indirection: beams
  ],
};

const ATTENTION: Allowed = {
  attributes: [
    'num_heads',
    'scale',
    'unidirectional',
    'mask_filter_value',
    'qkv_hidden_sizes',
    // Allowed where they are off; see below.
    'do_rotary',
    'rotary_embedding_dim',
    'past_present_share_buffer',
  ],
  inputs: ['input', 'weights', 'bias', 'mask_index', 'past', 'attention_bias', ''],
};

/** Operators whose second (or only) output counts each text's valid tokens. */
const COUNTERS = new Set(['EmbedLayerNormalization', 'ReduceSum']);

/**
 * The number of dimensions of a padding mask, which says what it means (`paddingBias`). A vector may hold the number of valid keys
 * or cumulated lengths, and looks the same either way: it is taken only where the node that makes it shows that it counts keys.
 * @throws Unsupported where the mask's meaning cannot be told
 */
function maskRank({ graph, flow }: FusedNode, mask: string): 1 | 2 | 3 | undefined {
  if (mask === '') return undefined;
  const { rank } = flow.of(mask);
  if (rank === 2 || rank === 3) return rank;
  let name = mask;
  for (let i = 0; i < 8; i++) {
    const node = graph.producer.get(name);
    if (!node) break;
    if (COUNTERS.has(node.op) && rank === 1) return 1;
    if (node.op !== 'Cast' && node.op !== 'Identity') break;
    name = node.inputs[0] ?? '';
  }
  throw new Unsupported(
    rank < 0 ? say('onnx.reason.maskRankUnknown', { mask }) : say('onnx.reason.maskRank', { mask, rank }),
  );
}

interface Scored {
  /** Queries and keys, float [batch, heads, tokens, size]. */
  readonly q: string;
  readonly k: string;
  readonly heads: number;
  /** Names of the node's inputs; '' where it has none. */
  readonly scoreBias: string;
  readonly mask: string;
  readonly padding: 1 | 2 | 3 | undefined;
  readonly causal: boolean;
}

/** The probabilities, by the attributes that both operators have. */
function weightsOf(
  g: SideGraph,
  node: FusedNode['node'],
  { q, k, heads, scoreBias, mask, padding, causal }: Scored,
): string {
  const bias = scoreBias === '' ? [] : [scoreBias];
  if (padding) bias.push(paddingBias(g, mask, padding, k, node.float('mask_filter_value') ?? -10_000));
  return probabilities(g, q, k, {
    heads,
    kvHeads: heads,
    scale: node.float('scale') ?? 0,
    softcap: 0,
    bias,
    causal,
    window: 0,
    sink: undefined,
  });
}

/** com.microsoft.MultiHeadAttention: queries, keys and values come projected. @throws Unsupported */
export function multiHeadAttention(fused: FusedNode): SideGraphSite {
  const { node, flow } = fused;
  checkAllowed(node, MULTI_HEAD);
  const [query = '', key = '', value = '', bias = '', mask = '', scoreBias = '', pastKey = ''] = node.inputs;
  const heads = node.int('num_heads') ?? 0;
  if (heads <= 0) throw new Unsupported(say('onnx.reason.noHeads'));
  // Packed forms (keys missing, or five dimensions) exist on other devices only; ONNX Runtime's CPU kernel refuses them.
  if (key === '' || value === '') throw new Unsupported(say('onnx.reason.packed'));
  const { rank } = flow.of(key);
  if (rank !== 3 && rank !== 4)
    throw new Unsupported(rank < 0 ? say('onnx.reason.keysRankUnknown') : say('onnx.reason.keysRank', { rank }));
  const padding = maskRank(fused, mask);
  const causal = switchOf(node, 'unidirectional', false);
  const present = node.outputs[1] ?? '';
  return {
    how: 'side-graph',
    query,
    key,
    heads,
    kvHeads: heads,
    mayLoseMass: false,
    check: { values: bias === '' ? value : '', valueHeads: heads, result: node.outputs[0] ?? '' },
    build(prefix, output, values) {
      const g = new SideGraph(prefix);
      const rows = (tensor: string, start: number): string => {
        let x = tensor;
        if (bias !== '') {
          // The bias is one vector for queries, keys and values.
          const width = g.reshape(g.size(query, 2), 1);
          const from = g.add('Mul', [width, g.ints(start)]);
          x = g.add('Add', [x, g.add('Slice', [bias, from, g.add('Add', [from, width]), g.ints(0)])]);
        }
        return g.transpose(g.reshape(g.toFloat(x), 0, 0, heads, -1), 0, 2, 1, 3);
      };
      const q = rows(query, 0);
      const own = (): string => (rank === 4 ? g.toFloat(key) : rows(key, 1));
      const all = (): string => {
        if (present !== '') return g.toFloat(present);
        return pastKey === '' ? own() : g.add('Concat', [g.toFloat(pastKey), own()], { axis: 2 });
      };
      const k = all();
      if (bias !== '') g.name(flow.of(value).rank === 4 ? g.toFloat(value) : rows(value, 2), values);
      return g.finish(weightsOf(g, node, { q, k, heads, scoreBias, mask, padding, causal }), output);
    },
  };
}

/** com.microsoft.Attention has its projection inside: it is computed again for queries and keys. @throws Unsupported */
export function contribAttention(fused: FusedNode): SideGraphSite {
  const { graph, node } = fused;
  checkAllowed(node, ATTENTION);
  const [input = '', weights = '', bias = '', mask = '', past = '', scoreBias = ''] = node.inputs;
  const heads = node.int('num_heads') ?? 0;
  const width = node.ints('qkv_hidden_sizes')?.[0] ?? Math.floor((graph.initializer(weights)?.dims[1] ?? 0) / 3);
  if (heads <= 0 || width <= 0 || width % heads !== 0)
    throw new Unsupported(say('onnx.reason.headsOfFeatures', { heads, features: width }));
  if (switchOf(node, 'do_rotary', false)) throw new Unsupported(say('onnx.reason.rotates'));
  if (switchOf(node, 'past_present_share_buffer', false)) throw new Unsupported(say('onnx.reason.sharedCache'));
  const padding = maskRank(fused, mask);
  const causal = switchOf(node, 'unidirectional', false);
  return {
    how: 'side-graph',
    query: input,
    key: input,
    heads,
    kvHeads: heads,
    mayLoseMass: false,
    check: { values: '', valueHeads: heads, result: node.outputs[0] ?? '' },
    build(prefix, output, values) {
      const g = new SideGraph(prefix);
      const product = g.add('MatMul', [input, weights]);
      const projected = g.toFloat(bias === '' ? product : g.add('Add', [product, bias]));
      // Queries and keys are equally wide; the values may be of another width, up to the end.
      const part = (index: number): string => {
        const end = index === 2 ? Number.MAX_SAFE_INTEGER : (index + 1) * width;
        return g.transpose(g.reshape(g.slice(projected, 2, index * width, end), 0, 0, heads, -1), 0, 2, 1, 3);
      };
      const q = part(0);
      // The past is [2, batch, heads, past, size]: keys first.
      g.name(part(2), values);
      const k = past === '' ? part(1) : g.add('Concat', [g.toFloat(g.pick(past, 0, 0)), part(1)], { axis: 2 });
      return g.finish(weightsOf(g, node, { q, k, heads, scoreBias, mask, padding, causal }), output);
    },
  };
}
