/** com.microsoft.GroupQueryAttention. Source: ONNX Runtime, docs/ContribOperators.md, and the operator's schema of ONNX Runtime 1.32. */
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { checkAllowed, switchOf, type Allowed } from './allowed';
import { Unsupported, type FusedNode, type SideGraphSite } from './fusedSite';
import { places, probabilities } from './scores';
import { SideGraph } from './sideGraph';
import { say } from '../../text/say';

const IN = {
  query: 0,
  key: 1,
  value: 2,
  past: 3,
  pastValue: 4,
  total: 6,
  cos: 7,
  sin: 8,
  positions: 9,
  bias: 10,
  sink: 11,
  qNorm: 14,
  kNorm: 15,
} as const;

const ALLOWED: Allowed = {
  attributes: [
    'num_heads',
    'kv_num_heads',
    'scale',
    'softcap',
    'causal',
    'local_window_size',
    'sliding_window_cache',
    'do_rotary',
    'rotary_interleaved',
    'smooth_softmax',
    'qk_norm_epsilon',
    'q_norm_epsilon',
    'k_norm_epsilon',
    // A copy of its scores that it may put out beside its result, which does not change.
    'qk_output',
    // Allowed where they say that nothing is quantised; see below.
    'k_quant_type',
    'v_quant_type',
    'kv_cache_bit_width',
  ],
  inputs: [
    'query',
    'key',
    'value',
    'past_key',
    'past_value',
    'seqlens_k',
    'total_sequence_length',
    'cos_cache',
    'sin_cache',
    'position_ids',
    'attention_bias',
    'head_sink',
    '', // k_scale: a quantised cache
    '', // v_scale
    'q_norm_weight',
    'k_norm_weight',
  ],
};

function refuseQuantised(node: GraphNode): void {
  const quantised =
    ['k_quant_type', 'v_quant_type'].some((name) => node.attribute(name) && node.text(name) !== 'NONE') ||
    (node.int('kv_cache_bit_width') ?? 0) !== 0;
  if (quantised) throw new Unsupported(say('onnx.reason.quantisedCache'));
}

/** Where the keys' cache is declared with a fixed length, its rows behind the text hold nothing. */
function hasFixedCache(graph: Graph, past: string): boolean {
  const length = graph.values.get(past)?.dims?.[2];
  return typeof length === 'number' && length > 0;
}

/**
 * As the CPU kernel computes it and the schema says. The WebGPU kernel of ONNX Runtime 1.30 leaves out `softcap` (pull request 27461),
 * and CPU kernels have no norms inside: such files do not pass the self-test, or do not run, on that provider, and do on the other.
 *
 * Queries are reshaped, normalised and rotated again; keys are taken from `present_key`, which holds them rotated and with the past,
 * or made like the queries where the node gives no cache. Right for a batch of one text without padding, which is how models are run here.
 */
export function groupQueryAttention({ graph, node }: FusedNode): SideGraphSite {
  checkAllowed(node, ALLOWED);
  refuseQuantised(node);
  const input = (place: number): string => node.inputs[place] ?? '';
  const heads = node.int('num_heads') ?? 0;
  const kvHeads = node.int('kv_num_heads') ?? 0;
  if (heads <= 0 || kvHeads <= 0 || heads % kvHeads !== 0)
    throw new Unsupported(say('onnx.reason.headsInGroups', { heads, groups: kvHeads }));
  const present = node.outputs[1] ?? '';
  const past = input(IN.past);
  if (present === '' && past !== '') throw new Unsupported(say('onnx.reason.noPresentKey'));
  const rotary = switchOf(node, 'do_rotary', false);
  if (rotary && (input(IN.cos) === '' || input(IN.sin) === '')) throw new Unsupported(say('onnx.reason.noRotation'));
  const smooth = switchOf(node, 'smooth_softmax', false);
  const causal = switchOf(node, 'causal', true);
  const interleaved = switchOf(node, 'rotary_interleaved', false);
  const window = Math.max(0, node.int('local_window_size') ?? -1);
  if (!causal && window > 0) throw new Unsupported(say('onnx.reason.windowWithoutMask'));
  const windowCache = switchOf(node, 'sliding_window_cache', false);
  const fixedCache = hasFixedCache(graph, past);
  if (windowCache && fixedCache) throw new Unsupported(say('onnx.reason.forgetfulCache'));
  const packed = input(IN.key) === '';
  if (packed !== (input(IN.value) === '')) throw new Unsupported(say('onnx.reason.halfPacked'));
  if ((input(IN.qNorm) === '') !== (input(IN.kNorm) === '')) throw new Unsupported(say('onnx.reason.halfNormalised'));
  const query = input(IN.query);
  const rotarySize = 2 * (graph.initializer(input(IN.cos))?.dims[1] ?? 0);
  const epsilon = node.float('qk_norm_epsilon') ?? 1e-6;

  /** [batch, tokens, heads, size] as [batch, heads, tokens, size], each head normalised as the operator does where it has a norm. */
  const byHead = (g: SideGraph, x: string, norm: string, small: number): string => {
    const attributes = { axis: -1, epsilon: { float: small }, stash_type: 1 };
    const normalised = norm === '' ? x : g.add('SimplifiedLayerNormalization', [x, g.toFloat(norm)], attributes);
    return g.transpose(normalised, 0, 2, 1, 3);
  };
  const rotate = (g: SideGraph, x: string, positions: string, count: number): string =>
    g.add(
      'RotaryEmbedding',
      [x, positions, g.toFloat(input(IN.cos)), g.toFloat(input(IN.sin))],
      {
        interleaved: interleaved ? 1 : 0,
        ...(rotarySize > 0 ? { rotary_embedding_dim: rotarySize, num_heads: count } : {}),
      },
      'com.microsoft',
    );

  return {
    how: 'side-graph',
    query,
    key: packed ? query : input(IN.key),
    heads,
    kvHeads,
    mayLoseMass: smooth || input(IN.sink) !== '',
    check: { values: packed ? '' : input(IN.value), valueHeads: kvHeads, result: node.outputs[0] ?? '' },
    // A cache that forgets holds too few keys for the first pass's queries. With the attribute off the operator computes the same
    // (the window stays) from a cache that grows as every other does, so the keys of all rows are there.
    ...(windowCache
      ? {
          rewrites: { sliding_window_cache: 0 },
          windowCache: { inputs: [past, input(IN.pastValue)], capacity: window },
        }
      : {}),
    build(prefix, output, values) {
      const g = new SideGraph(prefix);
      const all = packed ? g.reshape(g.toFloat(query), 0, 0, heads + 2 * kvHeads, -1) : '';
      const part = (place: number, count: number, from: number): string =>
        packed ? g.slice(all, 2, from, from + count) : g.reshape(g.toFloat(input(place)), 0, 0, count, -1);
      let q = byHead(g, part(IN.query, heads, 0), input(IN.qNorm), node.float('q_norm_epsilon') ?? epsilon);
      let key: string;
      if (present === '') {
        key = byHead(g, part(IN.key, kvHeads, heads), input(IN.kNorm), node.float('k_norm_epsilon') ?? epsilon);
      } else {
        const kept = g.toFloat(present);
        // A cache of a fixed length is filled from its beginning; what lies behind the text is not part of it.
        key = fixedCache
          ? g.add('Slice', [kept, g.ints(0), g.reshape(g.add('Cast', [input(IN.total)], { to: 7 }), 1), g.ints(2)])
          : kept;
      }
      if (rotary) {
        const positions = input(IN.positions) !== '' ? input(IN.positions) : g.reshape(places(g, q, key), 1, -1);
        q = rotate(g, q, positions, heads);
        if (present === '') key = rotate(g, key, positions, kvHeads);
      }
      if (packed) g.name(g.transpose(part(IN.value, kvHeads, heads + kvHeads), 0, 2, 1, 3), values);
      const weights = probabilities(g, q, key, {
        heads,
        kvHeads,
        scale: node.float('scale') ?? 0,
        softcap: node.float('softcap') ?? 0,
        bias: input(IN.bias) === '' ? [] : [input(IN.bias)],
        causal,
        window,
        sink: sinkOf(input(IN.sink), smooth),
      });
      return g.finish(weights, output);
    },
  };
}

function sinkOf(tensor: string, smooth: boolean): { readonly tensor: string } | 'zero' | undefined {
  if (tensor !== '') return { tensor };
  return smooth ? 'zero' : undefined;
}
