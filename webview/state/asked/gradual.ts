/** A long question whose answer comes piece by piece: one at a time, and what is known when it is stopped stays. */

export interface Gradual<Answer> {
  /** Asks; a question that still runs is stopped first. */
  start(ask: (signal: AbortSignal) => Promise<Answer>): Promise<void>;
  stop(): void;
}

/** @param told called with whether a question runs, and with the answer where that has changed: null at the beginning, whole at the end */
export function createGradual<Answer>(told: (runs: boolean, answer?: Answer | null) => void): Gradual<Answer> {
  let running: AbortController | null = null;
  return {
    async start(ask) {
      running?.abort();
      const own = new AbortController();
      running = own;
      told(true, null);
      try {
        const answer = await ask(own.signal);
        if (!own.signal.aborted) told(true, answer);
      } finally {
        if (running === own) told(false);
      }
    },
    stop: () => running?.abort(),
  };
}
