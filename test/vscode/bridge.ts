import { createServer, type ServerResponse } from 'node:http';
import type * as vscode from 'vscode';
import type { ExplainAttentionApi } from '../../src/extension';
import { decode } from './wire';

type VSCode = typeof vscode;

/** What waits to be run, or for its result. */
interface Job {
  readonly body: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** The test's side of the companion extension: runs functions in the extension host of the newest window. */
export interface Bridge {
  readonly address: string;
  /**
   * Runs `work` inside the extension host with the `vscode` API, the explained extension's exports (undefined until it
   * is active) and `argument`. The function is sent as text: it must not use anything from around it.
   */
  run<Argument, Result>(
    work: (api: VSCode, explain: ExplainAttentionApi | undefined, argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Awaited<Result>>;
  /** The window is about to be reloaded: what is run from now on waits for the next one. */
  leaveWindow(): void;
  stop(): Promise<void>;
}

const HEADERS = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'content-type': 'application/json',
};
const LIMIT_MS = 220_000;
/** The answer to a window that gets no more work. */
const GONE = 410;

export async function startBridge(): Promise<Bridge> {
  const queue: { id: number; job: Job }[] = [];
  const running = new Map<number, Job>();
  let waiting: ServerResponse | undefined;
  /** The window that gets the work, and those that get none any more: a dying one may still ask, and would never answer. */
  let current: string | undefined;
  const left = new Set<string>();
  let nextId = 1;

  const leaveWindow = (): void => {
    if (current !== undefined) left.add(current);
    current = undefined;
    waiting?.writeHead(GONE, HEADERS).end();
    waiting = undefined;
  };

  const pump = (): void => {
    const entry = waiting && queue.shift();
    if (!waiting || !entry) return;
    running.set(entry.id, entry.job);
    waiting.writeHead(200, HEADERS).end(entry.job.body);
    waiting = undefined;
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/next') {
      const window = url.searchParams.get('window') ?? '';
      if (left.has(window)) {
        response.writeHead(GONE, HEADERS).end();
        return;
      }
      if (window !== current) leaveWindow();
      current = window;
      waiting = response;
      response.once('close', () => {
        if (waiting === response) waiting = undefined;
      });
      pump();
      return;
    }
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(204, HEADERS).end();
      const result = JSON.parse(Buffer.concat(parts).toString()) as {
        id: number;
        ok: boolean;
        value: string;
        message: string;
      };
      const job = running.get(result.id);
      running.delete(result.id);
      if (result.ok) job?.resolve(decode(result.value));
      else job?.reject(new Error(`In the extension host: ${result.message}`));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The bridge has no port.');

  return {
    address: `http://127.0.0.1:${address.port}`,
    run: (work, argument) => {
      const id = nextId++;
      const source = work.toString();
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          running.delete(id);
          const waits = queue.findIndex((entry) => entry.id === id);
          if (waits >= 0) queue.splice(waits, 1);
          reject(
            new Error(
              `The extension host ${waits >= 0 ? 'never asked for' : 'did not finish'} this in ${LIMIT_MS / 1000} s: ${source.slice(0, 200)}`,
            ),
          );
        }, LIMIT_MS);
        const job: Job = {
          body: JSON.stringify({ id, source, argument: argument ?? null }),
          resolve: (value) => {
            clearTimeout(timer);
            resolve(value as never);
          },
          reject: (reason) => {
            clearTimeout(timer);
            reject(reason);
          },
        };
        queue.push({ id, job });
        pump();
      });
    },
    leaveWindow,
    stop: () => {
      waiting?.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
