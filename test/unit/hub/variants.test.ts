import { describe, expect, test } from 'vitest';
import { defaultVariant, findVariants, type RepositoryFile } from '../../../src/hub';

const files = (sizes: Readonly<Record<string, number>>): readonly RepositoryFile[] =>
  Object.entries(sizes).map(([path, size]) => ({ path, size, sha256: null, gitOid: null }));
const side = {
  'config.json': 1,
  'tokenizer.json': 2,
  'generation_config.json': 3,
  'README.md': 99,
  'model.safetensors': 1e9,
};

describe('variants', () => {
  test('an encoder-decoder in two precisions: the merged decoder is taken where there is one', () => {
    const found = findVariants(
      files({
        ...side,
        'onnx/encoder_model.onnx': 100,
        'onnx/decoder_model.onnx': 200,
        'onnx/decoder_with_past_model.onnx': 190,
        'onnx/decoder_model_merged.onnx': 210,
        'onnx/encoder_model_quantized.onnx': 25,
        'onnx/decoder_model_quantized.onnx': 50,
        'onnx/decoder_with_past_model_quantized.onnx': 45,
      }),
    );
    expect(found.map(({ dtype, layout, bytes }) => [dtype, layout, bytes])).toEqual([
      ['fp32', 'encoder + merged decoder', 316],
      ['quantized', 'encoder + decoder pair', 126],
    ]);
  });

  test('external data goes with its own graph only', () => {
    const found = findVariants(
      files({
        ...side,
        'onnx/model.onnx': 5,
        'onnx/model.onnx_data': 1000,
        'onnx/model.onnx_data_1': 500,
        'onnx/model_q4.onnx': 7,
        'onnx/model_q4.onnx_data': 300,
      }),
    );
    expect(found.map(({ dtype, bytes }) => [dtype, bytes])).toEqual([
      ['fp32', 1511],
      ['q4', 313],
    ]);
    expect(found[0]?.graphs).toEqual(['onnx/model.onnx']);
  });

  test('what is missing is named; without graphs there is no variant', () => {
    expect(findVariants(files({ 'model.onnx': 1, 'config.json': 1 }))[0]?.missing).toEqual(['tokenizer.json']);
    expect(findVariants(files(side))).toEqual([]);
    expect(findVariants(files({ ...side, 'onnx/encoder_model.onnx': 1 }))).toEqual([]);
  });

  test('the default: full precision or half or 4 bits by size on WebGPU, int8 on WASM and never on WebGPU', () => {
    const of = (full: number): ReturnType<typeof findVariants> =>
      findVariants(
        files({
          ...side,
          'onnx/model.onnx': full,
          'onnx/model_fp16.onnx': full / 2,
          'onnx/model_int8.onnx': full / 4,
          'onnx/model_q4.onnx': full / 6,
        }),
      );
    expect(defaultVariant(of(100e6), 'webgpu')?.dtype).toBe('fp32');
    expect(defaultVariant(of(900e6), 'webgpu')?.dtype).toBe('fp16');
    expect(defaultVariant(of(900e6), 'webgpu', false)?.dtype).toBe('fp32');
    expect(defaultVariant(of(4e9), 'webgpu')?.dtype).toBe('q4');
    expect(defaultVariant(of(100e6), 'wasm')?.dtype).toBe('int8');
    expect(defaultVariant([], 'wasm')).toBeNull();
  });
});
