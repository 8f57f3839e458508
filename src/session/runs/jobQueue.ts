/**
 * One thing at a time: the engine has one set of weights in use, and what runs in it must end before the next begins.
 * What the user asks for goes first and stops what runs; what comes by itself (restoring a panel) waits its turn.
 */

/** What an aborted job is told: an AbortError that says who is meant to go on. */
class Stopped extends Error {
  override readonly name = 'AbortError';
  /** True where another panel's job takes its place: not because anybody wanted this one to end. */
  readonly displaced: boolean;

  constructor(displaced: boolean) {
    super('Cancelled.');
    this.displaced = displaced;
  }
}

/** Where and how a job runs. */
export interface JobPlace {
  /** Whose job it is: a new one of the same owner's replaces those before. */
  readonly owner: string;
  /** `now` stops what runs. `in turn` waits for it, and is done again after a job of another owner's has displaced it. */
  readonly manner: 'now' | 'in turn';
}

interface Job extends JobPlace {
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly settle: () => void;
}

export class JobQueue {
  readonly #failed: (thrown: unknown) => void;
  #running: { readonly job: Job; readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  #waiting: readonly Job[] = [];

  /** @param failed is told what a job throws; jobs say themselves what went wrong in them. */
  constructor(failed: (thrown: unknown) => void) {
    this.#failed = failed;
  }

  /** Whose job runs, or is about to. */
  get owner(): string | undefined {
    return this.#running?.job.owner;
  }

  /** Runs a job. Resolves when it has ended, or was dropped for a later one of its owner's. */
  run(place: JobPlace, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return new Promise((settle) => {
      const job: Job = { ...place, run, settle };
      if (place.manner === 'now') {
        this.#drop(place.owner);
        this.#running?.abort.abort(new Stopped(this.#running.job.owner !== place.owner));
        this.#waiting = [job, ...this.#waiting];
      } else this.#waiting = [...this.#waiting, job];
      this.#next();
    });
  }

  /** Ends what an owner (or, without one, anybody) has running and waiting. Resolves when it has ended. */
  async stop(owner?: string): Promise<void> {
    this.#drop(owner);
    const running = this.#running;
    if (!running || (owner !== undefined && running.job.owner !== owner)) return;
    running.abort.abort(new Stopped(false));
    await running.ended;
  }

  #drop(owner?: string): void {
    const dropped = this.#waiting.filter((job) => owner === undefined || job.owner === owner);
    this.#waiting = this.#waiting.filter((job) => !dropped.includes(job));
    for (const job of dropped) job.settle();
  }

  #next(): void {
    const [job, ...rest] = this.#waiting;
    if (this.#running || !job) return;
    this.#waiting = rest;
    const abort = new AbortController();
    this.#running = { job, abort, ended: this.#perform(job, abort) };
  }

  async #perform(job: Job, abort: AbortController): Promise<void> {
    // Nothing runs inside the call that asks for it: who asks sees the same order whatever runs already.
    await Promise.resolve();
    try {
      if (!abort.signal.aborted) await job.run(abort.signal);
    } catch (thrown) {
      this.#failed(thrown);
    }
    this.#running = undefined;
    const { reason } = abort.signal as { readonly reason: unknown };
    const again = job.manner === 'in turn' && reason instanceof Stopped && reason.displaced;
    if (again) this.#waiting = [...this.#waiting, job];
    else job.settle();
    this.#next();
  }
}
