/** A decoder of random weights with a key/value cache, as small or as large as a test needs it: attention and nothing else. */
import type { ModelFiles } from '../../src/protocol/engine';
import { modelBytes, spread, type NodeSpec, type ValueSpec, type WeightSpec } from '../unit/onnx/modelBuilder';
import { WORDS, wordTokenizer } from './wordTokenizer';

export function randomDecoder({
  layers,
  heads,
  size,
  positions = 4096,
}: {
  readonly layers: number;
  readonly heads: number;
  /** Of each head. */
  readonly size: number;
  /** Most tokens that it takes. */
  readonly positions?: number;
}): ModelFiles {
  const width = heads * size;
  const nodes: NodeSpec[] = [
    { op: 'Gather', inputs: ['words', 'input_ids'], outputs: ['h.0'] },
    // Whether a token sees another: key <= past + query.
    { op: 'Shape', inputs: ['input_ids'], outputs: ['shape'] },
    { op: 'Gather', inputs: ['shape', 'one'], outputs: ['length'] },
    { op: 'Shape', inputs: ['past_key_values.0.key'], outputs: ['past.shape'] },
    { op: 'Gather', inputs: ['past.shape', 'two'], outputs: ['past'] },
    { op: 'Add', inputs: ['past', 'length'], outputs: ['total'] },
    { op: 'Range', inputs: ['zero', 'total', 'one'], outputs: ['keys'] },
    { op: 'Range', inputs: ['past', 'total', 'one'], outputs: ['queries'] },
    { op: 'Unsqueeze', inputs: ['queries', 'axis'], outputs: ['rows'] },
    { op: 'LessOrEqual', inputs: ['keys', 'rows'], outputs: ['seen'] },
  ];
  const weights: Record<string, WeightSpec> = {
    words: { dims: [WORDS, width], data: spread(WORDS * width, 5) },
    head: { dims: [width, WORDS], data: spread(width * WORDS, 6) },
    zero: { dims: [], data: BigInt64Array.of(0n) },
    one: { dims: [], data: BigInt64Array.of(1n) },
    two: { dims: [], data: BigInt64Array.of(2n) },
    axis: { dims: [1], data: BigInt64Array.of(1n) },
    low: { dims: [], data: Float32Array.of(-1e9) },
    scale: { dims: [], data: Float32Array.of(1 / Math.sqrt(size)) },
    split: { dims: [4], data: BigInt64Array.of(0n, 0n, BigInt(heads), BigInt(size)) },
    join: { dims: [3], data: BigInt64Array.of(0n, 0n, BigInt(width)) },
  };
  const inputs: ValueSpec[] = [{ name: 'input_ids', type: 'int64', dims: ['batch', 'tokens'] }];
  const outputs: ValueSpec[] = [{ name: 'logits', type: 'float' }];
  for (let layer = 0; layer < layers; layer++) {
    const of = (name: string): string => `${layer}/${name}`;
    // Small values: without norms what each layer adds would grow from layer to layer.
    for (const [at, [role, most]] of (
      [
        ['q', 1],
        ['k', 1],
        ['v', 0.2],
      ] as const
    ).entries()) {
      weights[of(`w.${role}`)] = {
        dims: [width, width],
        data: spread(width * width, 7 + 3 * layer + at).map((value) => (most * value) / Math.sqrt(width)),
      };
      nodes.push(
        { op: 'MatMul', inputs: [`h.${layer}`, of(`w.${role}`)], outputs: [of(role)] },
        { op: 'Reshape', inputs: [of(role), 'split'], outputs: [of(`${role}.heads`)] },
        {
          op: 'Transpose',
          inputs: [of(`${role}.heads`)],
          outputs: [of(`${role}.new`)],
          attributes: { perm: [0, 2, 1, 3] },
        },
      );
    }
    for (const [role, name] of [
      ['k', 'key'],
      ['v', 'value'],
    ] as const) {
      inputs.push({
        name: `past_key_values.${layer}.${name}`,
        type: 'float',
        dims: ['batch', heads, 'past_sequence', size],
      });
      outputs.push({ name: `present.${layer}.${name}`, type: 'float' });
      nodes.push({
        op: 'Concat',
        inputs: [`past_key_values.${layer}.${name}`, of(`${role}.new`)],
        outputs: [`present.${layer}.${name}`],
        attributes: { axis: 2 },
      });
    }
    nodes.push(
      { op: 'Transpose', inputs: [`present.${layer}.key`], outputs: [of('k.t')], attributes: { perm: [0, 1, 3, 2] } },
      { op: 'MatMul', inputs: [of('q.new'), of('k.t')], outputs: [of('products')] },
      { op: 'Mul', inputs: [of('products'), 'scale'], outputs: [of('scores')] },
      { op: 'Where', inputs: ['seen', of('scores'), 'low'], outputs: [of('masked')] },
      { op: 'Softmax', inputs: [of('masked')], outputs: [of('weights')], attributes: { axis: -1 } },
      { op: 'MatMul', inputs: [of('weights'), `present.${layer}.value`], outputs: [of('context')] },
      { op: 'Transpose', inputs: [of('context')], outputs: [of('context.t')], attributes: { perm: [0, 2, 1, 3] } },
      { op: 'Reshape', inputs: [of('context.t'), 'join'], outputs: [of('out')] },
      { op: 'Add', inputs: [`h.${layer}`, of('out')], outputs: [`h.${layer + 1}`] },
    );
  }
  nodes.push({ op: 'MatMul', inputs: [`h.${layers}`, 'head'], outputs: ['logits'] });
  const config = {
    model_type: 'made-up',
    architectures: ['MadeUpForCausalLM'],
    num_hidden_layers: layers,
    num_attention_heads: heads,
    hidden_size: width,
    vocab_size: WORDS,
    max_position_embeddings: positions,
  };
  return {
    'config.json': new TextEncoder().encode(JSON.stringify(config)),
    'tokenizer.json': wordTokenizer(),
    'model.onnx': modelBytes({ nodes, weights, inputs, outputs }),
  };
}
