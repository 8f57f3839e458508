import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModel } from '../../../src/onnx/graph/onnxFile';
import { maskNodes, namings, positionNodes } from '../../../src/onnx/edit/processorNodes';
import { attentionNodes, ATTENTION_WEIGHTS, modelBytes, TOKENS, type NodeSpec } from './modelBuilder';
import { planTap } from '../../support/fromBytes';

const FIXTURES = join(import.meta.dirname, '../../fixtures/transformers');
const nodesOf = (fixture: string): readonly string[] =>
  positionNodes(openModel(new Uint8Array(readFileSync(join(FIXTURES, fixture, 'model.onnx')))));

describe('what makes sines and cosines of positions', () => {
  test.each(['sdpa-llama', 'eager-gemma2', 'sdpa-modernbert', 'sdpa-qwen3', 'sdpa_dynamo-llama'])(
    '%s: its Cos and Sin, what they are made of, and nothing of the layers',
    (fixture) => {
      const { graph } = openModel(new Uint8Array(readFileSync(join(FIXTURES, fixture, 'model.onnx'))));
      const names = nodesOf(fixture);
      const ops = graph.nodes.filter(({ name }) => names.includes(name)).map(({ op }) => op);
      expect(ops).toEqual(expect.arrayContaining(['Cos', 'Sin']));
      expect(ops).not.toContain('Softmax');
      expect(names.length).toBeLessThan(60);
    },
  );

  test.each(['eager-bert', 'sdpa-gpt2', 'eager-bloom'])('%s: nothing', (fixture) =>
    expect(nodesOf(fixture)).toEqual([]),
  );

  test('a cosine of the text itself stays where it is', () => {
    const nodes: NodeSpec[] = [
      { op: 'Cos', name: 'of the text', inputs: ['inputs_embeds'], outputs: ['wave'] },
      ...attentionNodes('a', 'wave'),
    ];
    expect(
      positionNodes(
        openModel(
          modelBytes({
            nodes,
            weights: ATTENTION_WEIGHTS,
            inputs: [TOKENS],
            outputs: [{ name: 'a/out', type: 'float' }],
          }),
        ),
      ),
    ).toEqual([]);
  });
});

describe('what compares positions and masks with each other', () => {
  const masksOf = (fixture: string): readonly string[] => {
    const { graph, ...model } = openModel(new Uint8Array(readFileSync(join(FIXTURES, fixture, 'model.onnx'))));
    const names = maskNodes({ graph, ...model });
    return graph.nodes.filter(({ name }) => names.includes(name)).map(({ op }) => op);
  };

  test.each(['sdpa-llama', 'eager-gemma2', 'sdpa-gpt2', 'sdpa_dynamo-llama', 'dynamo-plbart-whole'])(
    '%s: its causal mask, and nothing else',
    (fixture) => {
      expect(masksOf(fixture)).toContain('LessOrEqual');
      expect(
        masksOf(fixture).filter((op) => !/^(?:Less|Greater)(?:OrEqual)?$|^Equal$|^And$|^Or$|^Not$/.test(op)),
      ).toEqual([]);
    },
  );

  test('those without a name get one, also inside a branch, and nothing else changes', () => {
    const nodes: NodeSpec[] = [
      { op: 'Greater', inputs: ['mask', 'mask'], outputs: ['more'] },
      ...attentionNodes('a', 'inputs_embeds'),
    ];
    const bytes = modelBytes({
      nodes,
      weights: ATTENTION_WEIGHTS,
      inputs: [TOKENS, { name: 'mask', type: 'int64', dims: ['batch', 'keys'] }],
      outputs: [{ name: 'a/out' }],
    });
    const model = openModel(bytes);
    const [name] = maskNodes(model);
    expect(name).toMatch(/^explain\.node\.\d+$/);
    expect(namings(model)).toHaveLength(1);
    const edited = openModel(planTap(bytes, 'model', undefined).assemble());
    expect(edited.graph.nodes.filter((node) => node.name === name).map(({ op }) => op)).toEqual(['Greater']);
    expect(
      edited.graph.nodes.slice(0, model.graph.nodes.length).map(({ op, inputs, outputs }) => [op, inputs, outputs]),
    ).toEqual(model.graph.nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs]));
    // A file whose nodes all have names is not touched for this.
    expect(namings(openModel(new Uint8Array(readFileSync(join(FIXTURES, 'sdpa-llama/model.onnx')))))).toEqual([]);
  });

  test('what is told of the weights themselves stays where they are', () => {
    expect(masksOf('sdpa-gpt2')).not.toContain('IsNaN');
    const nodes: NodeSpec[] = [
      { op: 'Greater', name: 'of the text', inputs: ['inputs_embeds', 'inputs_embeds'], outputs: ['more'] },
      ...attentionNodes('a', 'inputs_embeds'),
    ];
    const bytes = modelBytes({ nodes, weights: ATTENTION_WEIGHTS, inputs: [TOKENS], outputs: [{ name: 'a/out' }] });
    expect(maskNodes(openModel(bytes))).toEqual([]);
  });
});
