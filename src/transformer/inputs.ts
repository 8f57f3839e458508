/**
 * Inputs made from what the graph declares, never from a list of model names. An input that is not understood is
 * refused by name: a guessed one would give wrong numbers.
 */
import { ExplainError } from '../errors';
import type { GraphRole, InputMeaning, InputMeanings } from '../onnx/types';
import { say } from '../text/say';
import { emptyPast, isPast, pastInputs, type KeyValueCache, type PastInput } from './cache';
import type { ModelSpec } from './spec';
import type { ElementArray, TensorSession, Tensor, TensorSignature } from './tensorSession';

/** What one run is about. */
export interface RunContext {
  /** The token ids of this run, batch 1. */
  readonly ids: readonly number[];
  /** What came before; its `length` is the number of positions already there. */
  readonly cache: KeyValueCache | undefined;
  /** The encoder's last hidden states [1, length, width], for a decoder. */
  readonly encoder: { readonly states: Tensor; readonly length: number } | undefined;
  /** How many last positions' logits are wanted; 0 for all. Only some graphs can be told. */
  readonly logits: number;
  /** The types of the ids where they are a pair of texts (BERT's segments); all 0 where it is left out. */
  readonly types?: readonly number[];
}

type Maker = (context: RunContext) => Tensor;

/** @param sentence says which input it is and why it is refused */
function refuse(session: TensorSession, sentence: string): ExplainError {
  return new ExplainError('INPUT_UNSUPPORTED', sentence, {
    detail: `inputs: ${session.inputs.map((input) => `${input.name} ${input.type} [${input.dims?.join(', ') ?? '?'}]`).join('; ')}`,
  });
}

/** An integer (or numeric mask) tensor in whatever element type the graph declares. */
function numbers(
  session: TensorSession,
  input: TensorSignature,
  length: number,
  value: (index: number) => number,
  dims: readonly number[],
): Tensor {
  let data: ElementArray;
  switch (input.type) {
    case 'int64':
      data = new BigInt64Array(length);
      for (let i = 0; i < length; i++) data[i] = BigInt(value(i));
      break;
    case 'int32':
      data = new Int32Array(length);
      for (let i = 0; i < length; i++) data[i] = value(i);
      break;
    case 'float32':
      data = new Float32Array(length);
      for (let i = 0; i < length; i++) data[i] = value(i);
      break;
    case 'bool':
      data = new Uint8Array(length);
      for (let i = 0; i < length; i++) data[i] = value(i) ? 1 : 0;
      break;
    default:
      throw refuse(session, say('transformer.inputType', { name: input.name, type: input.type }));
  }
  return session.tensor(input.type, data, dims);
}

/**
 * A tensor with one value for each position, in the number of dimensions that the graph declares: [positions], [1, positions], or
 * [sections, 1, positions], where each section (of 3-D rotary positions) gets the same row.
 */
function perPosition(
  session: TensorSession,
  input: TensorSignature,
  count: (context: RunContext) => number,
  value: (index: number, context: RunContext) => number,
): Maker {
  const rank = input.dims?.length ?? 2;
  if (rank < 1 || rank > 3) throw refuse(session, say('transformer.inputRank', { name: input.name, rank }));
  const fixed = input.dims?.[rank - 1];
  const leading = rank === 3 && typeof input.dims?.[0] === 'number' && input.dims[0] > 0 ? input.dims[0] : 1;
  const shape = (length: number): readonly number[] => {
    if (rank === 1) return [length];
    return rank === 2 ? [1, length] : [leading, 1, length];
  };
  return (context) => {
    const length = count(context);
    if (typeof fixed === 'number' && fixed >= 0 && fixed !== length)
      throw refuse(session, say('transformer.inputLength', { name: input.name, fixed, length }));
    return numbers(session, input, length * leading, (i) => value(i % length, context), shape(length));
  };
}

function single(session: TensorSession, input: TensorSignature, value: (context: RunContext) => number): Maker {
  const dims = (input.dims ?? []).map(() => 1);
  return (context) => numbers(session, input, 1, () => value(context), dims);
}

const pastLength = (context: RunContext): number => context.cache?.length ?? 0;

function pastMaker(session: TensorSession, input: PastInput, spec: ModelSpec, capacity = 0): Maker {
  // A first pass always takes the same empty tensor; made once.
  let empty: Tensor | undefined;
  return (context) => {
    const kept = pastLength(context) > 0 ? context.cache?.get(input.key) : undefined;
    return kept ?? (empty ??= emptyPast(session, input, spec, capacity));
  };
}

function makerOf(
  session: TensorSession,
  input: TensorSignature,
  role: GraphRole,
  spec: ModelSpec,
  past: ReadonlyMap<string, PastInput>,
  meaning: InputMeaning,
): Maker {
  const { name } = input;
  const cached = past.get(name);
  if (cached) return pastMaker(session, cached, spec, meaning.capacity);
  if (meaning.open !== undefined) throw refuse(session, meaning.open);
  const seen = meaning.seen ?? 1;
  const first = meaning.first ?? 0;
  const hasPast = past.size > 0;
  const count = (context: RunContext): number => context.ids.length;
  const total = (context: RunContext): number => (hasPast ? pastLength(context) : 0) + context.ids.length;
  const encoder = (context: RunContext): NonNullable<RunContext['encoder']> => {
    if (!context.encoder) throw refuse(session, say('transformer.inputNoEncoder', { name }));
    return context.encoder;
  };
  // One file that holds encoder and decoder, without a cache: what its decoder reads of the encoder are the source's own ids.
  if (isWhole(session)) {
    if (name === 'input_ids') return (context) => encoder(context).states;
    if (name === 'attention_mask')
      return perPosition(
        session,
        input,
        (context) => encoder(context).length,
        () => seen,
      );
  }
  switch (name) {
    case 'input_ids':
    case 'decoder_input_ids':
      // Every index is within ids: the length is theirs.
      return perPosition(session, input, count, (i, context) => context.ids[i] as number);
    case 'attention_mask':
    case 'decoder_attention_mask':
      return perPosition(session, input, total, () => seen);
    case 'encoder_attention_mask':
      return perPosition(
        session,
        input,
        (context) => encoder(context).length,
        () => seen,
      );
    case 'encoder_hidden_states':
    case 'encoder_outputs':
    case 'encoder_last_hidden_state':
      return (context) => encoder(context).states;
    case 'position_ids':
    case 'decoder_position_ids':
    case 'cache_position':
      return perPosition(session, input, count, (i, context) => first + pastLength(context) + i);
    case 'token_type_ids':
      return perPosition(session, input, count, (i, context) => context.types?.[i] ?? 0);
    case 'use_cache_branch':
      return single(session, input, (context) => (pastLength(context) > 0 ? 1 : 0));
    case 'num_logits_to_keep':
    case 'logits_to_keep':
      return single(session, input, (context) => context.logits);
    case 'past_sequence_length':
    case 'past_seq_len':
      return single(session, input, pastLength);
    case 'total_sequence_length':
      return single(session, input, total);
    case 'seqlens_k':
      return single(session, input, (context) => total(context) - 1);
    default:
      throw refuse(
        session,
        isPast(name)
          ? say('transformer.inputNotGivenBack', { name })
          : say('transformer.inputUnknown', { name, type: input.type, role }),
      );
  }
}

/** True for a file that holds encoder and decoder: it takes the tokens of both. */
function isWhole(session: Pick<TensorSession, 'inputs'>): boolean {
  const names = new Set(session.inputs.map((input) => input.name));
  return names.has('input_ids') && names.has('decoder_input_ids');
}

/** Makes the feeds of one graph. All inputs are understood or refused when it is made, before any run. */
export class InputMaker {
  /** True for a file that holds encoder and decoder: `RunContext.ids` are the decoder's, the source's go as the encoder's states. */
  readonly whole: boolean;
  readonly past: readonly PastInput[];
  readonly #session: TensorSession;
  readonly #makers: readonly (readonly [string, Maker])[];

  /**
   * @param meanings what the graph shows of its inputs; what it does not show is taken by name
   * @throws ExplainError INPUT_UNSUPPORTED, naming the input
   */
  constructor(session: TensorSession, role: GraphRole, spec: ModelSpec, meanings: InputMeanings = new Map()) {
    this.#session = session;
    this.past = pastInputs(session);
    this.whole = isWhole(session);
    const [cache] = this.past;
    if (cache && this.whole) throw refuse(session, say('transformer.wholeWithCache', { name: cache.name }));
    const byName = new Map(this.past.map((input) => [input.name, input]));
    this.#makers = session.inputs.map(
      (input) => [input.name, makerOf(session, input, role, spec, byName, meanings.get(input.name) ?? {})] as const,
    );
  }

  /** The ids of a source as a whole file takes them, in place of an encoder's states. */
  sourceIds(ids: readonly number[]): Tensor {
    const input = this.#session.inputs.find(({ name }) => name === 'input_ids');
    if (!input) throw new ExplainError('INTERNAL', say('transformer.noSourceIds'));
    // Every index is within ids: the length is theirs.
    return numbers(this.#session, input, ids.length, (i) => ids[i] as number, [1, ids.length]);
  }

  feeds(context: RunContext): Readonly<Record<string, Tensor>> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, make] of this.#makers) feeds[name] = make(context);
    return feeds;
  }
}
