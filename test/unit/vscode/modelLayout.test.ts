import { describe, expect, it } from 'vitest';
import { chooseGraphs } from '../../../src/vscode/modelLayout';

describe('choosing the ONNX files of a folder', () => {
  it('takes encoder and merged decoder before other layouts', () => {
    const paths = ['config.json', 'onnx/decoder_model.onnx', 'onnx/decoder_model_merged.onnx', 'onnx/decoder_with_past_model.onnx', 'onnx/encoder_model.onnx'];
    expect(chooseGraphs(paths)).toEqual(['onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx']);
  });

  it('takes a pair where there is no merged decoder', () => {
    const paths = ['decoder_model.onnx', 'decoder_with_past_model.onnx', 'encoder_model.onnx'];
    expect(chooseGraphs(paths)).toEqual(['encoder_model.onnx', 'decoder_model.onnx', 'decoder_with_past_model.onnx']);
  });

  it('never mixes precisions', () => {
    expect(chooseGraphs(['onnx/encoder_model.onnx', 'onnx/decoder_model_merged_quantized.onnx', 'onnx/encoder_model_quantized.onnx'])).toEqual([
      'onnx/encoder_model_quantized.onnx',
      'onnx/decoder_model_merged_quantized.onnx',
    ]);
  });

  it('brings external data along, in both ways of naming it', () => {
    expect(chooseGraphs(['model.onnx', 'model.onnx_data', 'model.onnx_data_1'])).toEqual(['model.onnx', 'model.onnx_data', 'model.onnx_data_1']);
    expect(chooseGraphs(['model.onnx', 'model.onnx.data', 'other.onnx.data'])).toEqual(['model.onnx', 'model.onnx.data']);
  });

  it('finds nothing where nothing goes together', () => {
    expect(chooseGraphs(['config.json', 'onnx/encoder_model.onnx', 'weights.bin'])).toEqual([]);
  });
});
