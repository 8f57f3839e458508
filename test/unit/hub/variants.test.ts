import { describe, expect, test } from 'vitest';
import { isDtype } from '../../../src/hub/variants';
import { defaultVariant, findVariants, modelIdOf, partsOfModelId, type RepositoryFile } from '../../../src/hub';

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
    expect(findVariants(files({ ...side, 'onnx/decoder_with_past_model.onnx': 1 }))).toEqual([]);
  });

  test('names as people give them are offered each, in what they stand for', () => {
    const found = findVariants(
      files({
        ...side,
        'onnx/model.onnx': 90,
        'onnx/model_O1.onnx': 90,
        'onnx/model_O4.onnx': 45,
        'onnx/model_qint8_avx512_vnni.onnx': 23,
        'onnx/model_quint8_avx2.onnx': 23,
        'onnx/model_optimized_quantized.onnx': 24,
      }),
    );
    expect(found.map(({ dtype, precision }) => [dtype, precision])).toEqual([
      ['fp32', 'fp32'],
      ['O1', 'fp32'],
      ['O4', 'fp16'],
      ['qint8_avx512_vnni', 'int8'],
      ['quint8_avx2', 'int8'],
      ['optimized_quantized', 'int8'],
    ]);
    expect(defaultVariant(found, 'webgpu')?.dtype).toBe('fp32');
    expect(defaultVariant(found, 'wasm')?.dtype).toBe('qint8_avx512_vnni');
    expect(defaultVariant(found.slice(1), 'webgpu')?.dtype).toBe('O1');
  });

  test('names that no part of an id can have are offered under one that can be', () => {
    const offered = (...paths: string[]): readonly (readonly [string, string])[] =>
      findVariants(files({ ...side, ...Object.fromEntries(paths.map((path) => [path, 1])) })).map(
        ({ dtype, graphs }) => [dtype, graphs.join()] as const,
      );
    expect(offered('my model.onnx')).toEqual([['my_model', 'my model.onnx']]);
    expect(offered('modèle.onnx', '模型.onnx').map(([, path]) => path)).toEqual(['modèle.onnx', '模型.onnx']);
    expect(offered('model.onnx', 'model (1).onnx', 'model_fp16 (2).onnx')).toEqual([
      ['fp32', 'model.onnx'],
      ['1', 'model (1).onnx'],
      ['fp16_2', 'model_fp16 (2).onnx'],
    ]);
    expect(offered('MODEL.ONNX', 'Model-int8.onnx')).toEqual([
      ['fp32', 'MODEL.ONNX'],
      ['int8', 'Model-int8.onnx'],
    ]);
    expect(offered('-x.onnx', '_model.onnx', 'a--b.onnx', `${'n'.repeat(200)}_q4.onnx`).map(([name]) => name)).toEqual([
      'x',
      'model',
      'a_b',
      `${'n'.repeat(77)}_q4`,
    ]);
    for (const [name] of offered('(.onnx', '.. ..onnx', 'a/../b.onnx', '名 前/model.onnx'))
      expect(isDtype(name)).toBe(true);
  });

  test('encoder and decoder behind the model’s name, and weights that are called what they are', () => {
    const sets = (...paths: string[]) =>
      findVariants(files({ ...side, ...Object.fromEntries(paths.map((path) => [path, 1])) })).map(
        ({ dtype, layout, graphs }) => ({ dtype, layout, graphs }),
      );
    const pair = { layout: 'encoder + decoder pair' };
    expect(sets('t5-small-encoder.onnx', 't5-small-decoder.onnx')).toMatchObject([{ ...pair, dtype: 'fp32' }]);
    expect(sets('Encoder.onnx', 'Decoder.onnx')).toMatchObject([{ ...pair, dtype: 'fp32' }]);
    expect(
      sets('nmt_encoder_int8.onnx', 'nmt_decoder_int8.onnx', 'nmt_encoder.onnx', 'nmt_decoder.onnx'),
    ).toMatchObject([pair, { ...pair, dtype: 'int8' }]);
    expect(sets('opus_encoder_model.onnx', 'opus_decoder_model_merged.onnx')).toMatchObject([
      { layout: 'encoder + merged decoder' },
    ]);
    // Of two models neither is the other's half.
    expect(sets('one-encoder.onnx', 'two-decoder.onnx')).toHaveLength(2);
    const weights = ['weights.bin', 'model_weights.pb', 'model.onnx-data', 'model.onnx_data.1', 'external_data'];
    const others = ['pytorch_model.bin', 'model.safetensors', 'model.txt', 'other.onnx_data', 'params.json'];
    const [found] = findVariants(
      files({ ...side, 'model.onnx': 1, ...Object.fromEntries([...weights, ...others].map((path) => [path, 1])) }),
    );
    const taken = found?.files.map(({ path }) => path) ?? [];
    expect(taken).toEqual(expect.arrayContaining(weights));
    expect(taken.filter((path) => others.includes(path))).toEqual([]);
    expect(taken.filter((path) => path === 'model.onnx')).toHaveLength(1);
  });

  test('an encoder alone, short names, and files beside the config', () => {
    const layouts = (...paths: string[]): readonly (readonly [string, string])[] =>
      findVariants(files({ ...side, ...Object.fromEntries(paths.map((path) => [path, 1])) })).map(
        ({ dtype, layout }) => [dtype, layout] as const,
      );
    expect(layouts('encoder_model.onnx')).toEqual([['fp32', 'encoder']]);
    expect(layouts('encoder.onnx', 'decoder.onnx')).toEqual([['fp32', 'encoder + decoder pair']]);
    expect(layouts('encoder_model.onnx', 'decoder_model_merged_q4.onnx')).toEqual([
      ['mixed', 'encoder + merged decoder'],
    ]);
    expect(layouts('minilm.onnx', 'minilm-int8.onnx')).toEqual([
      ['minilm', 'single'],
      ['minilm-int8', 'single'],
    ]);
  });

  test('of two towers the one that reads text is offered, and the other is no variant of it', () => {
    const offered = (...paths: string[]): readonly (readonly [string, readonly string[]])[] =>
      findVariants(files({ ...side, ...Object.fromEntries(paths.map((path) => [path, 1])) })).map(
        ({ graphs, others }) => [graphs.join(), others] as const,
      );
    expect(offered('text_model.onnx', 'vision_model.onnx')).toEqual([['text_model.onnx', ['vision_model.onnx']]]);
    // A file that holds both towers takes pictures as well.
    expect(
      offered('onnx/model.onnx', 'onnx/text_model_fp16.onnx', 'onnx/text_model.onnx', 'onnx/vision_model.onnx'),
    ).toEqual([
      ['onnx/text_model_fp16.onnx', ['onnx/vision_model.onnx']],
      ['onnx/text_model.onnx', ['onnx/vision_model.onnx']],
    ]);
    expect(offered('clip-textual.onnx', 'clip-visual.onnx')).toEqual([['clip-textual.onnx', ['clip-visual.onnx']]]);
    expect(offered('text_model.onnx', 'audio_model.onnx')).toEqual([['text_model.onnx', ['audio_model.onnx']]]);
    // Alone it is what it is, and is told so when it is loaded.
    expect(offered('vision_model.onnx')).toEqual([['vision_model.onnx', []]]);
    expect(offered('model.onnx', 'text_model.onnx')).toEqual([['model.onnx', []]]);
  });

  test('a download is found again by its id, whatever its variant is called', () => {
    const revision = 'a'.repeat(40);
    for (const dtype of ['fp32', 'qint8_avx512_vnni', 'minilm-int8', 'cpu.int4', 'O2'])
      expect(partsOfModelId(modelIdOf({ id: 'owner/some.name-1', revision, dtype }))).toEqual({
        id: 'owner/some.name-1',
        dtype,
      });
    for (const other of ['bundled:en-fr', 'hub:owner/name@main', 'hub:owner/name@main#../x', 'hub:../x@main#fp32'])
      expect(partsOfModelId(other)).toBeUndefined();
  });

  test('a folder of its own has its own side files', () => {
    const [found] = findVariants(
      files({
        'README.md': 1,
        'cpu/int4/model.onnx': 10,
        'cpu/int4/model.onnx.data': 1000,
        'cpu/int4/config.json': 1,
        'cpu/tokenizer.json': 2,
      }),
    );
    expect(found).toMatchObject({ dtype: 'cpu.int4', precision: 'q4', missing: [], bytes: 1013 });
    expect(found?.files.map(({ path }) => path)).toContain('cpu/tokenizer.json');
  });

  test('a single file needs no config; an encoder-decoder does, to be started', () => {
    const missing = (...paths: string[]): readonly string[] | undefined =>
      findVariants(files(Object.fromEntries(paths.map((path) => [path, 1]))))[0]?.missing;
    expect(missing('model.onnx', 'tokenizer.json')).toEqual([]);
    expect(missing('encoder_model.onnx', 'decoder_model.onnx', 'tokenizer.json')).toEqual(['config.json']);
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
