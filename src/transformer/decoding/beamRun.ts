/** A beam search over a decoder: feeds each text that goes on, with a key/value cache of its own, and asks the search what follows. */
import type { KeyValueCache } from '../cache';
import type { EncoderStates } from '../decoder';
import type { Fed } from '../readInParts';
import type { ModelSpec } from '../spec';
import { BeamSearch, type BeamSettings } from './beamSearch';
import { searchedLogProbabilities, type Choosing } from './choosing';

/** Where a search begins. */
export interface SearchStart {
  /** The text so far. */
  readonly target: readonly number[];
  /** How many of its tokens were there before anything was generated. */
  readonly given: number;
  /** Length of the text at which it ends. */
  readonly limit: number;
  /** [vocabulary] of the token after it. */
  readonly logits: Float32Array;
  /** What was fed so far; whoever has the start frees it. */
  readonly cache: KeyValueCache;
}

/** A text that goes on. */
interface Thread {
  readonly node: number;
  readonly target: readonly number[];
  readonly cache: KeyValueCache;
  /** [vocabulary] after the rules, once its last token was fed. */
  next: Float32Array | undefined;
}

export interface BeamRunOptions {
  readonly spec: Pick<ModelSpec, 'rules' | 'endOfSequence'>;
  readonly decoder: Fed;
  readonly encoder: EncoderStates | undefined;
  readonly start: SearchStart;
  readonly choosing: Choosing & BeamSettings;
}

export class BeamRun {
  readonly search: BeamSearch;
  readonly #options: BeamRunOptions;
  #threads: readonly Thread[];

  constructor(options: BeamRunOptions) {
    const { start, spec, choosing } = options;
    this.#options = options;
    this.search = new BeamSearch(choosing, start.limit - start.target.length, spec.endOfSequence);
    const next = this.#searched(start.target, start.logits);
    this.#threads = [{ node: -1, target: start.target, cache: start.cache.fork(), next }];
  }

  /**
   * Yields after each step, until the search is done, `count` steps are made or `signal` is aborted, which is looked at before each
   * pass. A later call goes on from there.
   */
  async *run(count: number, signal?: AbortSignal): AsyncGenerator<BeamSearch, void, undefined> {
    for (let i = 0; i < count && !this.search.isDone; i++) {
      for (const thread of this.#threads) {
        if (signal?.aborted) return;
        thread.next ??= await this.#fed(thread);
      }
      this.#step();
      yield this.search;
    }
    if (this.search.isDone) this.#leaveThreads();
  }

  /** Frees the caches, that of the start among them. */
  dispose(): void {
    this.#leaveThreads();
    this.#options.start.cache.clear();
  }

  #leaveThreads(): void {
    for (const { cache } of this.#threads) cache.clear();
    this.#threads = [];
  }

  #step(): void {
    const before = this.#threads;
    const { search } = this;
    search.advance(before.flatMap(({ next }) => next ?? []));
    this.#threads = search.running.flatMap((node): Thread[] => {
      const { parent, token } = search.nodes[node] ?? {};
      const from = before.find((thread) => thread.node === parent);
      if (!from || token === undefined) return [];
      return [{ node, target: [...from.target, token], cache: from.cache.fork(), next: undefined }];
    });
    for (const { cache } of before) cache.clear();
  }

  async #fed({ target, cache }: Thread): Promise<Float32Array> {
    const { decoder, encoder } = this.#options;
    const ids = target.slice(cache.length);
    const { logits, positions, vocabulary } = await decoder.feed(ids, cache, encoder, 1, { weights: false });
    return this.#searched(target, logits.subarray((positions - 1) * vocabulary, positions * vocabulary));
  }

  #searched(target: readonly number[], logits: Float32Array): Float32Array {
    const { spec, start, choosing } = this.#options;
    const { given, limit } = start;
    const context = { target, given, endOfSequence: spec.endOfSequence, last: target.length + 1 >= limit };
    return searchedLogProbabilities(logits, spec.rules, context, choosing);
  }
}
