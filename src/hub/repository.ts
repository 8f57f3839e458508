/** A model's page on the hub: licence, tags, and its files with sizes and checksums. */
import { ExplainError } from '../errors';
import { counted, say } from '../text/say';
import { badResponse, notFound } from './hubErrors';
import { baseOf, getJson, type HubOptions, type JsonAnswer } from './request';
import { asObject } from '../json/fields';

export interface RepositoryFile {
  /** Relative, with `/`; never leads out of the repository. */
  readonly path: string;
  readonly size: number;
  /** Lower-case hex, where the file is kept in large-file storage. */
  readonly sha256: string | null;
  /** The git blob's SHA-1 of small files. */
  readonly gitOid: string | null;
}

export interface Repository {
  readonly id: string;
  /** The commit; files are fetched from it, so that they belong together. */
  readonly revision: string;
  /** Such as `apache-2.0`, or null where the page names none. */
  readonly licence: string | null;
  readonly tags: readonly string[];
  /** Whether terms must be accepted first. */
  readonly gated: boolean;
  readonly files: readonly RepositoryFile[];
}

const ID = /^[A-Za-z0-9][\w.-]{0,95}(?:\/[A-Za-z0-9][\w.-]{0,95})?$/u;
const REVISION = /^[\w][\w./-]{0,199}$/u;
const MOST_PAGES = 100;
/** No model has as many files; a server that lists more is not a hub, or wants the memory. */
const MOST_FILES = 10_000;
/** Characters of JSON of all pages together. */
const LARGEST_LISTING = 8 * 1024 * 1024;

export function isRepositoryId(id: string): boolean {
  return ID.test(id) && !id.includes('..') && !id.includes('--');
}

/** A commit, branch or tag as it may stand in an address. */
export function isRevision(revision: string): boolean {
  return REVISION.test(revision) && !revision.includes('..');
}

/**
 * Looks a model up.
 * @param id `owner/name`, or an old name without owner
 * @throws ExplainError HUB_NOT_FOUND, HUB_GATED, HUB_OFFLINE, HUB_STALLED, HUB_BAD_RESPONSE, TOO_LARGE; AbortError
 */
export async function lookUp(
  options: HubOptions,
  id: string,
  request: { readonly revision?: string; readonly signal?: AbortSignal } = {},
): Promise<Repository> {
  const base = baseOf(options);
  const asked = request.revision ?? 'main';
  if (!isRepositoryId(id) || !isRevision(asked))
    throw notFound(say('hub.what.quotedModel', { id: id.slice(0, 100) }), base.host);
  const what = say('hub.what.model', { id });
  const page = `${base.href.replace(/\/$/u, '')}/api/models/${id}`;
  const { value } = await getJson(
    options,
    new URL(`${page}/revision/${encodeURIComponent(asked)}`),
    what,
    request.signal,
  );
  const info = asObject(value);
  if (!info) throw badResponse(base.host, 'the model’s page is not an object');
  const revision = typeof info['sha'] === 'string' && /^[0-9a-f]{7,64}$/u.test(info['sha']) ? info['sha'] : asked;

  const tooLong = (most: string): ExplainError =>
    new ExplainError('TOO_LARGE', say('hub.listingTooLong', { what, most }));
  const files: RepositoryFile[] = [];
  let listed = 0;
  let room = LARGEST_LISTING;
  let next: URL | null = new URL(`${page}/tree/${encodeURIComponent(revision)}?recursive=true`);
  for (let pages = 0; next !== null; pages++) {
    if (pages >= MOST_PAGES) throw badResponse(base.host, `more than ${MOST_PAGES} pages of files`);
    const listing: JsonAnswer = await getJson(options, next, what, request.signal, room);
    room -= listing.characters;
    if (room <= 0) throw tooLong(say('hub.what.megabytes', { count: LARGEST_LISTING / 1024 ** 2 }));
    if (!Array.isArray(listing.value)) throw badResponse(base.host, 'the list of files is not a list');
    listed += listing.value.length;
    if (listed > MOST_FILES) throw tooLong(say('hub.what.files', { count: counted(MOST_FILES) }));
    for (const entry of listing.value) {
      const file = readFile(entry);
      if (file !== null) files.push(file);
    }
    ({ next } = listing);
  }
  const tags = Array.isArray(info['tags']) ? info['tags'].filter((tag) => typeof tag === 'string') : [];
  const card = asObject(info['cardData'])?.['license'];
  const tagged = tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
  return {
    id,
    revision,
    licence: tagged ?? (typeof card === 'string' ? card : null),
    tags,
    gated: info['gated'] !== undefined && info['gated'] !== false,
    files,
  };
}

/** One entry of the tree; folders and what leads out of the repository are left out. */
function readFile(entry: unknown): RepositoryFile | null {
  const file = asObject(entry);
  const path = file?.['path'];
  if (!file || file['type'] !== 'file' || typeof path !== 'string' || !isSafePath(path)) return null;
  const lfs = asObject(file['lfs']);
  const size = lfs?.['size'] ?? file['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  return { path, size, sha256: hex(lfs?.['oid'], 64), gitOid: lfs === undefined ? hex(file['oid'], 40) : null };
}

function hex(value: unknown, length: number): string | null {
  if (typeof value !== 'string') return null;
  const digits = value.replace(/^sha256:/u, '').toLowerCase();
  return digits.length === length && /^[0-9a-f]+$/u.test(digits) ? digits : null;
}

/** Relative, of ordinary names: nothing that a file system could take for another place. */
export function isSafePath(path: string): boolean {
  return (
    path.length <= 400 &&
    path
      .split('/')
      .every((name) => /^[A-Za-z0-9_][\w.+ -]*$/u.test(name) && !name.endsWith('.') && !name.includes('..'))
  );
}
