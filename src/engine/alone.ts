/** Work of which only one piece runs at a time: what comes tells what runs to stop, and waits for it. */
import { nextTask } from './macrotask';

interface Job {
  readonly controller: AbortController;
  readonly done: Promise<unknown>;
}

/**
 * Runs a task alone. One that was aborted before it began throws an AbortError, unless it has an answer for that ('runs').
 */
export type Alone = <T>(
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
  aborted?: 'throws' | 'runs',
) => Promise<T>;

export function oneAtATime(): Alone {
  let job: Job | undefined;
  return async (signal, task, aborted = 'throws') => {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const before = job;
    before?.controller.abort();
    const ready = async (): Promise<AbortSignal> => {
      await before?.done.catch(() => undefined);
      // Messages that wait, an abort among them, are heard before the worker is busy again.
      await nextTask();
      if (aborted === 'throws') controller.signal.throwIfAborted();
      return controller.signal;
    };
    const done = ready().then(task);
    job = { controller, done };
    try {
      return await done;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };
}
