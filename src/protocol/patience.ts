/**
 * How long one side of a channel waits for the other. A worker that computes without an end answers nothing and hears
 * nothing, a cancel among it; so each wait on it has a limit, and what happens at the limit is the waiting side's choice.
 */

/** One thing that is waited for. */
export interface WaitOptions {
  /** Milliseconds of silence that it may take; Infinity where only a cancel ends it. */
  readonly limit: number;
  /** Milliseconds of silence that it may take once `signal` is aborted. */
  readonly afterCancel?: number;
  readonly signal?: AbortSignal | undefined;
  /** True for what is answered between other things: its silence counts only while nothing else is waited for. */
  readonly background?: boolean;
  /** True for what has its limits whatever the other side says that it is about to do. */
  readonly strict?: boolean;
  /** Called once when the limit is reached; it is no longer waited for then. */
  readonly onLimit: (reached: { readonly cancelled: boolean }) => void;
}

interface Wait {
  readonly options: WaitOptions;
  /** Milliseconds since something was heard. */
  silence: number;
  /** Milliseconds since the cancel, whatever was heard. */
  sinceCancel: number;
}

const TICK_MILLISECONDS = 100;
/** One tick counts no more than this: the clock stands still while the machine sleeps or this thread is kept from running. */
const LONGEST_TICK = 1000;
/** After a cancel, news does not prolong the wait beyond so many times its limit. */
const NEWS_AFTER_CANCEL = 5;

/** Waits with limits, over one clock that runs only while there is something to wait for. */
export class Patience {
  readonly #waits = new Set<Wait>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #before = 0;
  /** Milliseconds for which the other side may yet be deaf. */
  #deaf = 0;

  /** Begins to wait; the returned function ends it. */
  wait(options: WaitOptions): () => void {
    const wait: Wait = { options, silence: 0, sinceCancel: 0 };
    const onAbort = (): void => {
      wait.silence = 0;
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#waits.add(wait);
    if (this.#timer === undefined) {
      this.#before = performance.now();
      this.#timer = setInterval(() => this.#tick(), TICK_MILLISECONDS);
    }
    return () => {
      options.signal?.removeEventListener('abort', onAbort);
      this.#waits.delete(wait);
      if (this.#waits.size === 0) this.dispose();
    };
  }

  /** The other side has said something about its work: it is not silent. */
  heard(): void {
    for (const wait of this.#waits) wait.silence = 0;
  }

  /**
   * The other side does something in which it hears nothing, a cancel neither: its silence does not count for so long, or until it is
   * 0 again. A cancel that comes meanwhile is heard, and has its limit, after that.
   */
  deaf(milliseconds: number): void {
    this.#deaf = milliseconds;
    this.heard();
  }

  /** Waits for nothing any more. */
  dispose(): void {
    this.#waits.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = performance.now();
    const passed = Math.min(LONGEST_TICK, now - this.#before);
    this.#before = now;
    const isDeaf = this.#deaf > 0;
    this.#deaf -= passed;
    const busy = [...this.#waits].some(({ options }) => options.background !== true);
    for (const wait of [...this.#waits]) {
      const { limit, afterCancel = limit, background, strict, signal, onLimit } = wait.options;
      if ((background === true && busy) || (isDeaf && strict !== true)) continue;
      const cancelled = signal?.aborted === true;
      wait.silence += passed;
      if (cancelled) wait.sinceCancel += passed;
      const most = cancelled ? Math.min(limit, afterCancel) : limit;
      if (wait.silence < most && wait.sinceCancel < NEWS_AFTER_CANCEL * most) continue;
      this.#waits.delete(wait);
      onLimit({ cancelled });
    }
    if (this.#waits.size === 0) this.dispose();
  }
}
