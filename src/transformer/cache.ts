/**
 * The key/value cache: which input takes back which output. Exporters name them `past_key_values.0.key` and
 * `present.0.key`, `past_0` and `present_0`, `past_key_self_0` and `present_key_self_0` …; what stays when the words
 * for past and present are taken out is the same on both sides, and that is what they are matched by.
 */
import { ExplainError } from '../errors';
import type { ModelSpec } from './spec';
import type { ElementArray, TensorSession, Tensor, TensorSignature } from './tensorSession';
import { say } from '../text/say';

export interface CacheSlot {
  /** The name without the words for past and present, such as `0.decoder.key`. */
  readonly key: string;
  readonly name: string;
  /** Made from the encoder's states: the same at every step. */
  readonly fromEncoder: boolean;
}

export interface PastInput extends CacheSlot {
  readonly signature: TensorSignature;
}

const PAST = /^(?:past_key_values|past_key_value|past|pkv|cache_params)(?![a-z])/i;
const PRESENT = /^(?:present_key_values|present_key_value|present|pkv|cache_params)(?![a-z])/i;
const NOT_CACHE = /(?:sequence_length|seq_len|_length|position)s?$/i;

function slot(name: string, word: RegExp): CacheSlot {
  const key = name
    .replace(word, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '');
  return { key, name, fromEncoder: /encoder|cross/.test(key) };
}

/** True for the name of a cache input. */
export function isPast(name: string): boolean {
  return PAST.test(name) && !NOT_CACHE.test(name);
}

/** True for the name of a cache output. */
export function isPresent(name: string): boolean {
  return PRESENT.test(name) && !NOT_CACHE.test(name);
}

/** The cache inputs of a graph, in its order. */
export function pastInputs(session: Pick<TensorSession, 'inputs'>): readonly PastInput[] {
  return session.inputs
    .filter((input) => isPast(input.name))
    .map((signature) => ({ ...slot(signature.name, PAST), signature }));
}

/** The cache outputs of a graph, in its order. */
export function presentOutputs(session: Pick<TensorSession, 'outputNames'>): readonly CacheSlot[] {
  return session.outputNames.filter(isPresent).map((name) => slot(name, PRESENT));
}

/** The extent of each dimension of a cache that holds nothing yet, and has room for `capacity` positions. */
function emptyDims(signature: TensorSignature, spec: ModelSpec, capacity: number): number[] {
  const dims = signature.dims;
  if (!dims) return [1, spec.kvHeads, capacity, spec.headDimension];
  return dims.map((dim, axis) => {
    if (typeof dim === 'number' && dim >= 0) return dim;
    const name = String(dim).toLowerCase();
    if (name.includes('batch')) return 1;
    if (/seq|length|past|total/.test(name)) return capacity;
    if (name.includes('head') && !name.includes('dim')) return spec.kvHeads;
    if (axis === dims.length - 1) return spec.headDimension;
    // What is left is the batch in front and the sequence behind the heads.
    return axis === 0 ? 1 : capacity;
  });
}

function zeros(type: TensorSignature['type'], length: number): ElementArray {
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float16':
      return new Uint16Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'uint8':
      return new Uint8Array(length);
    default:
      throw new ExplainError('INPUT_UNSUPPORTED', say('transformer.cacheType', { type }));
  }
}

/**
 * A cache input for a first pass: no positions yet (recurrent states of fixed size are zero).
 * @param capacity positions that it has room for, where it is not to grow
 */
export function emptyPast(session: TensorSession, input: PastInput, spec: ModelSpec, capacity = 0): Tensor {
  const dims = emptyDims(input.signature, spec, capacity);
  return session.tensor(
    input.signature.type,
    zeros(
      input.signature.type,
      dims.reduce((a, b) => a * b, 1),
    ),
    dims,
  );
}

/** A tensor that several caches hold: it is freed when the last of them lets it go. */
interface SharedTensor {
  readonly tensor: Tensor;
  holders: number;
}

/** The keys and values kept between steps. Owns its tensors, together with the caches that were forked from it. */
export class KeyValueCache {
  readonly #tensors = new Map<string, SharedTensor>();
  /** Positions that it holds. */
  length = 0;

  get(key: string): Tensor | undefined {
    return this.#tensors.get(key)?.tensor;
  }

  /** Takes a present output over; what it replaces is freed. */
  set(key: string, tensor: Tensor): void {
    const old = this.#tensors.get(key);
    if (old?.tensor === tensor) return;
    if (old) release(old);
    this.#tensors.set(key, { tensor, holders: 1 });
  }

  /** Another cache with the same contents, for another text that begins alike. No tensor is copied: a pass makes new ones. */
  fork(): KeyValueCache {
    const other = new KeyValueCache();
    for (const [key, shared] of this.#tensors) {
      shared.holders++;
      other.#tensors.set(key, shared);
    }
    other.length = this.length;
    return other;
  }

  clear(): void {
    for (const shared of this.#tensors.values()) release(shared);
    this.#tensors.clear();
    this.length = 0;
  }
}

function release(shared: SharedTensor): void {
  shared.holders--;
  if (shared.holders === 0) shared.tensor.dispose();
}
