import { describe, expect, test } from 'vitest';
import { senseOf, senseOfConfig, senseOfTags } from '../../../src/config/senses';
import { findTextGraphs } from '../../support/findTextGraphs';
import type { TensorSignature } from '../../../src/onnx/types';
import { attentionNodes, ATTENTION_WEIGHTS, modelBytes, type ValueSpec } from '../onnx/modelBuilder';

const ids: TensorSignature = { name: 'input_ids', type: 'int64', dims: ['batch', 'tokens'] };
const mask: TensorSignature = { name: 'attention_mask', type: 'int64', dims: ['batch', 'tokens'] };
const states: TensorSignature = { name: 'encoder_hidden_states', type: 'float32', dims: ['batch', 'tokens', 32] };
const pixels: TensorSignature = { name: 'pixel_values', type: 'float32', dims: ['batch', 3, 224, 224] };
const sound: TensorSignature = { name: 'input_features', type: 'float32', dims: ['batch', 80, 3000] };
const past: TensorSignature = { name: 'past_key_values.0.key', type: 'float32', dims: ['batch', 3, 'past', 64] };

const image = (type: TensorSignature['type'], dims: TensorSignature['dims']): TensorSignature => ({
  name: 'input',
  type,
  dims,
});

describe('what a model reads', () => {
  test.each<[string, unknown, readonly (readonly TensorSignature[])[], string | undefined]>([
    ['ViT', { model_type: 'vit', architectures: ['ViTForImageClassification'] }, [[pixels]], 'config.readsPictures'],
    ['a vision model of no known type', {}, [[{ ...pixels, name: 'x' }]], 'config.readsPictures'],
    ['pictures with the channels last', undefined, [[image('float32', ['n', 224, 224, 3])]], 'config.readsPictures'],
    ['pictures as bytes, grey', undefined, [[image('uint8', ['n', 1, 28, 28])]], 'config.readsPictures'],
    ['video of no known name', undefined, [[image('float32', [1, 16, 3, 224, 224])]], 'config.readsVideo'],
    ['numbers of no known kind', undefined, [[image('float32', ['n', 30])]], undefined],
    ['a cache of four heads, in a file of its own', undefined, [[{ ...past, name: 'kv_state_0' }]], undefined],
    ['a cache of four heads beside tokens', undefined, [[ids, image('float32', ['n', 4, 'past', 64])]], undefined],
    [
      'TrOCR',
      { model_type: 'vision-encoder-decoder', encoder: { model_type: 'deit' } },
      [[pixels], [ids, states]],
      'config.readsPicturesWritesText',
    ],
    ['pictures to text of no known type', {}, [[pixels], [ids, states]], 'config.readsPicturesWritesText'],
    ['Whisper', { model_type: 'whisper' }, [[sound], [ids, states]], 'config.readsSoundWritesText'],
    ['wav2vec 2', { architectures: ['Wav2Vec2ForCTC'] }, [[{ ...sound, name: 'input_values' }]], 'config.readsSound'],
    ['CLIP', { model_type: 'clip' }, [[ids, pixels, mask]], 'config.comparesPicturesAndTexts'],
    ['CLIP’s picture tower', { model_type: 'clip' }, [[pixels]], 'config.comparesPicturesAndTexts'],
    ['CLAP', { model_type: 'clap' }, [[ids, sound]], 'config.comparesSoundsAndTexts'],
    [
      'a model of pictures beside text',
      { vision_config: {}, text_config: {} },
      [[ids, pixels]],
      'config.readsPicturesAndText',
    ],
    [
      'its language half',
      { model_type: 'llava' },
      [[{ ...states, name: 'inputs_embeds' }, mask]],
      'config.readsPicturesAndText',
    ],
    ['embeddings of no known model', {}, [[{ ...states, name: 'inputs_embeds' }, mask]], 'config.readsEmbeddings'],
    ['a series', {}, [[{ ...states, name: 'past_values' }]], 'config.readsSeries'],
    ['VITS', { model_type: 'vits' }, [[ids, mask]], 'config.makesSound'],
    ['CLIP’s text tower reads text', { model_type: 'clip' }, [[ids, mask]], undefined],
    ['BERT', { model_type: 'bert' }, [[ids, mask]], undefined],
    [
      'Marian',
      { model_type: 'marian' },
      [
        [ids, mask],
        [ids, states, past],
      ],
      undefined,
    ],
    ['a decoder with three heads in its cache', { model_type: 'gpt2' }, [[ids, mask, past]], undefined],
    ['Gemma 3 exported for text alone', { model_type: 'gemma3' }, [[ids, mask]], undefined],
  ])('%s', (_name, config, graphs, wanted) => {
    expect(senseOf(config, graphs)).toBe(wanted);
  });

  test('by the config or the page alone', () => {
    expect(senseOfConfig({ model_type: 'speech-encoder-decoder' })).toBe('config.readsSoundWritesText');
    expect(senseOfConfig({ model_type: 'encoder-decoder', encoder: { model_type: 'bert' } })).toBeUndefined();
    expect(senseOfConfig({ encoder: { model_type: 'swin' }, decoder: { model_type: 'mbart' } })).toBe(
      'config.readsPicturesWritesText',
    );
    expect(senseOfTags(['transformers.js', 'onnx', 'automatic-speech-recognition'])).toBe(
      'config.readsSoundWritesText',
    );
    expect(senseOfTags(['onnx', 'translation', 'constructor'])).toBeUndefined();
  });
});

describe('a refusal says what the model reads', () => {
  const pictures: ValueSpec = { name: 'pixel_values', type: 'float', dims: ['batch', 3, 32, 32] };
  const file = modelBytes({
    nodes: attentionNodes('a', 'pixel_values'),
    weights: ATTENTION_WEIGHTS,
    inputs: [pictures],
    outputs: [{ name: 'a/out' }],
  });

  test('by the inputs of its file, before a tokenizer or anything else is missed', () => {
    const files = { 'model.onnx': file };
    expect(() => findTextGraphs(files, { model_type: 'vit' })).toThrow(
      expect.objectContaining({
        code: 'MODEL_UNSUPPORTED',
        message: expect.stringContaining('reads pictures') as string,
      }),
    );
  });

  test('by the config, where the files have names of their own', () => {
    const files = { 'vision_encoder.onnx': new Uint8Array(1), 'prompt_encoder_mask_decoder.onnx': new Uint8Array(1) };
    expect(() => findTextGraphs(files, { model_type: 'sam' })).toThrow(
      expect.objectContaining({
        code: 'MODEL_UNSUPPORTED',
        message: expect.stringContaining('reads pictures') as string,
      }),
    );
    expect(() => findTextGraphs(files, {})).toThrow(expect.objectContaining({ code: 'MODEL_FILE_MISSING' }));
  });
});
