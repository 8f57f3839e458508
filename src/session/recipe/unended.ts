/**
 * Runs that were begun and never came to an end: the window was closed or crashed, or the worker hung. What is
 * restored by itself after that could do the same again, so the user is asked first.
 */
import * as v from 'valibot';
import type { StoragePort } from '../ports';

const KEY = 'explainAttention.unended';
/** Oldest first; more are of no use. */
const MOST = 20;
/** A run of the user's that never ended is not restored unasked; a restore may be interrupted once (by a second reload). */
const WEIGHT = { user: 2, restore: 1 } as const;
const SUSPICIOUS = 2;

const runs = v.array(v.object({ modelId: v.string(), hash: v.string(), weight: v.number() }));
type Run = v.InferOutput<typeof runs>[number];

/** What names a run: the model, and the hash of the text. Never the text. */
export interface RunName {
  readonly modelId: string;
  readonly hash: string;
}

export class UnendedRuns {
  readonly #storage: StoragePort;

  constructor(storage: StoragePort) {
    this.#storage = storage;
  }

  /**
   * Notes a run for as long as it lasts: it ends well, with an error, or because it was stopped. The note is on its way before
   * the run begins and not waited for, as that takes a quarter of a second in a window that is busy with a first use.
   */
  async note<Result>({ modelId, hash }: RunName, by: keyof typeof WEIGHT, run: () => Promise<Result>): Promise<Result> {
    const name = { modelId, hash };
    const weight = (this.#find(name)?.weight ?? 0) + WEIGHT[by];
    const noted = this.#keep([...this.#others(name), { ...name, weight }].slice(-MOST));
    try {
      return await run();
    } finally {
      await noted;
      await this.#keep(this.#others(name));
    }
  }

  /** True where this run has begun and never ended. */
  has(name: RunName): boolean {
    return (this.#find(name)?.weight ?? 0) >= SUSPICIOUS;
  }

  /** A storage that cannot be written must not keep a text from being explained. */
  async #keep(kept: readonly Run[]): Promise<void> {
    try {
      await this.#storage.set(KEY, kept);
    } catch {
      // Then a run that never ends is restored once more.
    }
  }

  #all(): readonly Run[] {
    const kept = v.safeParse(runs, this.#storage.get(KEY));
    return kept.success ? kept.output : [];
  }

  #find({ modelId, hash }: RunName): Run | undefined {
    return this.#all().find((run) => run.modelId === modelId && run.hash === hash);
  }

  #others(name: RunName): readonly Run[] {
    const found = this.#find(name);
    return this.#all().filter(({ modelId, hash }) => modelId !== found?.modelId || hash !== found.hash);
  }
}
