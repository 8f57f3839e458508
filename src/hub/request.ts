/** Requests to the hub: a time-out for silence, an abort signal, the token for the hub's own origin only. */
import { ExplainError, isAbort } from '../errors';
import { say } from '../text/say';
import { badResponse, failureOf, offline, stalled } from './hubErrors';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface HubOptions {
  /** Such as `https://huggingface.co`, or a mirror that speaks the same. */
  readonly url: string;
  readonly fetch: Fetch;
  /** An access token, for gated and private models. Sent to the origin of `url` and nowhere else, over https or within this machine. */
  readonly token?: string | undefined;
  /** Silence after which a request is given up. Default 30,000 ms. */
  readonly stallMilliseconds?: number;
  /** Largest part that a file is stored in. Default 8 MiB. */
  readonly partBytes?: number;
  /** Waits between tries. Default: a timer. */
  readonly wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const STALL_MILLISECONDS = 30_000;
const LARGEST_JSON = 8 * 1024 * 1024;
const LONGEST_LINK = 8192;

/**
 * The base without its trailing slash.
 * @throws ExplainError HUB_BAD_RESPONSE for what is not an http(s) address, or has a name and password in it
 */
export function baseOf(options: Pick<HubOptions, 'url'>): URL {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '')
    throw new ExplainError('HUB_BAD_RESPONSE', say('hub.noAddress'));
  if (url.username !== '' || url.password !== '')
    throw new ExplainError('HUB_BAD_RESPONSE', say('hub.addressWithPassword'));
  while (url.pathname.length > 1 && url.pathname.endsWith('/')) url.pathname = url.pathname.slice(0, -1);
  url.search = '';
  url.hash = '';
  return url;
}

/** Nobody on the way can read what is sent: it is encrypted, or does not leave this machine. */
function isSafeLine({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(hostname);
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

  const token = ownOrigin ? (options.token ?? '') : '';
  const keepsToken = token !== '' && !isSafeLine(url);
  const authorised = token !== '' && !keepsToken ? { authorization: `Bearer ${token}` } : {};
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
    throw failureOf(response, what, host, keepsToken);
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

export interface JsonAnswer {
  readonly value: unknown;
  /** The Link header's next page. */
  readonly next: URL | null;
  /** How much there was to read. */
  readonly characters: number;
}

/** A JSON answer of at most `most` characters. */
export async function getJson(
  options: HubOptions,
  url: URL,
  what: string,
  signal: AbortSignal | undefined,
  most = LARGEST_JSON,
): Promise<JsonAnswer> {
  const answer = await get(options, url, what, signal, { accept: 'application/json' });
  const decoder = new TextDecoder();
  let text = '';
  for (let piece = await answer.next(); piece !== null; piece = await answer.next()) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > most) {
      answer.close();
      throw badResponse(url.host, `more than ${most} characters of JSON`);
    }
  }
  try {
    const value = JSON.parse(text + decoder.decode()) as unknown;
    return { value, next: nextPage(answer.response, url), characters: text.length };
  } catch {
    throw badResponse(url.host, `no JSON at ${url.pathname}`);
  }
}

/**
 * `Link: <…>; rel="next"` (RFC 8288), within the same origin. Read from left to right: a pattern for the whole header
 * could be made to try for ever by a header that is made for it.
 */
function nextPage(response: Response, url: URL): URL | null {
  const header = (response.headers.get('link') ?? '').slice(0, LONGEST_LINK);
  for (let at = 0; ;) {
    const from = header.indexOf('<', at);
    const to = header.indexOf('>', from + 1);
    if (from < 0 || to < 0) return null;
    const end = header.indexOf('<', to);
    const parameters = header.slice(to + 1, end < 0 ? undefined : end).toLowerCase();
    at = end < 0 ? header.length : end;
    const isNext = parameters.split(/[;,]/u).some((part) => /^rel="?next"?$/u.test(part.trim()));
    const target = header.slice(from + 1, to);
    if (!isNext || !URL.canParse(target, url.href)) continue;
    const next = new URL(target, url);
    return next.origin === url.origin ? next : null;
  }
}
