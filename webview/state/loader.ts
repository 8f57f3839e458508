/** Asking for data that may be out of date before it comes: one question at a time, the newest wins. */
import { isAbort } from '../../src/errors';

export interface Loader<Request> {
  /** Asks for `request` unless it is what runs or was answered last. `key` names it. */
  request(key: string, request: Request, delay?: number): void;
  /** Stops what runs; the next request is asked whatever its key. */
  cancel(): void;
}

/**
 * @param supersede decides whether a newer request aborts the running one (the user looks elsewhere) or waits for it
 *   (the same thing has grown: answers must not starve while tokens stream in).
 */
export function createLoader<Request, Answer>(
  ask: (request: Request, signal: AbortSignal) => Promise<Answer>,
  answered: (answer: Answer, request: Request, key: string) => void,
  failed: (reason: unknown) => void,
  supersede: (running: Request, next: Request) => boolean = () => true,
): Loader<Request> {
  let running: { readonly key: string; readonly request: Request; readonly controller: AbortController } | undefined;
  let waiting: { readonly key: string; readonly request: Request } | undefined;
  let lastKey: string | undefined;
  let timer: number | undefined;

  const start = async (key: string, request: Request): Promise<void> => {
    const controller = new AbortController();
    const mine = { key, request, controller };
    running = mine;
    lastKey = key;
    try {
      const answer = await ask(request, controller.signal);
      if (!controller.signal.aborted) answered(answer, request, key);
    } catch (reason) {
      if (!controller.signal.aborted) {
        lastKey = undefined;
        if (!isAbort(reason)) failed(reason);
      }
    } finally {
      if (running === mine) {
        running = undefined;
        const next = waiting;
        waiting = undefined;
        if (next) void start(next.key, next.request);
      }
    }
  };

  const submit = (key: string, request: Request): void => {
    if (key === lastKey) {
      waiting = undefined;
      return;
    }
    if (running) {
      if (!supersede(running.request, request)) {
        waiting = { key, request };
        return;
      }
      running.controller.abort();
    }
    void start(key, request);
  };

  return {
    request(key, request, delay = 0) {
      clearTimeout(timer);
      if (delay === 0) submit(key, request);
      else timer = window.setTimeout(() => submit(key, request), delay);
    },
    cancel() {
      clearTimeout(timer);
      running?.controller.abort();
      waiting = undefined;
      lastKey = undefined;
    },
  };
}

/** Remembers the newest answers within a number of bytes. */
export class ByteCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value, bytes: number): void {
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, bytes });
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#limit || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
