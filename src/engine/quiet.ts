/** Waits for a moment in which nobody asks anything: work that keeps the worker from answering then keeps no picture back. */

/** Nothing was asked for so long, in milliseconds. */
const QUIET_MILLISECONDS = 100;
/** Longer than this nobody is waited for, in milliseconds. */
const MOST_MILLISECONDS = 800;
const LOOK_MILLISECONDS = 10;

export class Quiet {
  #last = -Infinity;
  #needed = -Infinity;

  /** Answers a question. */
  async after<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    try {
      return await answer();
    } finally {
      this.#last = performance.now();
    }
  }

  /** Somebody looks at what is kept back: it is waited for, and keeps back no picture but its own. */
  end(): void {
    this.#needed = performance.now();
  }

  /** Resolves when, from now on, something was asked for and nothing more after it; when nobody asks, or what is kept back is needed. */
  async comes(): Promise<void> {
    const began = performance.now();
    for (;;) {
      const now = performance.now();
      if (now - began > MOST_MILLISECONDS || this.#needed >= began) return;
      if (this.#last >= began && now - this.#last > QUIET_MILLISECONDS) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }
}
