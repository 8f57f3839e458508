/** com.microsoft.GroupQueryAttention. Source: ONNX Runtime, docs/ContribOperators.md. */
import { Unsupported, type FusedNode, type SideGraphSite } from './fusedSite';
import { places, probabilities } from './scores';
import { SideGraph } from './sideGraph';

const IN = {
  query: 0,
  key: 1,
  cos: 7,
  sin: 8,
  positions: 9,
  bias: 10,
  sink: 11,
  kScale: 12,
  vScale: 13,
  qNorm: 14,
} as const;

/**
 * Queries are reshaped, normalised and rotated again; keys are taken from `present_key`, which holds them rotated and with the past.
 * Right for a batch of one text without padding, which is how models are run here.
 */
export function groupQueryAttention({ graph, node }: FusedNode): SideGraphSite {
  const input = (place: number): string => node.inputs[place] ?? '';
  const heads = node.int('num_heads') ?? 0;
  const kvHeads = node.int('kv_num_heads') ?? 0;
  if (heads <= 0 || kvHeads <= 0 || heads % kvHeads !== 0) throw new Unsupported(`${heads} heads in ${kvHeads} groups`);
  const present = node.outputs[1] ?? '';
  if (present === '') throw new Unsupported('it gives no present_key');
  if (input(IN.kScale) !== '' || input(IN.vScale) !== '' || /INT|FP8|PER_/i.test(node.text('k_quant_type')))
    throw new Unsupported('its key/value cache is quantised');
  const rotary = node.int('do_rotary') === 1;
  if (rotary && (input(IN.cos) === '' || input(IN.sin) === ''))
    throw new Unsupported('it rotates without cos_cache and sin_cache');
  const smooth = node.int('smooth_softmax') === 1;
  const packed = input(IN.key) === '';
  const query = input(IN.query);
  const rotarySize = 2 * (graph.initializer(input(IN.cos))?.dims[1] ?? 0);
  return {
    how: 'side-graph',
    query,
    key: packed ? query : input(IN.key),
    heads,
    kvHeads,
    mayLoseMass: smooth || input(IN.sink) !== '',
    build(prefix, output) {
      const g = new SideGraph(prefix);
      const key = g.toFloat(present);
      let q = g.reshape(g.toFloat(query), 0, 0, packed ? heads + 2 * kvHeads : heads, -1);
      if (packed) q = g.slice(q, 2, 0, heads);
      if (input(IN.qNorm) !== '') {
        q = g.add('SimplifiedLayerNormalization', [q, g.toFloat(input(IN.qNorm))], {
          axis: -1,
          epsilon: { float: node.float('qk_norm_epsilon') ?? 1e-6 },
          stash_type: 1,
        });
      }
      q = g.transpose(q, 0, 2, 1, 3);
      if (rotary) {
        const positions = input(IN.positions) !== '' ? input(IN.positions) : g.reshape(places(g, q, key), 1, -1);
        q = g.add(
          'RotaryEmbedding',
          [q, positions, g.toFloat(input(IN.cos)), g.toFloat(input(IN.sin))],
          {
            interleaved: node.int('rotary_interleaved') ?? 0,
            ...(rotarySize > 0 ? { rotary_embedding_dim: rotarySize, num_heads: heads } : {}),
          },
          'com.microsoft',
        );
      }
      const weights = probabilities(g, q, key, {
        heads,
        kvHeads,
        scale: node.float('scale') ?? 0,
        softcap: node.float('softcap') ?? 0,
        bias: input(IN.bias) === '' ? [] : [input(IN.bias)],
        causal: true,
        window: Math.max(0, node.int('local_window_size') ?? -1),
        sink: input(IN.sink) !== '' ? { tensor: input(IN.sink) } : smooth ? 'zero' : undefined,
      });
      return g.finish(weights, output);
    },
  };
}
