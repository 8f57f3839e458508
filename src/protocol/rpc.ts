/**
 * One RPC for both channels (host and engine worker, host and webview). A service is an interface whose methods
 * take one request and an optional AbortSignal; its client is a Proxy derived from that interface.
 * After microsoft/vscode-js-profile-visualizer's idea of an RPC typed by a single interface.
 */
import { ExplainError, isAbort, isErrorCode, toExplainError, type ErrorValue } from '../errors';
import { say } from '../text/say';

/** Every message on a channel. */
export type Envelope =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly request: unknown }
  | { readonly type: 'ok'; readonly id: number; readonly value: unknown }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly error: ErrorValue | { readonly code: 'ABORTED'; readonly message: string };
    }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'event'; readonly event: string; readonly value: unknown };

/** A way to send and receive envelopes. */
export interface Channel {
  post(message: Envelope, transfer?: readonly ArrayBuffer[]): void;
  /** Calls `listener` with every message until the returned function is called. */
  listen(listener: (message: unknown) => void): () => void;
}

/** A method of a service. */
type Method = (request: never, signal?: AbortSignal) => Promise<unknown>;
export type Service<Api> = { readonly [K in keyof Api]: Method };

/** Checks and narrows a request that comes from a less trusted side; throws an ExplainError `INVALID_REQUEST`. */
export type Checks<Api> = { readonly [K in keyof Api]: (request: unknown) => void };

/** Checks of what comes back, each by its name: they throw where it is not what that method answers, or that event tells. */
export interface Arrivals<Api, Events> {
  readonly answers: { readonly [K in keyof Api]: (answer: unknown) => void };
  readonly events: { readonly [K in keyof Events]: (value: unknown) => void };
}

export interface Client<Api, Events> {
  readonly api: Api;
  on<K extends keyof Events & string>(event: K, listener: (value: Events[K]) => void): () => void;
  /** Calls `listener` in place of an event's listeners where what was told fails its check. A wrong answer rejects its call. */
  onWrong(listener: (error: ExplainError) => void): void;
  /** Rejects what is pending with `reason` (what was cancelled already, as cancelled) and stops listening. */
  dispose(reason?: ExplainError): void;
}

function abortError(message: string): Error {
  const error = new Error(message);
  error.name = 'AbortError';
  return error;
}

function isEnvelope(message: unknown): message is Envelope {
  return typeof message === 'object' && message !== null && 'type' in message && typeof message.type === 'string';
}

/** Collects the ArrayBuffers of a request that may be moved instead of copied. */
export type TransferOf = (method: string, request: unknown) => readonly ArrayBuffer[];

interface Pending {
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
  readonly signal: AbortSignal | undefined;
  readonly detach: () => void;
}

/** Why a value fails the check of this name; undefined where it passes. What there is no check for nobody asked for. */
function failed(
  checks: Readonly<Record<string, (value: unknown) => void>>,
  name: string,
  value: unknown,
): ExplainError | undefined {
  try {
    if (Object.hasOwn(checks, name)) checks[name]?.(value);
    return undefined;
  } catch (thrown) {
    return toExplainError(thrown);
  }
}

/** The calling side of a service. */
export function createClient<Api extends Service<Api>, Events>(
  channel: Channel,
  checks: Arrivals<Api, Events>,
  transferOf: TransferOf = () => [],
): Client<Api, Events> {
  let nextId = 1;
  let wrong: (error: ExplainError) => void = () => undefined;
  let closed: Error | undefined;
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, Set<(value: never) => void>>();

  const settle = (id: number): Pending | undefined => {
    const entry = pending.get(id);
    pending.delete(id);
    entry?.detach();
    return entry;
  };

  const stop = channel.listen((message) => {
    if (!isEnvelope(message)) return;
    switch (message.type) {
      case 'ok': {
        const entry = settle(message.id);
        const error = entry && failed(checks.answers, entry.method, message.value);
        if (error) entry.reject(error);
        else entry?.resolve(message.value);
        break;
      }
      case 'error': {
        const { error } = message;
        const detail = 'detail' in error ? { detail: error.detail } : {};
        settle(message.id)?.reject(
          isErrorCode(error.code) ? new ExplainError(error.code, error.message, detail) : abortError(error.message),
        );
        break;
      }
      case 'event': {
        const error = failed(checks.events, message.event, message.value);
        if (error) wrong(error);
        else for (const listener of listeners.get(message.event) ?? []) listener(message.value as never);
        break;
      }
      case 'call':
      case 'cancel':
        break;
    }
  });

  const call = (method: string, request: unknown, signal?: AbortSignal): Promise<unknown> => {
    if (closed) return Promise.reject(closed);
    if (signal?.aborted) return Promise.reject(abortError('Cancelled.'));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      // The answer decides: an aborted call still waits for the other side to say that it has stopped.
      const onAbort = (): void => channel.post({ type: 'cancel', id });
      signal?.addEventListener('abort', onAbort, { once: true });
      pending.set(id, { method, resolve, reject, signal, detach: () => signal?.removeEventListener('abort', onAbort) });
      channel.post({ type: 'call', id, method, request }, transferOf(method, request));
    });
  };

  const api = new Proxy({} as Api, {
    get: (_target, method) =>
      // A Proxy that answers `then` would be taken for a promise by `await`.
      typeof method === 'string' && method !== 'then'
        ? (request: unknown, signal?: AbortSignal) => call(method, request, signal)
        : undefined,
  });

  return {
    api,
    on(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    onWrong(listener) {
      wrong = listener;
    },
    dispose(reason) {
      if (closed) return;
      closed = reason ?? abortError('Closed.');
      stop();
      for (const id of [...pending.keys()]) {
        const entry = settle(id);
        entry?.reject(entry.signal?.aborted === true ? abortError('Cancelled.') : closed);
      }
    },
  };
}

export interface Server<Events> {
  emit<K extends keyof Events & string>(event: K, value: Events[K]): void;
  /** Aborts what runs and stops listening. */
  dispose(): void;
}

/** The serving side of a service. Unknown methods and requests that fail their check are answered with INVALID_REQUEST. */
export function serve<Api extends Service<Api>, Events>(
  channel: Channel,
  service: Api,
  checks?: Checks<Api>,
  transferOf: (value: unknown) => readonly ArrayBuffer[] = () => [],
): Server<Events> {
  const running = new Map<number, AbortController>();

  const answer = async (id: number, method: string, request: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      if (!Object.hasOwn(service, method))
        throw new ExplainError('INVALID_REQUEST', say('protocol.noSuchMethod', { method }));
      checks?.[method as keyof Api](request);
      const value = await service[method as keyof Api](request as never, controller.signal);
      channel.post({ type: 'ok', id, value }, transferOf(value));
    } catch (thrown) {
      const error = isAbort(thrown)
        ? ({ code: 'ABORTED', message: 'Cancelled.' } as const)
        : toExplainError(thrown).toValue();
      channel.post({ type: 'error', id, error });
    } finally {
      running.delete(id);
    }
  };

  const stop = channel.listen((message) => {
    if (!isEnvelope(message)) return;
    if (message.type === 'call' && typeof message.id === 'number' && typeof message.method === 'string')
      void answer(message.id, message.method, message.request);
    else if (message.type === 'cancel') running.get(message.id)?.abort();
  });

  return {
    emit: (event, value) => channel.post({ type: 'event', event, value }),
    dispose() {
      stop();
      for (const controller of running.values()) controller.abort();
      running.clear();
    },
  };
}
