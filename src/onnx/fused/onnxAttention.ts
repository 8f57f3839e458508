/** ai.onnx.Attention (operator sets 23 and later) gives its probabilities as a fourth output when asked. */
import { checkAllowed, switchOf, type Allowed } from './allowed';
import { Unsupported, type FusedNode, type OwnOutputSite } from './fusedSite';
import { headsOf } from '../find/heads';
import { FIELD } from '../wire/proto';
import { attribute } from './sideGraph';
import { WireWriter } from '../wire/writer';

const ALLOWED: Allowed = {
  attributes: [
    'is_causal',
    'q_num_heads',
    'kv_num_heads',
    'scale',
    'softcap',
    'softmax_precision',
    'qk_matmul_output_mode',
    'left_window_size',
    'right_window_size',
  ],
  inputs: [
    'Q',
    'K',
    'V',
    'attn_mask',
    'past_key',
    'past_value',
    '', // nonpad_kv_seqlen: a cache that is kept outside, with rows that hold nothing
  ],
};

/** qk_matmul_output_mode: after the softmax. */
const AFTER_SOFTMAX = 3;

export function onnxAttention({ graph, node, flow }: FusedNode): OwnOutputSite {
  checkAllowed(node, ALLOWED);
  switchOf(node, 'is_causal', false);
  const [query = '', key = '', value = ''] = node.inputs;
  const mode = node.int('qk_matmul_output_mode');
  const own = node.outputs[3] ?? '';
  if (own !== '' && mode !== AFTER_SOFTMAX) throw new Unsupported('it already gives its scores at another stage');
  if (node.outputs.length > 4 || (node.outputs.length === 4 && own === ''))
    throw new Unsupported(`it has ${node.outputs.length} outputs`);
  return {
    how: 'own-output',
    own,
    query,
    key,
    heads: node.int('q_num_heads') ?? headsOf(graph, flow, query),
    kvHeads: node.int('kv_num_heads') ?? 0,
    mayLoseMass: (node.inputs[3] ?? '') !== '', // a mask may hide every key of a row
    check: { values: value, valueHeads: node.int('kv_num_heads') ?? 0, result: node.outputs[0] ?? '' },
    ask(output) {
      const body = new WireWriter();
      for (let place = node.outputs.length; place < 3; place++) body.text(FIELD.node.output, '');
      body.text(FIELD.node.output, output);
      if (mode !== undefined)
        return {
          node: body.done(),
          attribute: { name: 'qk_matmul_output_mode', value: AFTER_SOFTMAX },
        };
      return { node: body.message(FIELD.node.attribute, attribute('qk_matmul_output_mode', AFTER_SOFTMAX)).done() };
    },
  };
}
