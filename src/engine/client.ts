/** The extension host's side of the engine: starts the worker from its script's text and speaks to it. */
import { ExplainError } from '../errors';
import { ENGINE_ANSWERS } from '../protocol/answers/engineAnswers';
import { arrivalsOf } from '../protocol/arrivals';
import type { EngineApi, EngineEvents, LoadRequest } from '../protocol/engine';
import { ENGINE_EVENTS } from '../protocol/events/engineEvents';
import { Patience } from '../protocol/patience';
import { createClient, type Channel, type Client } from '../protocol/rpc';
import { untilAborted } from '../protocol/untilAborted';
import { say } from '../text/say';

export interface EngineProcess {
  readonly client: Client<EngineApi, EngineEvents>;
  /**
   * Calls `listener` once when the worker ends without `terminate`: it died, or a wait on it came to its limit. What
   * was pending is rejected with the same error. One that has ended already is told of at once.
   */
  onDeath(listener: (error: ExplainError) => void): void;
  /** Ends the worker and gives all its memory back; what is pending is rejected with `reason`. */
  terminate(reason?: ExplainError): void;
}

const ARRIVALS = arrivalsOf(ENGINE_ANSWERS, ENGINE_EVENTS);

/** Methods whose requests may bring the model's files once more, to make sessions beside the plain ones. */
const MAKES_SESSIONS: readonly string[] = [
  'probeText',
  'measure',
  'headsOff',
  'headCosts',
  'leaveOut',
  'inputWithout',
  'lens',
  'attribution',
  'lesson',
];

/** Files may be moved to the worker instead of copied: the host reads them for it alone. */
function transferOf(method: string, request: unknown): ArrayBuffer[] {
  if (typeof request !== 'object' || request === null) return [];
  const views: unknown[] = [];
  if (method === 'compile' && 'wasmGzip' in request) views.push(request.wasmGzip);
  if (method === 'file' && 'bytes' in request) views.push(request.bytes);
  if (
    (method === 'load' || MAKES_SESSIONS.includes(method)) &&
    'files' in request &&
    typeof request.files === 'object' &&
    request.files !== null
  )
    views.push(...(Object.values(request.files) as unknown[]));
  const buffers = new Set<ArrayBuffer>();
  for (const view of views) {
    // A view of a part of a buffer is copied: the rest may be somebody else's.
    if (view instanceof Uint8Array && view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength)
      buffers.add(view.buffer);
  }
  return [...buffers];
}

/** How long the worker may be silent, in milliseconds, before it is ended. */
export interface EngineLimits {
  /** From its start to its first word. */
  readonly birth: number;
  /** Finding the provider, and starting the runtime. */
  readonly start: number;
  /** Loading a model, between two reports of progress: `load` and `loadPerMegabyte` for each 1e6 bytes of its files. */
  readonly load: number;
  readonly loadPerMegabyte: number;
  /** After what runs was cancelled. */
  readonly cancel: number;
  /** Answering what needs no model, while nothing else runs. */
  readonly answer: number;
}

export const ENGINE_LIMITS: EngineLimits = {
  birth: 20_000,
  start: 60_000,
  load: 60_000,
  loadPerMegabyte: 500,
  cancel: 2_000,
  answer: 60_000,
};

/** What a wait on a method looks like: how long, what to say at its end, and whether it is answered between other things. */
interface Expectation {
  readonly limit: number;
  readonly sentence: string;
  readonly background?: boolean;
  /** Nothing is lost with the worker while a model is loaded: a cancel need not wait until its sessions are made. */
  readonly strict?: boolean;
}

/** How long making sessions of so many bytes may take. */
const makingLimit = ({ load, loadPerMegabyte }: EngineLimits, bytes: number): number =>
  load + (loadPerMegabyte * bytes) / 1e6;

/** What may be expected of each method. Only cancelling ends what computes on a text: how long that takes is the user's choice. */
function expectationOf(method: keyof EngineApi, request: unknown, limits: EngineLimits): Expectation {
  const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000);
  switch (method) {
    case 'findProvider':
    case 'compile':
    case 'start':
      return { limit: limits.start, sentence: say('engine.startTooLong', { seconds: seconds(limits.start) }) };
    case 'load': {
      const { name, files, coming = {} } = request as LoadRequest;
      const sizes = [...Object.values(files).map(({ byteLength }) => byteLength), ...Object.values(coming)];
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      const limit = makingLimit(limits, bytes);
      const gaps = { name: `“${name}”`, seconds: seconds(limit), megabytes: Math.max(1, Math.round(bytes / 1e6)) };
      return { limit, sentence: say('engine.loadTooLong', gaps), strict: true };
    }
    case 'explain':
    case 'generate':
    case 'branch':
    case 'force':
    case 'openBeam':
    case 'probeText':
    case 'measureHeads':
      return { limit: Infinity, sentence: '' };
    // While sessions are made no cancel is heard, so there is no limit after one: only the caller stops waiting.
    case 'measure':
    case 'headsOff':
    case 'headCosts':
    case 'lesson':
    case 'leaveOut':
    case 'inputWithout':
    case 'lens':
    case 'attribution':
    case 'gated':
      return { limit: Infinity, sentence: '', background: true };
    case 'use':
      return { limit: limits.answer, sentence: say('engine.silent', { seconds: seconds(limits.answer) }) };
    case 'head':
    case 'tokenWeights':
    case 'atlas':
    case 'roles':
    case 'alignment':
    case 'release':
    case 'file':
      return {
        limit: limits.answer,
        sentence: say('engine.silent', { seconds: seconds(limits.answer) }),
        background: true,
      };
  }
}

/** Starts the worker from its script's text; `forgetAddress` is to be called once the worker has read it. */
function startWorker(scriptText: string): { readonly worker: Worker; readonly forgetAddress: () => void } {
  const url = URL.createObjectURL(new Blob([scriptText], { type: 'text/javascript' }));
  const forgetAddress = (): void => URL.revokeObjectURL(url);
  try {
    return { worker: new Worker(url, { name: 'explain-attention-engine' }), forgetAddress };
  } catch (cause) {
    forgetAddress();
    throw new ExplainError('ENGINE_LOST', say('engine.noWorker'), { cause });
  }
}

function channelOf(worker: Worker): Channel {
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    listen(listener) {
      const onMessage = (event: MessageEvent<unknown>): void => listener(event.data);
      worker.addEventListener('message', onMessage);
      return () => worker.removeEventListener('message', onMessage);
    },
  };
}

/**
 * Starts an engine worker. No wait on it is without an end: it is ended when it does not say a first word, when
 * starting or loading takes too long, and when it does not react to a cancel.
 * @param scriptText the bundled engine.js
 * @throws ExplainError ENGINE_LOST where no worker can be started
 */
export function spawnEngine(scriptText: string, limits: EngineLimits = ENGINE_LIMITS): EngineProcess {
  const { worker, forgetAddress } = startWorker(scriptText);
  const client = createClient<EngineApi, EngineEvents>(channelOf(worker), ARRIVALS, transferOf);
  const patience = new Patience();
  const listeners = new Set<(error: ExplainError) => void>();
  const ended = new AbortController();
  let death: ExplainError | undefined;

  const end = (reason?: ExplainError): boolean => {
    if (ended.signal.aborted) return false;
    ended.abort();
    forgetAddress();
    patience.dispose();
    worker.terminate();
    client.dispose(reason);
    return true;
  };
  const die = (error: ExplainError): void => {
    if (!end(error)) return;
    death = error;
    for (const listener of listeners) listener(error);
  };
  const lost = (detail: string): void => die(new ExplainError('ENGINE_LOST', say('engine.lost'), { detail }));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    lost(event.message || say('engine.workerError'));
  });
  worker.addEventListener('messageerror', () => lost(say('engine.workerUnreadable')));

  // A worker that dies before its first word says nothing at all.
  const born = patience.wait({
    limit: limits.birth,
    onLimit: () =>
      die(new ExplainError('ENGINE_LOST', say('engine.neverBorn', { seconds: Math.round(limits.birth / 1000) }))),
  });
  client.on('alive', ({ lock }) => {
    forgetAddress();
    born();
    // One that is killed later says nothing either; but the lock that it holds while it lives is then free.
    if (lock !== null)
      navigator.locks
        .request(lock, { signal: ended.signal }, () => lost(say('engine.workerEnded')))
        .catch(() => undefined);
  });
  for (const event of ['progress', 'step', 'beams', 'measuring', 'costs', 'leftOut'] as const)
    client.on(event, () => patience.heard());
  // It is not stuck, it hears no cancel: ending it would take what was computed with it.
  client.on('making', ({ bytes }) => patience.deaf(bytes > 0 ? makingLimit(limits, bytes) : 0));

  const watched = async (method: keyof EngineApi, request: unknown, signal?: AbortSignal): Promise<unknown> => {
    const { limit, sentence, background = false, strict = false } = expectationOf(method, request, limits);
    const answer: Promise<unknown> = client.api[method](request as never, signal);
    const answered = patience.wait({
      limit,
      // What is answered between other things waits its turn: only its caller stops waiting when it is cancelled.
      ...(background ? {} : { afterCancel: limits.cancel, signal }),
      background,
      strict,
      onLimit: ({ cancelled }) =>
        die(
          cancelled
            ? new ExplainError('EXPLANATION_GONE', say('engine.cancelledStuck'))
            : new ExplainError('ENGINE_STUCK', sentence),
        ),
    });
    void answer.then(answered, answered);
    return background ? untilAborted(answer, signal) : answer;
  };
  const api = new Proxy(client.api, {
    get: (target, method: keyof EngineApi) =>
      // What is no method (`then`, which `await` asks for) is none here either.
      (Reflect.get(target, method) as unknown) === undefined
        ? undefined
        : (request: unknown, signal?: AbortSignal) => watched(method, request, signal),
  });

  return {
    client: { ...client, api },
    onDeath(listener) {
      if (death) listener(death);
      else listeners.add(listener);
    },
    terminate: (reason) => void end(reason),
  };
}
