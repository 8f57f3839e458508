/** Asking for data that may be out of date before it comes: one question at a time, and only the newest one waits. */
import { isAbort } from '../../../src/errors';

export interface Loader<Request> {
  /** Asks for `request` unless it is what runs or was answered last. `key` names it. */
  request(key: string, request: Request, delay?: number): void;
  /** Stops what runs and what waits; the next request is asked whatever its key. */
  cancel(): void;
}

interface Question<Request> {
  readonly key: string;
  readonly request: Request;
}

/**
 * One question is wanted, and at most one runs. When a run ends, the question that is wanted by then is asked next. An answer is handed
 * over with the key of its own question, even if another one is wanted by then.
 * @param supersede decides whether a newer request aborts the running one (the user looks elsewhere) or waits for it
 *   (the same thing has grown: answers must not starve while tokens stream in).
 */
export function createLoader<Request, Answer>(
  ask: (request: Request, signal: AbortSignal) => Promise<Answer>,
  answered: (answer: Answer, request: Request, key: string) => void,
  failed: (reason: unknown) => void,
  supersede: (running: Request, next: Request) => boolean = () => true,
): Loader<Request> {
  let wanted: Question<Request> | undefined;
  let running: (Question<Request> & { readonly controller: AbortController }) | undefined;
  /** The wanted question's key once it is answered, so that it is not asked again. */
  let answeredKey: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const run = async (question: Question<Request>): Promise<void> => {
    const controller = new AbortController();
    const mine = { ...question, controller };
    running = mine;
    const { key, request } = question;
    try {
      const answer = await ask(request, controller.signal);
      if (controller.signal.aborted) return;
      if (wanted?.key === key) answeredKey = key;
      answered(answer, request, key);
    } catch (reason) {
      if (controller.signal.aborted) return;
      // The question is dropped: asked again at once it would fail again. A new request may ask it.
      if (wanted?.key === key) wanted = undefined;
      if (!isAbort(reason)) failed(reason);
    } finally {
      if (running === mine) {
        running = undefined;
        next();
      }
    }
  };

  const next = (): void => {
    if (wanted === undefined || wanted.key === answeredKey) return;
    if (running && !running.controller.signal.aborted) {
      if (running.key === wanted.key || !supersede(running.request, wanted.request)) return;
      running.controller.abort();
    }
    void run(wanted);
  };

  return {
    request(key, request, delay = 0) {
      clearTimeout(timer);
      const submit = (): void => {
        if (wanted?.key !== key) {
          wanted = { key, request };
          answeredKey = undefined;
        }
        next();
      };
      if (delay === 0) submit();
      else timer = setTimeout(submit, delay);
    },
    cancel() {
      clearTimeout(timer);
      wanted = undefined;
      answeredKey = undefined;
      running?.controller.abort();
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
