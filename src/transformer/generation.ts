/** Generation, branching and teacher forcing over a decoder, one step at a time. */
import { ExplainError } from '../errors';
import { KeyValueCache } from './cache';
import type { WeightReceiver } from './capture';
import type { DecoderPass, EncoderStates } from './decoder';
import type { SearchStart } from './decoding/beamRun';
import { choose, searchedLogProbabilities, type Choosing } from './decoding/choosing';
import { readInParts, type Fed, type Kept, type PartReading } from './readInParts';
import { probabilityOf, probabilityRank, topTokens, type TokenProbability } from './probabilities';
import type { ModelSpec } from './spec';
import { say } from '../text/say';

/** A token with the model's own probability and, where there are settings, what they made of it. */
export interface RankedToken extends TokenProbability {
  readonly after?: number;
}

/** One decoder step in ids; the engine adds the texts. */
export interface RawStep {
  /** Index in the target of the token that this step produced. */
  readonly index: number;
  readonly chosen: RankedToken;
  readonly rank: number;
  readonly top: readonly RankedToken[];
  readonly origin: 'greedy' | 'sampled' | 'beam' | 'branch' | 'forced';
  readonly milliseconds: number;
}

export interface GenerationOptions {
  readonly spec: ModelSpec;
  readonly decoder: Fed;
  readonly encoder: EncoderStates | undefined;
  /** The target before the first step: the start token, or the prompt. At least one token. */
  readonly given: readonly number[];
  /** Length of the target in tokens at which a run ends, given ones counted in; a run that begins there may add as many again. */
  readonly limit: number;
  /** Most tokens of the target that the model takes; `limit` where left out. */
  readonly room?: number;
  readonly receiver: WeightReceiver;
  /** What the receiver is to keep of each pass, and what is done between two parts of a long one; see `readInParts`. */
  readonly keep?: Kept;
  readonly pause?: PartReading['pause'];
}

/**
 * What ended the text as it stands: the model's own choice of an end token, the user's choice of one, a forced text,
 * the limit of new tokens, or the model's last position. Null where it simply goes on.
 */
export type TextEnd = 'model' | 'chosen' | 'forced' | 'limit' | 'full' | null;

/** An abort that was asked for is no failure. */
const endedBy =
  (signal: AbortSignal | undefined) =>
  (thrown: unknown): undefined => {
    if (!signal?.aborted) throw thrown;
  };

const row = (pass: Pick<DecoderPass, 'logits' | 'vocabulary'>, position: number): Float32Array =>
  pass.logits.subarray(position * pass.vocabulary, (position + 1) * pass.vocabulary);

function stepOf(
  logits: Float32Array,
  id: number,
  index: number,
  origin: RawStep['origin'],
  milliseconds: number,
  top = topTokens(logits),
): RawStep {
  const place = top.findIndex((token) => token.id === id);
  const listed = top[place];
  return {
    index,
    chosen: listed ?? { id, probability: probabilityOf(logits, id) },
    rank: listed ? place + 1 : probabilityRank(logits, id),
    top,
    origin,
    milliseconds,
  };
}

/** Where a token comes from that the model chose, by whatever settings. */
const MODELS_OWN: ReadonlySet<RawStep['origin']> = new Set(['greedy', 'sampled', 'beam']);

/** A step with what the settings made of its tokens' probabilities. */
function withAfter(step: RawStep, after: (id: number) => number): RawStep {
  const ranked = (token: RankedToken): RankedToken => ({ ...token, after: after(token.id) });
  return { ...step, chosen: ranked(step.chosen), top: step.top.map(ranked) };
}

/**
 * The target sequence as it grows. Row t of the decoder's weights belongs to token t of the target, which was fed and
 * from which token t + 1 was predicted; the last token has not been fed yet.
 */
export class Generation {
  readonly #options: GenerationOptions;
  readonly #target: number[];
  readonly #steps: RawStep[] = [];
  #cache = new KeyValueCache();
  /** Logits of the token after the target, where its last token was fed already (a prompt's first pass). */
  #ahead: Float32Array | undefined;
  /** Where the present run ends; undefined before there was one. */
  #limit: number | undefined;
  /** The step whose end token was put there by the limit's rule (`forced_eos_token_id`), not chosen. */
  #cutAt: RawStep | undefined;
  /** `yes` where the user has branched to an end token; `told` once a run has ended because of it, so that the next one goes on. */
  #endChosen: 'no' | 'yes' | 'told' = 'no';

  constructor(options: GenerationOptions) {
    if (options.given.length === 0) throw new ExplainError('NO_TOKENS', say('transformer.nothingToGoOnFrom'));
    this.#options = options;
    this.#target = [...options.given];
  }

  get target(): readonly number[] {
    return this.#target;
  }

  get steps(): readonly RawStep[] {
    return this.#steps;
  }

  get end(): TextEnd {
    const last = this.#steps[this.#steps.length - 1];
    const isEnd = last !== undefined && this.#options.spec.endOfSequence.includes(last.chosen.id);
    const isModels = last !== undefined && MODELS_OWN.has(last.origin);
    if (isEnd && isModels && last !== this.#cutAt) return 'model';
    if (this.full) return 'full';
    if (isEnd && this.#endChosen !== 'no') return 'chosen';
    if (last?.origin === 'forced') return 'forced';
    return this.#target.length >= (this.#limit ?? this.#options.limit) ? 'limit' : null;
  }

  /** True once the model takes no further token. */
  get full(): boolean {
    return this.#target.length >= (this.#options.room ?? this.#options.limit);
  }

  /** Feeds the prompt, so that its weights are there before anything is generated. */
  async prefill(signal?: AbortSignal): Promise<void> {
    this.#ahead ??= await this.#advance(signal);
  }

  /**
   * Yields a step for each token until the model ends the sequence, the limit is reached, `count` steps are made, or `signal` is
   * aborted (checked before each step). What was generated stays, and a later call goes on from there, except after the model's own
   * end or its last position. The first call after the user has chosen an end token yields nothing, since that was to end the text.
   * @param choosing the user's settings, which take the place of the model's own rules
   */
  async *run(count: number, signal?: AbortSignal, choosing?: Choosing): AsyncGenerator<RawStep, void, undefined> {
    this.#endChosen = this.#endChosen === 'yes' ? 'told' : 'no';
    if (this.#endChosen === 'told') return;
    this.#setLimit(choosing);
    for (let i = 0; i < count && this.#goesOn && !signal?.aborted; i++) {
      const step = await this.#next(choosing, signal);
      if (!step) return;
      yield step;
    }
  }

  /** True where a run may take another step: a forced text, or an end token that was not the model's, does not end it. */
  get #goesOn(): boolean {
    const { end } = this;
    return end === null || end === 'forced';
  }

  /** Where a run ends that begins now: one that begins at the end of the one before may add as many tokens again. */
  #setLimit(choosing: Choosing | undefined): number {
    const { given, limit, room = limit } = this.#options;
    const { length } = this.#target;
    if (this.#limit !== undefined && length < this.#limit) return this.#limit;
    const most = choosing?.maxNewTokens ?? limit - given.length;
    const begins = length < given.length + most ? given.length : length;
    this.#limit = Math.min(room, begins + most);
    return this.#limit;
  }

  /**
   * Where a search begins: at the text as it stands, with a cache of its own. Undefined where `run` would yield nothing, and where it was
   * cancelled while a long text was read again.
   */
  async searchStart(choosing: Choosing, signal?: AbortSignal): Promise<SearchStart | undefined> {
    this.#endChosen = this.#endChosen === 'yes' ? 'told' : 'no';
    if (this.#endChosen === 'told') return undefined;
    const limit = this.#setLimit(choosing);
    if (!this.#goesOn) return undefined;
    this.#ahead ??= await this.#advance(signal).catch(endedBy(signal));
    if (!this.#ahead) return undefined;
    const { length } = this.#options.given;
    return { target: [...this.#target], given: length, limit, logits: this.#ahead, cache: this.#cache.fork() };
  }

  /**
   * Goes back to where a search began, and on with the tokens that it found, as if they were chosen one by one: each pass gives its
   * weights. Yields a step for each, until `signal` is aborted.
   */
  async *follow(
    start: SearchStart,
    ids: readonly number[],
    choosing: Choosing,
    signal?: AbortSignal,
  ): AsyncGenerator<RawStep, void, undefined> {
    const { spec, given, receiver } = this.#options;
    receiver.truncate(start.target.length);
    this.#steps.length = start.target.length - given.length;
    this.#target.length = start.target.length;
    this.#cache.clear();
    this.#cache = start.cache.fork();
    this.#ahead = start.logits;
    for (const id of ids) {
      if (signal?.aborted) return;
      const started = performance.now();
      const logits = this.#ahead ?? (await this.#advance());
      this.#ahead = undefined;
      const index = this.#target.length;
      const last = index + 1 >= start.limit;
      const context = { target: this.#target, given: given.length, endOfSequence: spec.endOfSequence, last };
      const after = searchedLogProbabilities(logits, spec.rules, context, choosing);
      const own = stepOf(logits, id, index, 'beam', performance.now() - started);
      const step = withAfter(own, (token) => Math.exp(after[token] ?? -Infinity));
      if (last && id === spec.rules.forcedLast && step.rank > 1) this.#cutAt = step;
      this.#target.push(id);
      this.#steps.push(step);
      yield step;
    }
  }

  /** Undefined where it was cancelled while a long text was read again; what was generated stays. */
  async #next(choosing: Choosing | undefined, signal: AbortSignal | undefined): Promise<RawStep | undefined> {
    const { spec, given } = this.#options;
    const started = performance.now();
    const logits = this.#ahead ?? (await this.#advance(signal).catch(endedBy(signal)));
    if (!logits) return undefined;
    this.#ahead = undefined;
    const index = this.#target.length;
    const top = topTokens(logits);
    const last = index + 1 >= (this.#limit ?? Infinity);
    const context = { target: this.#target, given: given.length, endOfSequence: spec.endOfSequence, last };
    const { id, after, drawn } = choose(logits, spec.rules, context, choosing, top[0]?.id);
    const own = stepOf(logits, id, index, drawn ? 'sampled' : 'greedy', performance.now() - started, top);
    const step = after ? withAfter(own, (token) => after[token] ?? 0) : own;
    if (last && id === spec.rules.forcedLast && id !== top[0]?.id) this.#cutAt = step;
    this.#target.push(id);
    this.#steps.push(step);
    return step;
  }

  /**
   * Goes back to before step `index` and, unless `token` is -1, goes on with that token instead. Weights of the tokens
   * that stay were computed from the same prefix and are kept; the cache is made anew by the next step.
   */
  async branch(index: number, token: number): Promise<void> {
    const step = this.#steps[index];
    if (!step && token < 0 && index === this.#steps.length) return;
    if (!step) throw new ExplainError('INVALID_REQUEST', say('transformer.noSuchStep'));
    if (token >= 0 && this.#options.spec.vocabularySize > 0 && token >= this.#options.spec.vocabularySize)
      throw new ExplainError('INVALID_REQUEST', say('transformer.notInVocabulary'));
    // Rows are of tokens that were fed: those before the step's own token stay.
    this.#options.receiver.truncate(step.index);
    this.#steps.length = index;
    this.#target.length = step.index;
    this.#cache.clear();
    this.#ahead = undefined;
    this.#endChosen = 'no';
    this.#limit = undefined;
    if (token < 0) return;
    const place = step.top.findIndex((alternative) => alternative.id === token);
    const listed = step.top[place];
    if (listed) this.#steps.push({ ...step, chosen: listed, rank: place + 1, origin: 'branch', milliseconds: 0 });
    else {
      const started = performance.now();
      const logits = await this.#advance();
      this.#steps.push(stepOf(logits, token, step.index, 'branch', performance.now() - started));
    }
    this.#target.push(token);
    if (this.#options.spec.endOfSequence.includes(token)) this.#endChosen = 'yes';
  }

  /** @throws ExplainError NO_TOKENS, SELECTION_TOO_LARGE where `ids` cannot be forced */
  checkForce(ids: readonly number[]): void {
    const { room: most = this.#options.limit, given } = this.#options;
    const room = most - given.length;
    if (ids.length === 0) throw new ExplainError('NO_TOKENS', say('transformer.nothingToForce'));
    if (ids.length > room)
      throw new ExplainError('SELECTION_TOO_LARGE', say('transformer.forcedTooLong', { length: ids.length, room }));
  }

  /**
   * Replaces what was generated by `ids`, teacher-forced: one pass over given tokens and `ids` (Williams and Zipser
   * 1989), which gives every position's prediction.
   */
  async force(ids: readonly number[]): Promise<void> {
    this.checkForce(ids);
    const { given, decoder, encoder, receiver, keep, pause } = this.#options;
    const started = performance.now();
    this.#cache.clear();
    this.#ahead = undefined;
    this.#endChosen = 'no';
    this.#limit = undefined;
    receiver.truncate(given.length);
    const target = [...given, ...ids];
    const pass = await readInParts(decoder, target.slice(0, -1), this.#cache, encoder, {
      wanted: ids.length,
      receiver,
      keep,
      pause,
    });
    const each = (performance.now() - started) / ids.length;
    this.#target.splice(0, Infinity, ...target);
    this.#steps.splice(0, Infinity, ...ids.map((id, i) => stepOf(row(pass, i), id, given.length + i, 'forced', each)));
  }

  /** Frees the cache. */
  dispose(): void {
    this.#cache.clear();
  }

  /** Feeds what was not fed yet and returns the logits after the last token. */
  async #advance(signal?: AbortSignal): Promise<Float32Array> {
    const { decoder, encoder, receiver, keep, pause } = this.#options;
    const pending = this.#target.slice(this.#cache.length);
    // More than one token behind a filled cache happens only after a pass was cut off: begin again.
    if (this.#cache.length > 0 && pending.length !== 1) this.#cache.clear();
    const ids = this.#cache.length === 0 ? this.#target : pending;
    return row(await readInParts(decoder, ids, this.#cache, encoder, { wanted: 1, receiver, keep, pause, signal }), 0);
  }
}
