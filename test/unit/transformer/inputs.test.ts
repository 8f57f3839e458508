import { describe, expect, test } from 'vitest';
import { KeyValueCache } from '../../../src/transformer/cache';
import { Decoder } from '../../../src/transformer/decoder';
import { PART, readInParts } from '../../../src/transformer/readInParts';
import { InputMaker, type RunContext } from '../../../src/transformer/inputs';
import { readModelSpec } from '../../../src/transformer/spec';
import type { TensorSignature } from '../../../src/transformer/tensorSession';
import { input, PlainTensor, RecordingSession } from './recordingSession';

const SPEC = readModelSpec(
  {
    model_type: 'x',
    num_hidden_layers: 2,
    num_attention_heads: 8,
    num_key_value_heads: 2,
    hidden_size: 64,
    vocab_size: 50,
    eos_token_id: 1,
  },
  undefined,
  'decoder-only',
);
const SEQ2SEQ = readModelSpec({
  is_encoder_decoder: true,
  decoder_start_token_id: 0,
  num_layers: 2,
  num_heads: 4,
  d_model: 16,
  vocab_size: 50,
  eos_token_id: 1,
});

function feeds(
  inputs: readonly TensorSignature[],
  context: Partial<RunContext> = {},
): Readonly<Record<string, { dims: readonly number[]; values: readonly number[]; type: string }>> {
  const session = new RecordingSession(inputs, [], () => new PlainTensor('float32', new Float32Array(0), [0]));
  const maker = new InputMaker(session, 'model', SPEC);
  const made = maker.feeds({ ids: [7, 8, 9], cache: undefined, encoder: undefined, logits: 1, ...context });
  return Object.fromEntries(
    Object.entries(made).map(([name, tensor]) => {
      if (!(tensor instanceof PlainTensor)) throw new Error('foreign tensor');
      return [name, { dims: tensor.dims, values: Array.from(tensor.data, Number), type: tensor.type }];
    }),
  );
}

const filled = (length: number): KeyValueCache => {
  const cache = new KeyValueCache();
  cache.set('0.key', new PlainTensor('float32', new Float32Array(length * 16), [1, 2, length, 8]));
  cache.length = length;
  return cache;
};
const PAST = input('past_key_values.0.key', 'float32', 'batch_size', 2, 'past_sequence_length', 8);

describe('what the graph declares is what it is fed', () => {
  test.each([
    ['ids', input('input_ids', 'int64', 'batch', 'sequence'), [1, 3], [7, 8, 9]],
    ['ids as int32', input('input_ids', 'int32', 'batch', 'sequence'), [1, 3], [7, 8, 9]],
    ['a mask', input('attention_mask', 'int64', 'batch', 'sequence'), [1, 3], [1, 1, 1]],
    ['a mask of another type', input('attention_mask', 'float32', 'batch', 'sequence'), [1, 3], [1, 1, 1]],
    ['positions', input('position_ids', 'int64', 'batch', 'sequence'), [1, 3], [0, 1, 2]],
    [
      'positions of three sections',
      input('position_ids', 'int64', 3, 'batch', 'sequence'),
      [3, 1, 3],
      [0, 1, 2, 0, 1, 2, 0, 1, 2],
    ],
    ['positions without a batch', input('cache_position', 'int64', 'sequence'), [3], [0, 1, 2]],
    ['segments', input('token_type_ids', 'int64', 'batch', 'sequence'), [1, 3], [0, 0, 0]],
    ['the number of logits', input('num_logits_to_keep', 'int64'), [], [1]],
    ['the branch', input('use_cache_branch', 'bool', 1), [1], [0]],
  ] as const)('%s', (_what, declared, dims, values) => {
    expect(feeds([declared])[declared.name]).toEqual({ dims, values, type: declared.type });
  });

  test('with a cache: masks reach back, positions go on', () => {
    const made = feeds(
      [
        PAST,
        input('input_ids', 'int64', 'b', 's'),
        input('attention_mask', 'int64', 'b', 't'),
        input('position_ids', 'int64', 'b', 's'),
        input('use_cache_branch', 'bool', 1),
      ],
      { ids: [9], cache: filled(4) },
    );
    expect(made['attention_mask']?.dims).toEqual([1, 5]);
    expect(made['position_ids']?.values).toEqual([4]);
    expect(made['use_cache_branch']?.values).toEqual([1]);
    expect(made['past_key_values.0.key']?.dims).toEqual([1, 2, 4, 8]);
  });

  test.each([
    ['named', PAST, [1, 2, 0, 8]],
    [
      'with a symbolic head size',
      input('past_key_values.0.key', 'float32', 'batch', 2, 'past_sequence_length', 'kv_cache_dim'),
      [1, 2, 0, 8],
    ],
    [
      'with symbolic heads',
      input('past_key_values.0.key', 'float16', 'batch', 'num_heads', 'past_len', 'head_dim'),
      [1, 2, 0, 8],
    ],
    ['unnamed dimensions', input('past_key_values.0.value', 'float32', '', 2, '', 8), [1, 2, 0, 8]],
    [
      'keys and values together, as old GPT-2 exports',
      input('past_0', 'float32', 2, 'batch', 8, 'past_seq', 8),
      [2, 1, 8, 0, 8],
    ],
    ['a recurrent state of fixed size', input('past_conv.0', 'float32', 'batch', 16, 3), [1, 16, 3]],
    ['nothing said', { name: 'past_key_values.1.key', type: 'float32', dims: null } as const, [1, 2, 0, 8]],
  ] as const)('an empty cache: %s', (_what, declared, dims) => {
    const made = feeds([declared])[declared.name];
    expect([made?.dims, made?.type]).toEqual([dims, declared.type]);
    expect(made?.values.every((value) => value === 0)).toBe(true);
  });
});

describe('what is not understood is refused by name, before any run', () => {
  test.each([
    ['unknown', input('pixel_values', 'float32', 'b', 3, 224, 224), /“pixel_values”/],
    ['embeddings instead of ids', input('inputs_embeds', 'float32', 'b', 's', 64), /“inputs_embeds”/],
    ['a four-dimensional mask', input('attention_mask', 'float32', 'b', 1, 's', 's'), /“attention_mask”.*4 dimensions/],
  ] as const)('%s', (_what, declared, message) => {
    expect(() => feeds([declared])).toThrow(
      expect.objectContaining({ code: 'INPUT_UNSUPPORTED', message: expect.stringMatching(message) as string }),
    );
  });

  test('a fixed length that is not the text’s', () => {
    expect(() => feeds([input('input_ids', 'int64', 1, 128)])).toThrow(/exactly 128/);
  });

  test('a decoder without its encoder', () => {
    expect(() => feeds([input('encoder_hidden_states', 'float32', 'b', 's', 64)])).toThrow(/encoder/);
  });

  test('a cache that nothing gives back', () => {
    const session = new RecordingSession(
      [input('input_ids', 'int64', 'b', 's'), PAST],
      ['logits', 'present.1.key'],
      () => new PlainTensor('float32', new Float32Array(0), [0]),
    );
    expect(() => new Decoder({ session, taps: [] }, 'model', SPEC)).toThrow(
      expect.objectContaining({
        code: 'INPUT_UNSUPPORTED',
        message: expect.stringContaining('past_key_values.0.key') as string,
      }),
    );
  });
});

describe('names of past and present', () => {
  test.each([
    ['past_key_values.0.key', 'present.0.key'],
    ['past_key_values.0.key', 'present_key_values.0.key'],
    ['past_0', 'present_0'],
    ['past_key_self_0', 'present_key_self_0'],
    ['pkv_3', 'pkv_3'],
    ['past_conv.2', 'present_conv.2'],
    ['past.0.decoder.key', 'present.0.decoder.key'],
  ])('%s takes %s back', async (past, present) => {
    const session = new RecordingSession(
      [input('input_ids', 'int64', 'b', 's'), input(past, 'float32', 'batch', 2, 'past_sequence', 8)],
      ['logits', present],
      (name, fed) => {
        const ids = fed['input_ids']?.dims[1] ?? 0;
        const length = (fed[past]?.dims[2] ?? 0) + ids;
        return name === 'logits'
          ? new PlainTensor('float32', new Float32Array(ids * 50), [1, ids, 50])
          : new PlainTensor('float32', new Float32Array(2 * length * 8), [1, 2, length, 8]);
      },
    );
    const decoder = new Decoder({ session, taps: [] }, 'model', SPEC);
    const cache = new KeyValueCache();
    for (const ids of [[1, 2, 3], [4], [5]]) await decoder.feed(ids, cache, undefined, 1);
    expect(session.fed.map((fed) => fed[past]?.dims[2])).toEqual([0, 3, 4]);
    expect(cache.length).toBe(5);
  });
});

test('a long prompt goes in by parts where the file takes them, and the last logits are those of its end', async () => {
  const session = new RecordingSession(
    [input('input_ids', 'int64', 'b', 's'), input('past_0', 'float32', 'batch', 2, 'past_sequence', 8)],
    ['logits', 'present_0'],
    (name, fed) => {
      const ids = fed['input_ids']?.dims[1] ?? 0;
      const past = fed['past_0']?.dims[2] ?? 0;
      const length = past + ids;
      // The logits of a position are its number.
      return name === 'logits'
        ? new PlainTensor(
            'float32',
            Float32Array.from({ length: ids * 50 }, (_, at) => past + Math.floor(at / 50)),
            [1, ids, 50],
          )
        : new PlainTensor('float32', new Float32Array(2 * length * 8), [1, 2, length, 8]);
    },
  );
  const decoder = new Decoder({ session, taps: [] }, 'model', SPEC);
  const receiver = { append: () => undefined, takeKeys: () => undefined, truncate: () => undefined };
  const ids = Array.from({ length: 600 }, () => 1);
  const read = async (wanted: number): Promise<readonly (number | undefined)[]> => {
    const cache = new KeyValueCache();
    const { logits, positions } = await readInParts(decoder, ids, cache, undefined, { wanted, receiver });
    cache.clear();
    return Array.from({ length: positions }, (_, at) => logits[at * 50]);
  };
  expect(await read(1)).toEqual([599]);
  expect(session.fed).toHaveLength(1);
  decoder.takesParts = true;
  session.fed.length = 0;
  expect(await read(1)).toEqual([599]);
  expect(session.fed.map((fed) => fed['past_0']?.dims[2])).toEqual(
    Array.from({ length: 10 }, (_, at) => at * PART.weights),
  );
  expect(await read(30)).toEqual(Array.from({ length: 30 }, (_, at) => 570 + at));
});

test('a pair of decoder and decoder_with_past: the encoder’s keys and values of the first pass are kept', async () => {
  const answer = (name: string, fed: Readonly<Record<string, { dims: readonly number[] }>>): PlainTensor => {
    const ids = fed['input_ids']?.dims[1] ?? 0;
    if (name === 'logits') return new PlainTensor('float32', new Float32Array(ids * 50), [1, ids, 50]);
    const length = name.includes('encoder') ? 6 : (fed['past_key_values.0.decoder.key']?.dims[2] ?? 0) + ids;
    return new PlainTensor('float32', new Float32Array(4 * length * 4), [1, 4, length, 4]);
  };
  const first = new RecordingSession(
    [
      input('input_ids', 'int64', 'b', 's'),
      input('encoder_hidden_states', 'float32', 'b', 'e', 16),
      input('encoder_attention_mask', 'int64', 'b', 'e'),
    ],
    ['logits', 'present.0.decoder.key', 'present.0.encoder.key'],
    answer,
  );
  const step = new RecordingSession(
    [
      input('input_ids', 'int64', 'b', 's'),
      input('encoder_attention_mask', 'int64', 'b', 'e'),
      input('past_key_values.0.decoder.key', 'float32', 'b', 4, 'p', 4),
      input('past_key_values.0.encoder.key', 'float32', 'b', 4, 'e', 4),
    ],
    ['logits', 'present.0.decoder.key'],
    answer,
  );
  const decoder = new Decoder({ session: first, taps: [] }, 'decoder', SEQ2SEQ, { session: step, taps: [] });
  const encoder = { states: new PlainTensor('float32', new Float32Array(6 * 16), [1, 6, 16]), length: 6 };
  const cache = new KeyValueCache();
  for (const ids of [[0], [5], [6], [7]]) await decoder.feed(ids, cache, encoder, 1);
  expect(first.fed.length).toBe(1);
  expect(step.fed.map((fed) => fed['past_key_values.0.decoder.key']?.dims[2])).toEqual([1, 2, 3]);
  expect(step.fed.map((fed) => fed['past_key_values.0.encoder.key']?.dims[2])).toEqual([6, 6, 6]);
  expect(step.fed[0]?.['encoder_attention_mask']?.dims).toEqual([1, 6]);
});
