/** Probes and gates as edits of a small graph: what the edited file says when it is opened again. */
import { expect, test } from 'vitest';
import { anatomyOf } from '../../../src/onnx/anatomy/anatomy';
import { edit } from '../../../src/onnx/edit/insertions';
import { withProbes, type ProbeWishes } from '../../../src/onnx/edit/withProbes';
import { openModel, type OnnxModel } from '../../../src/onnx/graph/onnxFile';
import { lens } from '../../../src/onnx/probe/lens';
import { stageProbe } from '../../../src/onnx/probe/stageProbe';
import { valueNorms } from '../../../src/onnx/probe/valueNorms';
import { ATTENTION_WEIGHTS, attentionNodes, modelBytes, spread, TOKENS } from './modelBuilder';

const MODEL = modelBytes({
  nodes: [
    ...attentionNodes('a', 'inputs_embeds'),
    { op: 'MatMul', inputs: ['a/out', 'w.o'], outputs: ['projected'] },
    { op: 'Add', inputs: ['inputs_embeds', 'projected'], outputs: ['r'] },
    { op: 'LayerNormalization', inputs: ['r', 'norm.w'], outputs: ['n'] },
    { op: 'MatMul', inputs: ['n', 'w.head'], outputs: ['logits'] },
  ],
  weights: {
    ...ATTENTION_WEIGHTS,
    'w.o': { dims: [8, 8], data: spread(64, 5) },
    'w.head': { dims: [8, 11], data: spread(88, 6) },
    'norm.w': { dims: [8], data: spread(8, 7) },
  },
  inputs: [TOKENS],
  outputs: [{ name: 'logits' }],
});

const CONFIG = { num_hidden_layers: 1, num_attention_heads: 2 };

function edited(wishes: ProbeWishes): {
  readonly model: OnnxModel;
  readonly added: number;
  readonly outputs: readonly string[];
} {
  const model = openModel(MODEL);
  const probed = withProbes(model, anatomyOf(model, 'model', CONFIG), wishes);
  return {
    model: openModel(probed.assemble()),
    added: probed.addedBytes,
    outputs: probed.outputs.map(({ name }) => name),
  };
}

test('a gate stands right before what takes the heads, and nothing else changes', () => {
  const { model, added } = edited({ probes: [], gates: true });
  const { graph } = model;
  const before = openModel(MODEL).graph.nodes;
  const own = graph.nodes.filter(({ name }) => name.startsWith('explain/'));
  const rest = graph.nodes.filter((node) => !own.includes(node));
  expect(rest.map(({ op, outputs }) => [op, outputs])).toEqual(before.map(({ op, outputs }) => [op, outputs]));
  const changed = rest.filter((node, place) => node.inputs.join() !== before[place]?.inputs.join());
  expect(changed.map(({ op, inputs }) => [op, inputs])).toEqual([['Transpose', [own.at(-1)?.outputs[0]]]]);
  expect(own.at(-1)?.op).toBe('Mul');
  expect(own.at(-1)?.inputs[0]).toBe('a/context');
  const places = graph.nodes.map(({ outputs }) => outputs[0]);
  expect(places.indexOf(own.at(-1)?.outputs[0])).toBe(places.indexOf('a/context.t') - 1);
  expect(graph.inputs.map(({ name, type, dims }) => [name, type, dims]).at(-1)).toEqual([
    'explain.gates.encoder',
    1,
    [1, 2],
  ]);
  expect(added).toBeLessThan(700);
  // No weight is written again.
  expect([...graph.initializers.keys()]).toEqual([...openModel(MODEL).graph.initializers.keys()]);
});

test('probes add nodes and outputs at the end; the file itself stays as it is', () => {
  const streams: ProbeWishes['probes'][number] = (anatomy, prefix) => stageProbe(anatomy, 'streamAfter', prefix);
  const { model, outputs } = edited({ probes: [valueNorms, lens, streams], gates: false });
  expect(outputs).toEqual([
    'explain.projectedValueNorm.encoder.0',
    'explain.lens.encoder.start',
    'explain.lens.encoder.0',
    'explain.streamAfter.encoder.0',
  ]);
  expect(model.bytes.subarray(0, MODEL.length)).toEqual(MODEL);
  expect(model.graph.outputs.map(({ name }) => name)).toEqual(['logits', ...outputs]);
  expect([...model.graph.initializers.keys()]).toEqual([...openModel(MODEL).graph.initializers.keys()]);
  // The lens names the model's own weights again: once for each stream, and once in the model itself.
  expect(model.graph.consumers.get('w.head')?.length).toBe(3);
  expect(model.graph.inputs.map(({ name }) => name)).toEqual(['inputs_embeds', 'explain.rows']);
});

test('edits that overlap are a mistake of this program, and said', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const instead = (start: number, end: number, value: number): Parameters<typeof edit>[1][number] => ({
    path: [],
    instead: { start, end },
    bytes: Uint8Array.of(value),
  });
  const joined = (...edits: Parameters<typeof edit>[1]): number[] =>
    edit(bytes, edits, new Uint8Array()).flatMap((part) => [...part]);
  expect(joined(instead(1, 2, 9), instead(3, 3, 8))).toEqual([1, 9, 3, 8, 4]);
  expect(() => joined(instead(1, 3, 9), instead(2, 4, 8))).toThrow(/overlap/);
});
