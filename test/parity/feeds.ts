/** Teacher-forced inputs for one whole pass, made from a graph's own signature: no cache, no padding, batch 1. */
import * as ort from 'onnxruntime-web/webgpu';
import type { InputMeanings, TensorSignature } from '../../src/onnx/types';

export interface Given {
  /** `input_ids` of this graph. */
  readonly ids: readonly number[];
  /** `decoder_input_ids`, where one graph holds encoder and decoder. */
  readonly decoderIds?: readonly number[] | undefined;
  /** The encoder's last hidden states, and how many tokens they are of. */
  readonly encoder?: { readonly states: ort.Tensor; readonly length: number } | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  /** What the graph shows of its inputs; positions may begin behind the padding index. */
  readonly meanings: InputMeanings;
}

export function feed(inputs: readonly TensorSignature[], given: Given): Record<string, ort.Tensor> {
  return Object.fromEntries(inputs.map((input) => [input.name, tensorFor(input, given)]));
}

function tensorFor(input: TensorSignature, given: Given): ort.Tensor {
  const { name } = input;
  const queries = given.ids.length;
  if (/use_cache_branch/.test(name)) return new ort.Tensor('bool', Uint8Array.of(0), [1]);
  if (/logits_to_keep/.test(name)) return integers(input, [0], []);
  if (/past|cache/.test(name) && (input.dims?.length ?? 0) >= 3) return empty(input, given);
  if (/encoder_attention_mask/.test(name) || (name === 'attention_mask' && given.decoderIds)) {
    const length = given.encoder?.length ?? queries;
    return integers(
      input,
      Array.from({ length }, () => 1),
      [1, length],
    );
  }
  if (/encoder_hidden_states|encoder_outputs/.test(name) && given.encoder) return given.encoder.states;
  if (name === 'decoder_input_ids' && given.decoderIds)
    return integers(input, given.decoderIds, [1, given.decoderIds.length]);
  if (/decoder_attention_mask/.test(name) && given.decoderIds)
    return integers(
      input,
      given.decoderIds.map(() => 1),
      [1, given.decoderIds.length],
    );
  if (/input_ids/.test(name)) return integers(input, given.ids, [1, queries]);
  if (/mask/.test(name))
    return integers(
      input,
      given.ids.map(() => 1),
      [1, queries],
    );
  if (/cache_position/.test(name))
    return integers(
      input,
      given.ids.map((_, i) => i),
      [queries],
    );
  if (/position/.test(name))
    return integers(
      input,
      given.ids.map((_, i) => i + (given.meanings.get(name)?.first ?? 0)),
      [1, queries],
    );
  if (/token_type|segment/.test(name))
    return integers(
      input,
      given.ids.map(() => 0),
      [1, queries],
    );
  throw new Error(`no value for the input ${name}`);
}

function integers(input: TensorSignature, values: readonly number[], dims: readonly number[]): ort.Tensor {
  switch (input.type) {
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(values), dims);
    case 'float32':
      return new ort.Tensor('float32', Float32Array.from(values), dims);
    case 'bool':
      return new ort.Tensor('bool', Uint8Array.from(values), dims);
    default:
      return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  }
}

/** Cached keys or values of no tokens: the batch is 1, the head's size is known, every other open dimension is 0. */
function empty(input: TensorSignature, { config }: Given): ort.Tensor {
  const number = (key: string): number => (typeof config[key] === 'number' ? config[key] : 0);
  const head = number('head_dim') || number('hidden_size') / (number('num_attention_heads') || 1);
  const dims = (input.dims ?? []).map((dim, i) => {
    if (typeof dim === 'number') return dim;
    if (/batch/.test(dim) && i === 0) return 1;
    return /head_?(dim|size)|kv_cache_dim/.test(dim) ? head : 0;
  });
  const size = dims.reduce((product, dim) => product * dim, 1);
  return input.type === 'float16'
    ? new ort.Tensor('float16', new Uint16Array(size), dims)
    : new ort.Tensor('float32', new Float32Array(size), dims);
}
