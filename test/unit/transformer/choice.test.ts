import { describe, expect, test } from 'vitest';
import { chooseGreedy, type ChoiceContext } from '../../../src/transformer/choice';
import { readModelSpec, type ChoiceRules } from '../../../src/transformer/spec';

const NONE: ChoiceRules = readModelSpec({ is_encoder_decoder: true, decoder_start_token_id: 9 }).rules;
const context = (target: readonly number[], more: Partial<ChoiceContext> = {}): ChoiceContext => ({
  target,
  given: 1,
  endOfSequence: [0],
  last: false,
  ...more,
});
/** Most probable first: 4, 3, 2, 1, 0. */
const LOGITS = Float32Array.of(1, 2, 3, 4, 5);

describe('the greedy choice follows the generation config', () => {
  test.each<[string, Partial<ChoiceRules>, ChoiceContext, number]>([
    ['no rules: the largest logit', {}, context([9]), 4],
    ['suppressed tokens', { suppressed: [4, 3] }, context([9]), 2],
    ['suppressed at the beginning only', { beginSuppressed: [4] }, context([9]), 3],
    ['… and not later', { beginSuppressed: [4] }, context([9, 1]), 4],
    ['a bad sequence about to be completed', { badSequences: [[1, 2, 4]] }, context([9, 1, 2]), 3],
    ['a bad sequence that is not', { badSequences: [[1, 2, 4]] }, context([9, 2, 2]), 4],
    ['a forced first token', { forcedFirst: 1 }, context([9]), 1],
    ['… once', { forcedFirst: 1 }, context([9, 1]), 4],
    ['a forced last token', { forcedLast: 0 }, context([9, 1], { last: true }), 0],
    ['no repeated pair', { noRepeatNgram: 2 }, context([9, 3, 4, 3]), 3],
    ['a penalty on what is there', { repetitionPenalty: 2 }, context([9, 4]), 3],
    ['no end before the least length', { minLength: 4 }, context([9, 1], { endOfSequence: [4] }), 3],
    ['an end after it', { minLength: 2 }, context([9, 1], { endOfSequence: [4] }), 4],
    ['no end before so many new tokens', { minNewTokens: 2 }, context([9, 1], { endOfSequence: [4] }), 3],
  ])('%s', (_what, rules, where, wanted) => {
    const logits = LOGITS.slice();
    expect(chooseGreedy(logits, { ...NONE, ...rules }, where)).toBe(wanted);
    expect(logits).toEqual(LOGITS);
  });
});

describe('readModelSpec', () => {
  test('Marian never generates its padding; T5, which starts with it, is not changed', () => {
    expect(
      readModelSpec({ is_encoder_decoder: true, model_type: 'marian', decoder_start_token_id: 5, pad_token_id: 5 })
        .rules.impossible,
    ).toEqual([5]);
    expect(
      readModelSpec({ is_encoder_decoder: true, model_type: 't5', decoder_start_token_id: 0, pad_token_id: 0 }).rules
        .impossible,
    ).toEqual([]);
  });

  test('generation_config.json goes before config.json; several ends, single and many bad words', () => {
    const spec = readModelSpec(
      { is_encoder_decoder: true, decoder_start_token_id: 2, eos_token_id: 1, max_length: 20, bad_words_ids: [[3]] },
      {
        eos_token_id: [1, 7],
        decoder_start_token_id: 6,
        max_length: 100,
        bad_words_ids: [[4], [5, 6]],
        forced_bos_token_id: 8,
        no_repeat_ngram_size: 3,
        suppress_tokens: null,
      },
    );
    expect(spec).toMatchObject({ decoderStart: 6, endOfSequence: [1, 7], maxNewTokens: 99 });
    expect(spec.rules).toMatchObject({ impossible: [4], badSequences: [[5, 6]], forcedFirst: 8, noRepeatNgram: 3 });
  });

  test.each<[string, unknown, unknown, number | null, readonly number[]]>([
    ['config.json', { eos_token_id: 5 }, undefined, null, [5]],
    ['config.json, several', { eos_token_id: [5, 6] }, undefined, null, [5, 6]],
    ['config.json, as text', { eos_token_id: '5' }, undefined, null, [5]],
    ['generation_config.json, which goes first', { eos_token_id: 5 }, { eos_token_id: [7, 8] }, 9, [7, 8]],
    ['generation_config.json alone', {}, { eos_token_id: 7 }, null, [7]],
    ['one level down: decoder', { decoder: { eos_token_id: 5 } }, undefined, null, [5]],
    ['one level down: text_config', { text_config: { eos_token_id: [5, 6] } }, undefined, null, [5, 6]],
    ['one level down in generation_config.json', {}, { decoder: { eos_token_id: 5 } }, null, [5]],
    ['null at the top does not hide it', { eos_token_id: null, decoder: { eos_token_id: 5 } }, {}, null, [5]],
    ['tokenizer_config.json’s name alone', {}, {}, 9, [9]],
    ['tokenizer_config.json’s name beside config.json', { eos_token_id: 5 }, undefined, 9, [5, 9]],
    ['nowhere', {}, undefined, null, []],
  ])('what ends a sequence: %s', (_where, config, generation, end, wanted) => {
    const named = { endOfSequence: end, endIsStated: true, beginning: null, pad: null };
    expect(readModelSpec(config, generation, 'decoder-only', named).endOfSequence).toEqual(wanted);
  });

  test('a token that is merely called </s> ends a sequence only where nothing else is said', () => {
    const named = { endOfSequence: 9, endIsStated: false, beginning: null, pad: null };
    expect(readModelSpec({}, undefined, 'decoder-only', named).endOfSequence).toEqual([9]);
    expect(readModelSpec({ eos_token_id: 5 }, undefined, 'decoder-only', named).endOfSequence).toEqual([5]);
  });

  test('what starts a decoder: one level down, and the tokenizer’s own names last', () => {
    const named = { endOfSequence: null, endIsStated: false, beginning: 4, pad: 3 };
    const start = (config: unknown): number => readModelSpec(config, undefined, 'encoder-decoder', named).decoderStart;
    expect(start({ decoder: { decoder_start_token_id: 7 }, bos_token_id: 1 })).toBe(7);
    expect(start({ decoder: { bos_token_id: 2 } })).toBe(2);
    expect(start({})).toBe(4);
  });

  test.each([
    [
      { architectures: ['GPT2LMHeadModel'], n_layer: 12, n_head: 12, n_embd: 768, n_positions: 1024 },
      {
        family: 'decoder-only',
        decoderLayers: 12,
        decoderHeads: 12,
        headDimension: 64,
        positions: 1024,
        encoderLayers: 0,
      },
    ],
    [
      {
        architectures: ['Qwen3ForCausalLM'],
        num_hidden_layers: 28,
        num_attention_heads: 16,
        num_key_value_heads: 8,
        head_dim: 128,
        hidden_size: 1024,
        max_position_embeddings: 40960,
      },
      { family: 'decoder-only', kvHeads: 8, headDimension: 128 },
    ],
    [
      {
        architectures: ['RobertaForMaskedLM'],
        num_hidden_layers: 12,
        num_attention_heads: 12,
        hidden_size: 768,
        max_position_embeddings: 514,
      },
      { family: 'encoder-only', encoderLayers: 12, positions: 512, decoderLayers: 0 },
    ],
    [
      { architectures: ['DistilBertForMaskedLM'], n_layers: 6, n_heads: 12, dim: 768 },
      { family: 'encoder-only', encoderLayers: 6, encoderHeads: 12, headDimension: 64 },
    ],
    [
      {
        is_encoder_decoder: true,
        decoder_start_token_id: 0,
        num_layers: 6,
        num_decoder_layers: 4,
        num_heads: 8,
        d_kv: 64,
        d_model: 512,
      },
      { family: 'encoder-decoder', encoderLayers: 6, decoderLayers: 4, decoderHeads: 8, headDimension: 64 },
    ],
  ])('%j', (config, wanted) => {
    expect(readModelSpec(config)).toMatchObject(wanted);
  });

  test.each([[null], [[]], ['config'], [{ is_encoder_decoder: true }]])('%j is refused', (config) => {
    expect(() => readModelSpec(config)).toThrow(expect.objectContaining({ code: 'MODEL_CONFIG_INVALID' }));
  });
});
