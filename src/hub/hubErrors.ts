/** What can go wrong between here and the hub, in sentences. */
import { ExplainError, isAbort } from '../errors';
import { say } from '../text/say';

export function offline(host: string, cause?: unknown): ExplainError {
  return new ExplainError('HUB_OFFLINE', say('hub.offline', { host }), { cause });
}

export function stalled(host: string, seconds: number): ExplainError {
  return new ExplainError('HUB_STALLED', say('hub.stalled', { host, seconds }));
}

export function badResponse(host: string, detail: string): ExplainError {
  return new ExplainError('HUB_BAD_RESPONSE', say('hub.badResponse', { host }), { detail });
}

export function notFound(what: string, host: string): ExplainError {
  return new ExplainError('HUB_NOT_FOUND', say('hub.notFound', { what, host }));
}

/**
 * The failure that a status means. The hub says 401 with `RepoNotFound` for what does not exist or is private.
 * @param tokenKept true where there is a token that was not sent, as the line is not safe
 */
export function failureOf(response: Response, what: string, host: string, tokenKept: boolean): ExplainError {
  const reason = response.headers.get('x-error-code') ?? '';
  const detail = `HTTP ${response.status} ${reason}`.trim();
  if (response.status === 404 || ['RepoNotFound', 'RevisionNotFound', 'EntryNotFound'].includes(reason))
    return notFound(what, host);
  if (response.status === 401 || response.status === 403) {
    const sentence = tokenKept ? say('hub.tokenNeedsHttps', { what, host }) : say('hub.gated', { what, host });
    return new ExplainError('HUB_GATED', sentence, { detail });
  }
  if (response.status === 429)
    return new ExplainError('HUB_BAD_RESPONSE', say('hub.tooManyRequests', { host }), { detail });
  return badResponse(host, detail);
}

/** An error's name, message and code, in which a full disk shows. */
function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return `${thrown.name} ${thrown.message} ${'code' in thrown ? String(thrown.code) : ''}`;
}

/** What a failed write to the disk means. */
export function storageFailure(thrown: unknown): unknown {
  if (thrown instanceof ExplainError || isAbort(thrown)) return thrown;
  const text = wordsOf(thrown);
  const full = /ENOSPC|EDQUOT|quota|no space|disk (is )?full/iu.test(text);
  return new ExplainError(full ? 'DISK_FULL' : 'INTERNAL', say(full ? 'hub.diskFull' : 'hub.notWritten'), {
    detail: text,
    cause: thrown,
  });
}

/** Waits for the storage, with its failures in sentences. */
export async function stored<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw storageFailure(error);
  }
}
