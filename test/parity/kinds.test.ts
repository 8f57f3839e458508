/**
 * Kinds of exports that were refused, or shown wrong: built for each case, and loaded as the engine loads them. What is right is
 * computed here from the model's own numbers, or shown by the runtime on the same file.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel, type LoadedModel } from '../../src/engine/model/loadedModel';
import { needOf } from '../../src/engine/runtime/needs';
import { reasonOf } from '../../src/engine/runtime/ortSession';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';
import { KeyValueCache } from '../../src/transformer/cache';
import {
  attentionNodes,
  ATTENTION_WEIGHTS,
  modelBytes,
  spread,
  type NodeSpec,
  type ValueSpec,
  type WeightSpec,
} from '../unit/onnx/modelBuilder';
import { wordTokenizer } from './wordTokenizer';
import { useNodeRuntime } from './nodeRuntime';
import { FIXTURES, largestDifference, readFolder } from './reference';

const PROVIDER: ProviderReport = { provider: 'wasm', build: 'cpu', threads: 1, adapter: '', reason: '' };
const WORDS = 99;
const IDS: ValueSpec = { name: 'input_ids', type: 'int64', dims: ['batch', 'tokens'] };
const text = new TextEncoder();

const load = (model: Uint8Array | ModelFiles, config: unknown): Promise<LoadedModel> =>
  loadModel(
    {
      modelId: 'test',
      version: '',
      name: 'test',
      files: {
        'config.json': text.encode(JSON.stringify(config)),
        'tokenizer.json': wordTokenizer(),
        ...(model instanceof Uint8Array ? { 'model.onnx': model } : model),
      },
    },
    PROVIDER,
    () => undefined,
    new AbortController().signal,
  );

const CONFIG = {
  model_type: 'made-up',
  num_hidden_layers: 1,
  num_attention_heads: 2,
  vocab_size: WORDS,
  hidden_size: 8,
};
const EMBED: NodeSpec = { op: 'Gather', inputs: ['words', 'input_ids'], outputs: ['embedded'] };
const HEAD: NodeSpec = { op: 'MatMul', inputs: ['a/out', 'head'], outputs: ['logits'] };
const WEIGHTS: Readonly<Record<string, WeightSpec>> = {
  ...ATTENTION_WEIGHTS,
  words: { dims: [WORDS, 8], data: spread(WORDS * 8, 5) },
  head: { dims: [8, WORDS], data: spread(8 * WORDS, 6) },
  zero: { dims: [], data: BigInt64Array.of(0n) },
  one: { dims: [], data: BigInt64Array.of(1n) },
  low: { dims: [], data: Float32Array.of(-1e9) },
  size: { dims: [1], data: BigInt64Array.of(1n) },
  first: { dims: [1], data: BigInt64Array.of(0n) },
  last: { dims: [1], data: BigInt64Array.of(-1n) },
  end: { dims: [1], data: BigInt64Array.of(2n ** 40n) },
};

/** The layer with a causal mask between scores and softmax. */
const masked = (): NodeSpec[] =>
  attentionNodes('a', 'embedded').flatMap((node): NodeSpec[] => {
    if (node.op !== 'Softmax') return [node];
    return [
      { op: 'Shape', inputs: ['input_ids'], outputs: ['shape'] },
      { op: 'Gather', inputs: ['shape', 'one'], outputs: ['length'] },
      { op: 'Range', inputs: ['zero', 'length', 'one'], outputs: ['places'] },
      { op: 'Unsqueeze', inputs: ['places', 'size'], outputs: ['rows'] },
      { op: 'LessOrEqual', inputs: ['places', 'rows'], outputs: ['seen'] },
      { op: 'Where', inputs: ['seen', 'a/scores', 'low'], outputs: ['a/masked'] },
      { ...node, inputs: ['a/masked'] },
    ];
  });

beforeAll(useNodeRuntime);

describe('the direction is the one that the weights show', () => {
  const model = (nodes: readonly NodeSpec[], output: string): Uint8Array =>
    modelBytes({
      nodes: [EMBED, ...nodes],
      weights: WEIGHTS,
      inputs: [IDS],
      outputs: [{ name: output, type: 'float' }],
    });

  test.each([
    ['masked, logits of every token', [...masked(), HEAD], 'logits', 'decoder-only', 'decoder'],
    [
      'masked, logits of the last token only',
      [...masked(), HEAD, { op: 'Slice', inputs: ['logits', 'last', 'end', 'size'], outputs: ['next'] }],
      'next',
      'decoder-only',
      'decoder',
    ],
    ['masked, no logits', masked(), 'a/out', 'encoder-only', 'decoder'],
    ['both ways, logits', [...attentionNodes('a', 'embedded'), HEAD], 'logits', 'encoder-only', 'encoder'],
  ] as const)('%s', async (_what, nodes, output, family, kind) => {
    // The class in the config says the opposite of what the graph does.
    const architectures = [kind === 'decoder' ? 'BertForMaskedLM' : 'GPT2LMHeadModel'];
    const loaded = await load(model(nodes, output), { ...CONFIG, architectures });
    try {
      expect(loaded.report.family).toBe(family);
      expect(loaded.report.kinds.map((info) => info.kind)).toEqual([kind]);
    } finally {
      await loaded.dispose();
    }
  });

  test('logits of the last token only: teacher forcing asks for each, as a file with all of them gives', async () => {
    const all = await load(model([...masked(), HEAD], 'logits'), CONFIG);
    const slice: NodeSpec = { op: 'Slice', inputs: ['logits', 'last', 'end', 'size'], outputs: ['next'] };
    const last = await load(model([...masked(), HEAD, slice], 'next'), CONFIG);
    const ids = [5, 9, 2, 7, 11];
    const whole = await all.decoder?.feed(ids, new KeyValueCache(), undefined, 3);
    const pieced = await last.decoder?.feed(ids, new KeyValueCache(), undefined, 3);
    expect(pieced?.positions).toBe(3);
    expect(largestDifference(pieced?.logits ?? [], whole?.logits ?? [])).toBeLessThan(1e-5);
    await all.dispose();
    await last.dispose();
  });
});

describe('the result is what it is, not what comes first', () => {
  test('ids and masks that are passed through, and pooled numbers, are no result for each token', async () => {
    const nodes: NodeSpec[] = [
      EMBED,
      { op: 'Identity', inputs: ['input_ids'], outputs: ['ids'] },
      { op: 'ReduceMean', inputs: ['a/out', 'size'], outputs: ['pooled'], attributes: { keepdims: 0 } },
      ...attentionNodes('a', 'embedded'),
      HEAD,
    ];
    const outputs: ValueSpec[] = [
      { name: 'ids', type: 'int64', dims: ['b', 't'] },
      { name: 'pooled', type: 'float', dims: ['b', 8] },
      { name: 'a/out', type: 'float', dims: ['b', 't', 8] },
      { name: 'logits', type: 'float', dims: ['b', 't', WORDS] },
    ];
    const renamed = nodes.map((node) => (node === HEAD ? { ...node, outputs: ['scores_of_words'] } : node));
    const declared = outputs.map((output) =>
      output.name === 'logits' ? { ...output, name: 'scores_of_words' } : output,
    );
    const loaded = await load(
      modelBytes({ nodes: renamed, weights: WEIGHTS, inputs: [IDS], outputs: declared }),
      CONFIG,
    );
    expect(loaded.encoder?.output).toBe('scores_of_words');
    expect(loaded.report.fillsMasks).toBe(true);
    await loaded.dispose();
  });
});

describe('what fails in the trial is said to fail always, and where', () => {
  test('a length that was baked in when the model was exported', async () => {
    // The sample has one token a word that is known; these shapes are of five tokens.
    const nodes: NodeSpec[] = [
      EMBED,
      { op: 'Reshape', inputs: ['embedded', 'baked'], outputs: ['fixed'] },
      ...attentionNodes('a', 'fixed'),
      HEAD,
    ];
    const weights = { ...WEIGHTS, baked: { dims: [3], data: BigInt64Array.of(1n, 5n, 8n) } };
    const failed = load(modelBytes({ nodes, weights, inputs: [IDS], outputs: [{ name: 'logits' }] }), CONFIG);
    await expect(failed).rejects.toMatchObject({
      message: expect.stringMatching(/^The model’s file model\.onnx .*Reshape/) as string,
    });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('try again') as string });
  });

  test('the reason is the runtime’s own, without its files', () => {
    const message =
      "Non-zero status code returned while running Reshape node. Name:'/a/Reshape' Status Message: /onnxruntime_src/core/providers/cpu/tensor/reshape_helper.h:47 onnxruntime::ReshapeHelper: the input tensor cannot be reshaped\nmore";
    const reason = reasonOf(message);
    expect(reason).toBe('Reshape /a/Reshape: onnxruntime::ReshapeHelper: the input tensor cannot be reshaped');
    expect(
      reasonOf(
        'failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: onnxruntime::ReshapeHelper::ReshapeHelper(const TensorShape &, TensorShapeVector &, bool) size != 0 && (input_shape_size % size) == 0 was false.',
      ),
    ).toBe('ReshapeHelper: size != 0 && (input_shape_size % size) == 0 was false.');
    expect(reasonOf("Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: No Op registered for X")).toBe(
      'No Op registered for X',
    );
  });
});

describe('a file that needs another provider or a newer runtime says which', () => {
  const identity = (more: Partial<NodeSpec>): NodeSpec[] => [
    EMBED,
    ...attentionNodes('a', 'embedded'),
    { op: 'Identity', inputs: ['a/out'], outputs: ['same'], ...more },
    { ...HEAD, inputs: ['same', 'head'] },
  ];
  const bytes = (nodes: readonly NodeSpec[], opset?: number): Uint8Array =>
    modelBytes({ nodes, weights: WEIGHTS, inputs: [IDS], outputs: [{ name: 'logits' }] }, opset);

  test.each([
    [
      'an operator set from the future',
      bytes(identity({}), 99),
      /operator set 99 of ai\.onnx, .*Web 1\..* knows no more than \d+/,
    ],
    ['an operator that is not known', bytes(identity({ op: 'Frobnicate' })), /uses the operator Frobnicate, which/],
    [
      'a contributed operator that is not known',
      bytes(identity({ op: 'Frobnicate', domain: 'com.microsoft' })),
      /uses the operator com\.microsoft:Frobnicate, which/,
    ],
    [
      'an attribute that is not known',
      bytes(identity({ attributes: { newer: 1 } })),
      /uses Identity with an attribute .*\(newer\)/,
    ],
    [
      'more inputs than are known',
      bytes(identity({ inputs: ['a/out', 'a/out'] })),
      /uses Identity with 2 inputs, which/,
    ],
  ])('%s', async (_what, model, sentence) => {
    await expect(load(model, CONFIG)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringMatching(sentence) as string,
    });
  });

  test.each([
    ['wasm', 'X is implemented only on the CUDA and WebGPU EPs.', 'WEBGPU_NEEDED', /was made for WebGPU/],
    [
      'wasm',
      'Could not find an implementation for Frob(1) node with name',
      'WEBGPU_NEEDED',
      /uses Frob, which .* on WASM/,
    ],
    ['webgpu', 'key_padding_mask is not implemented for webgpu', 'MODEL_UNSUPPORTED', /auto or wasm/],
    ['wasm', 'This is supported only on CUDA', 'MODEL_UNSUPPORTED', /was made for CUDA, which there is not in VS Code/],
    ['wasm', 'something else', '', /^$/],
  ] as const)('on %s: %s', (provider, message, code, sentence) => {
    const need = needOf(message, { file: 'model.onnx', provider, reason: message, version: '1.30.0' });
    expect(need?.code ?? '').toBe(code);
    expect(need?.sentence ?? '').toMatch(sentence);
  });
});

test('a file that holds its positions’ meaning open is refused by the input’s name', async () => {
  const nodes: NodeSpec[] = [
    EMBED,
    { op: 'Gather', inputs: ['places', 'position_ids'], outputs: ['place'] },
    { op: 'Add', inputs: ['embedded', 'place'], outputs: ['placed'] },
    ...attentionNodes('a', 'placed'),
  ];
  const weights = { ...WEIGHTS, places: { dims: [66, 8], data: spread(66 * 8, 9) } };
  const inputs = [IDS, { ...IDS, name: 'position_ids' }];
  const bytes = modelBytes({ nodes, weights, inputs, outputs: [{ name: 'a/out' }] });
  await expect(load(bytes, { ...CONFIG, pad_token_id: 1 })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    message: expect.stringContaining('“position_ids” whose table of 66 rows') as string,
  });
});

test('the part of a two-tower model that reads text is loaded, and the notes say that it is a part', async () => {
  const inner = { num_hidden_layers: 1, num_attention_heads: 2, hidden_size: 8 };
  const config = {
    model_type: 'clip',
    architectures: ['CLIPModel'],
    text_config: { ...inner, vocab_size: WORDS },
    vision_config: { ...inner, num_hidden_layers: 7, num_attention_heads: 4 },
  };
  const bytes = modelBytes({
    nodes: [EMBED, ...masked()],
    weights: WEIGHTS,
    inputs: [IDS],
    outputs: [{ name: 'a/out' }],
  });
  const loaded = await load({ 'onnx/text_model.onnx': bytes }, config);
  expect(loaded.report.kinds).toMatchObject([{ kind: 'decoder', layers: 1, heads: 2 }]);
  expect(loaded.report.notes).toContainEqual(
    expect.stringMatching(/pictures or sound beside text; this file is its part that reads text/),
  );
  await loaded.dispose();
  const pixels: ValueSpec = { name: 'pixel_values', type: 'float', dims: ['batch', 3, 224, 224] };
  const tower = modelBytes({ nodes: [], weights: {}, inputs: [pixels], outputs: [{ name: 'pixel_values' }] });
  await expect(load({ 'vision_model.onnx': tower }, config)).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    message: expect.stringMatching(/^This model compares pictures with texts/) as string,
  });
});

describe('real exports', () => {
  const json = (files: ModelFiles): unknown => JSON.parse(new TextDecoder().decode(files['config.json'])) as unknown;

  test('int8 whose results depend on the optimisation level loads, and the notes say so', async () => {
    const files = readFolder(join(FIXTURES, 'quantized-bert-deep'));
    const loaded = await load(files, json(files));
    expect(loaded.report.notes.some((note) => /depend on how far the runtime optimises/.test(note))).toBe(true);
    await loaded.dispose();
  });

  test('a cache of the length of a window: proved against the operator, and against the file as it came', async () => {
    const files = readFolder(join(FIXTURES, 'genai-gemma2-window'));
    const loaded = await load(files, json(files));
    expect(loaded.report.notes).toContainEqual(
      expect.stringMatching(/2 maps checked \(2 of them against what the fused operator itself gave\), results equal/),
    );
    await loaded.dispose();
  });

  test('encoder and decoder in one file generate as one whole pass does', async () => {
    const files = readFolder(join(FIXTURES, 'dynamo-plbart-whole'));
    const loaded = await load(files, json(files));
    expect(loaded.report.family).toBe('encoder-decoder');
    expect(loaded.report.kinds.map(({ kind, layers }) => [kind, layers])).toEqual([
      ['encoder', 2],
      ['decoder', 2],
      ['cross', 2],
    ]);
    await loaded.dispose();
  });
});
