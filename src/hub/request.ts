/** Requests to the hub: a time-out for silence, an abort signal, the token for the hub's own origin only. */
import { ExplainError, isAbort } from '../errors';
import { badResponse, failureOf, offline, stalled } from './errors';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface HubOptions {
  /** Such as `https://huggingface.co`, or a mirror that speaks the same. */
  readonly url: string;
  readonly fetch: Fetch;
  /** An access token, for gated and private models. Sent to the origin of `url` and nowhere else. */
  readonly token?: string | undefined;
  /** Silence after which a request is given up. Default 30,000 ms. */
  readonly stallMilliseconds?: number;
  /** Largest part that a file is stored in. Default 8 MiB. */
  readonly partBytes?: number;
  /** Waits between tries. Default: a timer. */
  readonly wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const STALL_MILLISECONDS = 30_000;
const LARGEST_JSON = 32 * 1024 * 1024;

/** The base without its trailing slash. @throws ExplainError HUB_BAD_RESPONSE for what is not an http(s) address */
export function baseOf(options: HubOptions): URL {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ExplainError(
      'HUB_BAD_RESPONSE',
      `The setting explainAttention.hub.url is not an http or https address; set it to one, such as https://huggingface.co.`,
    );
  }
  url.pathname = url.pathname.replace(/\/+$/u, '');
  url.search = '';
  url.hash = '';
  return url;
}

/** A response whose body is read in pieces; each wait for the next piece may take the stall time. */
export interface Answer {
  readonly response: Response;
  /** The next piece, or null at the end. @throws ExplainError HUB_STALLED, HUB_OFFLINE; AbortError */
  next(): Promise<Uint8Array | null>;
  /** Stops the transfer. */
  close(): void;
}

/**
 * Sends a GET. Redirects are followed by `fetch`, which drops the Authorization header when the origin changes
 * (Fetch Standard, HTTP-redirect fetch, step 13; checked by the tests).
 * @throws ExplainError HUB_OFFLINE, HUB_STALLED, HUB_GATED, HUB_NOT_FOUND, HUB_BAD_RESPONSE; AbortError
 */
export async function get(
  options: HubOptions,
  url: URL,
  what: string,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  signal?.throwIfAborted();
  const { host } = url;
  const silence = options.stallMilliseconds ?? STALL_MILLISECONDS;
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const done = (): void => signal?.removeEventListener('abort', abort);
  const ownOrigin = url.origin === baseOf(options).origin;

  /** Waits for what the network does next, but not for ever. */
  async function watch<T>(action: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silent = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(stalled(host, Math.round(silence / 1000)));
        controller.abort();
      }, silence);
    });
    try {
      return await Promise.race([action, silent]);
    } catch (error) {
      done();
      controller.abort();
      signal?.throwIfAborted();
      if (error instanceof ExplainError) throw error;
      throw offline(host, isAbort(error) ? undefined : error);
    } finally {
      clearTimeout(timer);
      // The loser of the race may still reject; that is not a failure of its own.
      action.catch(() => undefined);
    }
  }

  const authorised =
    options.token !== undefined && options.token !== '' && ownOrigin
      ? { authorization: `Bearer ${options.token}` }
      : {};
  const response = await watch(
    options.fetch(url.href, {
      headers: { ...headers, ...authorised },
      signal: controller.signal,
      redirect: 'follow',
      credentials: 'omit',
      cache: 'no-store',
    }),
  );
  if (!response.ok) {
    done();
    controller.abort();
    throw failureOf(response, what, host);
  }
  const reader = response.body?.getReader();
  return {
    response,
    next: async () => {
      if (reader === undefined) return null;
      const { done: ended, value } = await watch(reader.read());
      if (ended) done();
      return ended ? null : value;
    },
    close: () => {
      done();
      controller.abort();
    },
  };
}

/** A JSON answer of limited size, and its Link header's next page. */
export async function getJson(
  options: HubOptions,
  url: URL,
  what: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly value: unknown; readonly next: URL | null }> {
  const answer = await get(options, url, what, signal, { accept: 'application/json' });
  const decoder = new TextDecoder();
  let text = '';
  for (let piece = await answer.next(); piece !== null; piece = await answer.next()) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > LARGEST_JSON) {
      answer.close();
      throw badResponse(url.host, `more than ${LARGEST_JSON} characters of JSON`);
    }
  }
  try {
    return { value: JSON.parse(text + decoder.decode()) as unknown, next: nextPage(answer.response, url) };
  } catch {
    throw badResponse(url.host, `no JSON at ${url.pathname}`);
  }
}

/** `Link: <…>; rel="next"` (RFC 8288), within the same origin. */
function nextPage(response: Response, url: URL): URL | null {
  const target = /<([^>]+)>\s*;[^,]*\brel="?next"?/u.exec(response.headers.get('link') ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, url.href)) return null;
  const next = new URL(target, url);
  return next.origin === url.origin ? next : null;
}
