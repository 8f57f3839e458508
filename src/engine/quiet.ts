/** Waits for a moment in which nobody asks anything: work that keeps the worker from answering then keeps no picture back. */

/** Nothing was asked for so long, in milliseconds; no longer, as who looks at cross-attention waits for what is kept back. */
const QUIET_MILLISECONDS = 100;
/** Longer than this nobody is waited for, in milliseconds. */
const MOST_MILLISECONDS = 800;
const LOOK_MILLISECONDS = 10;

export class Quiet {
  #last = -Infinity;

  /** Answers a question. */
  async after<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    try {
      return await answer();
    } finally {
      this.#last = performance.now();
    }
  }

  /** Resolves when, from now on, something was asked for and nothing more after it; or when nobody asks. */
  async comes(): Promise<void> {
    const began = performance.now();
    for (;;) {
      const now = performance.now();
      if (now - began > MOST_MILLISECONDS) return;
      if (this.#last >= began && now - this.#last > QUIET_MILLISECONDS) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }
}
