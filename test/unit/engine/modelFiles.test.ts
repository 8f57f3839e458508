import { describe, expect, test } from 'vitest';
import { findExternalData, findGraphs, readJson } from '../../../src/engine/files/modelFiles';

const files = (...paths: string[]): Record<string, Uint8Array> =>
  Object.fromEntries(paths.map((path) => [path, new Uint8Array(1)]));
const roles = (...paths: string[]): readonly string[] =>
  findGraphs(files(...paths)).map((graph) => `${graph.role}:${graph.path}`);

describe('graphs by their names', () => {
  test.each([
    [
      ['onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx'],
      ['encoder:onnx/encoder_model.onnx', 'decoder-merged:onnx/decoder_model_merged.onnx'],
    ],
    [
      ['encoder_model_q4.onnx', 'decoder_model_merged_q4.onnx', 'config.json'],
      ['encoder:encoder_model_q4.onnx', 'decoder-merged:decoder_model_merged_q4.onnx'],
    ],
    [
      ['encoder_model.onnx', 'decoder_model.onnx', 'decoder_with_past_model.onnx'],
      ['encoder:encoder_model.onnx', 'decoder:decoder_model.onnx', 'decoder-with-past:decoder_with_past_model.onnx'],
    ],
    [['onnx/model_fp16.onnx', 'onnx/model_fp16.onnx_data'], ['model:onnx/model_fp16.onnx']],
    [['decoder_model_merged.onnx'], ['decoder-merged:decoder_model_merged.onnx']],
    [['bert-base.onnx', 'config.json'], ['model:bert-base.onnx']],
    [['onnx/model_O2.onnx', 'config.json'], ['model:onnx/model_O2.onnx']],
    [['onnx/model_qint8_avx512_vnni.onnx'], ['model:onnx/model_qint8_avx512_vnni.onnx']],
    [
      ['encoder.onnx', 'decoder.onnx', 'config.json'],
      ['encoder:encoder.onnx', 'decoder:decoder.onnx'],
    ],
    [
      ['decoder_with_past.onnx', 'decoder.onnx', 'encoder.onnx'],
      ['encoder:encoder.onnx', 'decoder:decoder.onnx', 'decoder-with-past:decoder_with_past.onnx'],
    ],
    [
      ['encoder_model.onnx', 'decoder_model_merged_quantized.onnx'],
      ['encoder:encoder_model.onnx', 'decoder-merged:decoder_model_merged_quantized.onnx'],
    ],
    [['onnx/encoder_model.onnx', 'config.json'], ['encoder:onnx/encoder_model.onnx']],
    [['cpu/int4/model.onnx', 'cpu/int4/model.onnx.data'], ['model:cpu/int4/model.onnx']],
  ])('%j', (paths, wanted) => {
    expect(roles(...paths)).toEqual(wanted);
  });

  test.each([
    [['encoder_model.onnx', 'decoder_with_past_model.onnx'], /decoder_model/],
    [['decoder_with_past_model.onnx'], /decoder_model\.onnx/],
    [['config.json'], /no ONNX file/],
    [['one.onnx', 'two.onnx'], /no ONNX file that is known/],
  ])('%j: what is missing is named', (paths, message) => {
    expect(() => roles(...paths)).toThrow(
      expect.objectContaining({ code: 'MODEL_FILE_MISSING', message: expect.stringMatching(message) as string }),
    );
  });

  test('the precision is in the name', () => {
    const precision = (path: string): string | undefined => findGraphs(files(path))[0]?.precision;
    expect(precision('onnx/model_quantized.onnx')).toBe('quantized');
    expect(precision('model_quint8_avx2.onnx')).toBe('quint8_avx2');
    // Optimum's levels 1 to 3 keep full precision, level 4 halves it.
    expect(precision('model_O3.onnx')).toBe('');
    expect(precision('model_O4.onnx')).toBe('O4');
  });
});

test('side files are those at the top, or the nearest below it', () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const both = { 'onnx/config.json': text('{"a":2}'), 'config.json': text('{"a":1}') };
  expect(readJson(both, 'config.json', true)).toEqual({ a: 1 });
  const deep = { 'cpu/int4/config.json': text('{"a":3}'), 'cpu/int4/tokenizer_config.json': text('{}') };
  expect(readJson(deep, 'config.json', true)).toEqual({ a: 3 });
});

test('external data lie beside their graph', () => {
  const all = files('onnx/model.onnx', 'onnx/model.onnx_data');
  const [graph] = findGraphs(all);
  if (!graph) throw new Error('no graph');
  expect(findExternalData(all, graph, ['model.onnx_data']).map((entry) => entry.path)).toEqual(['model.onnx_data']);
  expect(() => findExternalData(all, graph, ['other.bin'])).toThrow(
    expect.objectContaining({
      code: 'MODEL_FILE_MISSING',
      message: expect.stringContaining('onnx/other.bin') as string,
    }),
  );
});

test('JSON that is cut, or not UTF-8, is refused; what is optional may be missing', () => {
  expect(() => readJson({ 'config.json': new TextEncoder().encode('{"a":') }, 'config.json', true)).toThrow(
    expect.objectContaining({ code: 'MODEL_CONFIG_INVALID' }),
  );
  expect(() => readJson({ 'config.json': Uint8Array.of(0x22, 0xff, 0x22) }, 'config.json', true)).toThrow(
    expect.objectContaining({ code: 'MODEL_CONFIG_INVALID' }),
  );
  expect(() => readJson({}, 'config.json', true)).toThrow(expect.objectContaining({ code: 'MODEL_FILE_MISSING' }));
  expect(readJson({}, 'generation_config.json', false)).toBeUndefined();
});
