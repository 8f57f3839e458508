import { describe, expect, test } from 'vitest';
import { attentionPlaces } from '../../../src/config/layerTypes';
import { readModelConfig } from '../../../src/config/modelConfig';
import type { JsonObject } from '../../../src/json/fields';

describe('which layers of a hybrid model have attention', () => {
  test.each<[string, JsonObject, number, readonly number[]]>([
    ['Bamba, Granite 4', { attn_layer_indices: [9, 18, 27] }, 32, [9, 18, 27]],
    ['Jamba', { attn_layer_period: 8, attn_layer_offset: 4 }, 16, [4, 12]],
    ['Jamba that leaves it to its class', { model_type: 'jamba' }, 16, [4, 12]],
    ['RecurrentGemma: a pattern that repeats', { block_types: ['recurrent', 'recurrent', 'attention'] }, 8, [2, 5]],
    ['Granite 4', { layer_types: ['mamba', 'mamba', 'attention', 'mamba'] }, 4, [2]],
    ['Qwen3-Next, listed', { layer_types: ['linear_attention', 'full_attention'] }, 2, [1]],
    ['Qwen3-Next, by interval', { full_attention_interval: 4 }, 8, [3, 7]],
    ['LFM2', { layer_types: ['conv', 'conv', 'full_attention', 'conv'] }, 4, [2]],
    ['LFM2, older', { full_attn_idxs: [2, 5] }, 6, [2, 5]],
    ['Zamba2', { layers_block_type: ['mamba', 'hybrid', 'mamba'] }, 3, [1]],
    ['Jamba, listed', { layers_block_type: ['mamba', 'attention'] }, 2, [1]],
    ['Nemotron-H', { hybrid_override_pattern: 'M-M*-' }, 5, [3]],
    [
      'Zamba as transformers 5 saves it',
      { layers_block_type: ['linear_attention', 'hybrid'], attn_layer_period: 6 },
      4,
      [1, 3],
    ],
    ['indexed attention, and linear', { layer_types: ['linear_attention', 'indexed_attention', 'moe'] }, 3, [1]],
    ['attention and more in a layer, over a window', { layer_types: ['hybrid_sliding', 'mamba', 'hybrid'] }, 3, [0, 2]],
    ['MiniMax', { attn_type_list: [0, 0, 1, 0] }, 4, [2]],
    ['Kimi-Linear counts from 1', { linear_attn_config: { full_attn_layers: [4, 8] } }, 8, [3, 7]],
    ['StripedHyena', { attn_layer_idxs: [1, 3] }, 5, [1, 3]],
    ['DeciLM', { block_configs: [{ attention: { no_op: true } }, { attention: { no_op: false } }] }, 2, [1]],
  ])('%s', (_family, config, layers, wanted) => {
    expect(attentionPlaces(config, layers)).toEqual(wanted);
  });

  test.each<[string, JsonObject, number]>([
    ['nothing is said', {}, 4],
    ['every layer has it (Gemma)', { layer_types: ['sliding_attention', 'full_attention'] }, 2],
    ['Falcon-H1: attention and Mamba side by side in each', { layer_types: ['hybrid', 'hybrid'] }, 2],
    ['none is left', { layer_types: ['mamba', 'mamba'] }, 2],
    ['the list is absurd', { layer_types: Array.from({ length: 5000 }, () => 'attention') }, 4],
    ['the places are none', { attn_layer_indices: ['a', -1, 1.5, 99] }, 4],
    ['the period is none', { attn_layer_period: 0 }, 4],
  ])('not told apart: %s', (_why, config, layers) => {
    expect(attentionPlaces(config, layers)).toBeUndefined();
  });

  test('a list longer than any configuration’s is refused, as all of them are', () => {
    expect(() => attentionPlaces({ layer_types: Array.from({ length: 1e5 }, () => 'attention') }, 4)).toThrow(
      expect.objectContaining({ code: 'MODEL_CONFIG_INVALID' }),
    );
  });
});

describe('config.json, leniently', () => {
  test('one level down, under the side’s name', () => {
    const config = {
      model_type: 'vision-encoder-decoder',
      is_encoder_decoder: true,
      encoder: { model_type: 'vit', num_hidden_layers: 12, num_attention_heads: 3, hidden_size: 192 },
      decoder: { model_type: 'trocr', decoder_layers: 6, decoder_attention_heads: 8, d_model: 256, vocab_size: 64044 },
    };
    const read = readModelConfig(config);
    expect(read.encoder).toMatchObject({ layers: 12, heads: [3], headDimension: 64 });
    expect(read.decoder).toMatchObject({ layers: 6, heads: [8], headDimension: 32 });
    expect(read.vocabularySize).toBe(64044);
  });

  test('a wrapper’s language model', () => {
    const text = { num_hidden_layers: 28, num_attention_heads: 16, num_key_value_heads: 8, layer_types: [] };
    expect(readModelConfig({ model_type: 'x', text_config: text }).decoder).toMatchObject({
      layers: 28,
      heads: [16],
      kvHeads: 8,
      attention: undefined,
    });
    expect(readModelConfig({ thinker_config: { text_config: text } }).decoder.layers).toBe(28);
  });

  test('the layers are counted where they are listed and their number is not said (Nemotron-H as transformers 5 saves it)', () => {
    const listed = { model_type: 'nemotron_h', layers_block_type: ['linear_attention', 'full_attention', 'mlp'] };
    expect(readModelConfig(listed).decoder).toMatchObject({ layers: 3, attention: [1] });
    expect(readModelConfig({ hybrid_override_pattern: 'M-M*-' }).decoder).toMatchObject({ layers: 5, attention: [3] });
    // What is said goes first: a pattern may repeat.
    expect(readModelConfig({ num_hidden_layers: 6, block_types: ['recurrent', 'attention'] }).decoder).toMatchObject({
      layers: 6,
      attention: [1, 3, 5],
    });
  });

  test('lists of heads, and what is no number', () => {
    expect(readModelConfig({ num_layers: 4, num_query_heads: [12, 12, 16, 16] }).decoder.heads).toEqual([12, 16]);
    expect(readModelConfig({ num_layers: 4, head_ratio: 2, num_heads: 4 }).encoder.heads).toEqual([4, 2]);
    for (const config of [null, [], 'text', { num_hidden_layers: Number.NaN }, { num_hidden_layers: 1e9 }])
      expect(readModelConfig(config).decoder).toMatchObject({ layers: 0, heads: [] });
  });
});
