/** What can go wrong between here and the hub, in sentences. */
import { ExplainError, isAbort } from '../errors';

export function offline(host: string, cause?: unknown): ExplainError {
  return new ExplainError(
    'HUB_OFFLINE',
    `${host} cannot be reached; check the network or proxy and try again: what was downloaded is kept.`,
    { cause },
  );
}

export function stalled(host: string, seconds: number): ExplainError {
  return new ExplainError(
    'HUB_STALLED',
    `${host} sent nothing for ${seconds} seconds; try again later: what was downloaded is kept.`,
  );
}

export function badResponse(host: string, detail: string): ExplainError {
  return new ExplainError(
    'HUB_BAD_RESPONSE',
    `${host} gave an answer that makes no sense here; check the setting explainAttention.hub.url or try again later.`,
    { detail },
  );
}

export function notFound(what: string, host: string): ExplainError {
  return new ExplainError(
    'HUB_NOT_FOUND',
    `${what} was not found on ${host}; check its spelling (owner/name), and whether it is private.`,
  );
}

/** The failure that a status means. The hub says 401 with `RepoNotFound` for what does not exist or is private. */
export function failureOf(response: Response, what: string, host: string): ExplainError {
  const reason = response.headers.get('x-error-code') ?? '';
  const detail = `HTTP ${response.status} ${reason}`.trim();
  if (
    response.status === 404 ||
    reason === 'RepoNotFound' ||
    reason === 'RevisionNotFound' ||
    reason === 'EntryNotFound'
  )
    return notFound(what, host);
  if (response.status === 401 || response.status === 403) {
    return new ExplainError(
      'HUB_GATED',
      `${what} may be downloaded only after its terms were accepted on ${host}; accept them there and give Explain Attention an access token.`,
      { detail },
    );
  }
  if (response.status === 429)
    return new ExplainError(
      'HUB_BAD_RESPONSE',
      `${host} asks to wait because of too many requests; try again in some minutes: what was downloaded is kept.`,
      { detail },
    );
  return badResponse(host, detail);
}

/** What a failed write to the disk means. */
export function storageFailure(thrown: unknown): unknown {
  if (thrown instanceof ExplainError || isAbort(thrown)) return thrown;
  const text =
    thrown instanceof Error
      ? `${thrown.name} ${thrown.message} ${'code' in thrown ? String(thrown.code) : ''}`
      : String(thrown);
  if (/ENOSPC|EDQUOT|quota|no space|disk (is )?full/iu.test(text)) {
    return new ExplainError(
      'DISK_FULL',
      'The disk is full, so the model could not be stored; make room or remove a downloaded model and try again: what was downloaded is kept.',
      {
        detail: text,
        cause: thrown,
      },
    );
  }
  return new ExplainError(
    'INTERNAL',
    'The model could not be written to the extension’s storage; check the disk and its permissions and try again.',
    { detail: text, cause: thrown },
  );
}
