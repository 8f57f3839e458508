/** ai.onnx.Attention (operator sets 23 and later) gives its probabilities as a fourth output when asked. */
import { Unsupported, type FusedNode, type OwnOutputSite } from './fusedSite';
import { headsOf } from '../find/heads';
import { FIELD } from '../wire/proto';
import { attribute } from './sideGraph';
import { WireWriter } from '../wire/writer';

/** qk_matmul_output_mode: after the softmax. */
const AFTER_SOFTMAX = 3;

export function onnxAttention({ graph, node, flow }: FusedNode): OwnOutputSite {
  const [query = '', key = ''] = node.inputs;
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
    ask(output) {
      const body = new WireWriter();
      for (let place = node.outputs.length; place < 3; place++) body.text(FIELD.node.output, '');
      body.text(FIELD.node.output, output);
      // Of a singular field written twice the last one counts.
      if (mode !== undefined)
        return {
          node: body.done(),
          attribute: {
            name: 'qk_matmul_output_mode',
            bytes: new WireWriter().int(FIELD.attribute.i, AFTER_SOFTMAX).done(),
          },
        };
      return { node: body.message(FIELD.node.attribute, attribute('qk_matmul_output_mode', AFTER_SOFTMAX)).done() };
    },
  };
}
