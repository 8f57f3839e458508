/** How long a large file takes to look at: opening, finding attention, planning the tap. Weights are neither read nor copied. */
import { openModel } from '../../src/onnx/graph/onnxFile';
import { planModel } from '../../src/onnx/edit/tap';
import { concat, varint, WireWriter } from '../../src/onnx/wire/writer';
import { attentionNodes, ATTENTION_WEIGHTS, graphBytes, TOKENS, type NodeSpec } from '../unit/onnx/modelBuilder';
import { median, report } from './measure';

const LAYERS = 12;
const MEGABYTES = 600;

/** A file of some 600 MB: twelve layers of attention and 1,200 other nodes, the rest weights. */
export function largeModel(): Uint8Array {
  const nodes: NodeSpec[] = [];
  let state = TOKENS.name;
  for (let layer = 0; layer < LAYERS; layer++) {
    nodes.push(...attentionNodes(`/model/layers.${layer}/self_attn`, state));
    state = `/model/layers.${layer}/self_attn/out`;
    for (let i = 0; i < 100; i++) {
      nodes.push({
        op: 'Relu',
        name: `/model/layers.${layer}/mlp/Relu_${i}`,
        inputs: [state],
        outputs: [`/model/layers.${layer}/mlp/Relu_${i}_output_0`],
      });
      state = `/model/layers.${layer}/mlp/Relu_${i}_output_0`;
    }
  }
  const graph = graphBytes({ nodes, weights: ATTENTION_WEIGHTS, inputs: [TOKENS], outputs: [{ name: state }] }).done();
  const raw = new Uint8Array((MEGABYTES / LAYERS) * 2 ** 20);
  const weights = Array.from({ length: LAYERS }, (_, layer) => {
    const head = new WireWriter()
      .int(1, raw.length / 4)
      .int(2, 1)
      .text(8, `model.layers.${layer}.weight`)
      .raw(varint(9 * 8 + 2))
      .raw(varint(raw.length))
      .done();
    return [varint(5 * 8 + 2), varint(head.length + raw.length), head, raw];
  }).flat();
  const length = graph.length + weights.reduce((sum, part) => sum + part.length, 0);
  const opset = new WireWriter().message(8, new WireWriter().text(1, '').int(2, 18)).done();
  return concat([varint(7 * 8 + 2), varint(length), graph, ...weights, opset]);
}

/** @returns milliseconds of processor time of one look at a 600 MB file, the tap's size, and what was allocated meanwhile (bytes). */
export function benchScan(bytes = largeModel()): { ms: number; addedBytes: number; allocated: number } {
  const before = process.memoryUsage();
  const began = process.cpuUsage();
  const plan = planModel(openModel(bytes), 'encoder', { num_hidden_layers: LAYERS, num_attention_heads: 2 });
  const { user, system } = process.cpuUsage(began);
  const ms = (user + system) / 1000;
  const after = process.memoryUsage();
  const allocated = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  if (plan.outputs.length !== LAYERS) throw new Error(`found ${plan.outputs.length} layers`);
  return { ms, addedBytes: plan.addedBytes, allocated };
}

const bytes = largeModel();
const first = benchScan(bytes);
const later = Array.from({ length: 15 }, () => benchScan(bytes));
const size = `${Math.round(bytes.length / 2 ** 20)} MB`;
const group = `looking at a file of ${size}`;
report({ group, name: 'first in a process', value: first.ms, unit: 'ms', runs: 1 });
report({ group, name: 'later', value: median(later.map(({ ms }) => ms)), unit: 'ms', runs: later.length });
report({
  group,
  name: 'memory taken',
  value: first.allocated / 2 ** 20,
  unit: 'MB',
  runs: 1,
  note: `the tap adds ${first.addedBytes} bytes`,
});
