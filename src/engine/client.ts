/** The extension host's side of the engine: starts the worker from its script's text and speaks to it. */
import { ExplainError } from '../errors';
import type { EngineApi, EngineEvents } from '../protocol/engine';
import { createClient, type Channel, type Client } from '../protocol/rpc';

export interface EngineProcess {
  readonly client: Client<EngineApi, EngineEvents>;
  /** Called once when the worker dies by itself; what was pending is rejected with the same error. */
  onDeath(listener: (error: ExplainError) => void): void;
  /** Ends the worker and gives all its memory back; what is pending is rejected with `reason`. */
  terminate(reason?: ExplainError): void;
}

/** Files may be moved to the worker instead of copied: the host reads them for it alone. */
function transferOf(method: string, request: unknown): ArrayBuffer[] {
  if (typeof request !== 'object' || request === null) return [];
  const views: unknown[] = [];
  if (method === 'start' && 'wasmGzip' in request) views.push(request.wasmGzip);
  if (method === 'load' && 'files' in request && typeof request.files === 'object' && request.files !== null)
    views.push(...(Object.values(request.files) as unknown[]));
  const buffers = new Set<ArrayBuffer>();
  for (const view of views) {
    // A view of a part of a buffer is copied: the rest may be somebody else's.
    if (view instanceof Uint8Array && view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength)
      buffers.add(view.buffer);
  }
  return [...buffers];
}

/**
 * Starts an engine worker.
 * @param scriptText the bundled engine.js
 * @throws ExplainError ENGINE_LOST where no worker can be started
 */
export function spawnEngine(scriptText: string): EngineProcess {
  const url = URL.createObjectURL(new Blob([scriptText], { type: 'text/javascript' }));
  let worker: Worker;
  try {
    worker = new Worker(url, { name: 'explain-attention-engine' });
  } catch (cause) {
    URL.revokeObjectURL(url);
    throw new ExplainError(
      'ENGINE_LOST',
      'The engine’s worker could not be started here; reload the window, or use VS Code on the desktop.',
      { cause },
    );
  }
  const channel: Channel = {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    listen(listener) {
      const onMessage = (event: MessageEvent<unknown>): void => {
        // The worker speaks only once its script has been read.
        URL.revokeObjectURL(url);
        listener(event.data);
      };
      worker.addEventListener('message', onMessage);
      return () => worker.removeEventListener('message', onMessage);
    },
  };
  const client = createClient<EngineApi, EngineEvents>(channel, transferOf);
  const listeners = new Set<(error: ExplainError) => void>();
  const ended = new AbortController();
  let dead = false;

  const end = (reason?: ExplainError): boolean => {
    if (dead) return false;
    dead = true;
    URL.revokeObjectURL(url);
    ended.abort();
    worker.terminate();
    client.dispose(reason);
    return true;
  };
  const die = (detail: string): void => {
    const error = new ExplainError(
      'ENGINE_LOST',
      'The engine stopped unexpectedly; run Explain Attention again to restart it.',
      { detail },
    );
    if (end(error)) for (const listener of listeners) listener(error);
  };
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    die(event.message || 'The worker reported an error without a message.');
  });
  worker.addEventListener('messageerror', () => die('A message from the worker could not be read.'));

  // A worker that is killed says nothing; but the lock that it holds while it lives is then free.
  client.on('alive', ({ lock }) => {
    navigator.locks
      .request(lock, { signal: ended.signal }, () => die('The worker has ended without a word.'))
      .catch(() => undefined);
  });

  return {
    client,
    onDeath: (listener) => void listeners.add(listener),
    terminate: (reason) => void end(reason),
  };
}
