/** One file of a download: the rest of it, with another try where the line is cut, verified as it is on the disk. */
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { checksumOf } from './checksum';
import { badResponse, offline, stored } from './hubErrors';
import { folderOf, type Manifest, type ManifestFile } from './manifest';
import { deleteParts, listParts, PartWriter } from './storedParts';
import { type Answer, baseOf, get, type HubOptions } from './request';
import type { HubStorage } from './storage';

/** Tries without a byte of progress before a download is given up; what was received is kept in any case. */
const TRIES = 4;
const FIRST_WAIT_MILLISECONDS = 500;

/**
 * Fetches what is not yet stored of a file, and verifies what is stored then.
 * @param report is told how many bytes of the file are there
 */
export async function fetchFile(
  options: HubOptions,
  storage: HubStorage,
  manifest: Manifest,
  file: ManifestFile,
  report: (received: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = `${folderOf(manifest)}/${file.path}`;
  let received = await sizeOfParts(storage, path, file);
  report(received);
  for (let tries = 1; received < file.size;) {
    const transfer = await fetchRest(options, storage, manifest, file, path, received, report, signal);
    if (transfer.received > received) tries = 1;
    ({ received } = transfer);
    if (transfer.failure === null) continue;
    if (tries >= TRIES || !isPassing(transfer.failure)) throw transfer.failure;
    await (options.wait ?? wait)(FIRST_WAIT_MILLISECONDS * 2 ** (tries - 1), signal);
    tries++;
  }
  const trouble = await troubleOf(storage, path, file, signal);
  if (trouble === null) return;
  report(0);
  await stored(deleteParts(storage, path));
  throw new ExplainError('HASH_MISMATCH', say(trouble, { path: file.path, id: manifest.id }));
}

/** Bytes that an earlier download has left. Too many cannot be right: they are thrown away. */
async function sizeOfParts(storage: HubStorage, path: string, file: ManifestFile): Promise<number> {
  const parts = await stored(listParts(storage, path));
  const sizes = await stored(Promise.all(parts.map((part) => storage.size(part))));
  const received = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (received <= file.size) return received;
  await stored(deleteParts(storage, path));
  return 0;
}

/** What is wrong with a file as it is on the disk, which is what will be loaded; null where nothing is. */
async function troubleOf(
  storage: HubStorage,
  path: string,
  file: ManifestFile,
  signal: AbortSignal | undefined,
): Promise<'hub.wrongChecksum' | 'hub.notWholeOnDisk' | null> {
  const checksum = checksumOf(file);
  let size = 0;
  for (const part of await stored(listParts(storage, path))) {
    signal?.throwIfAborted();
    const bytes = await stored(storage.readFile(part));
    checksum.update(bytes);
    size += bytes.length;
  }
  if (size !== file.size) return 'hub.notWholeOnDisk';
  return checksum.matches() ? null : 'hub.wrongChecksum';
}

interface Transfer {
  /** Bytes of the file that are stored now. */
  readonly received: number;
  readonly failure: Error | null;
}

/** One request for the rest of a file. What came before a failure is stored. */
async function fetchRest(
  options: HubOptions,
  storage: HubStorage,
  manifest: Manifest,
  file: ManifestFile,
  path: string,
  from: number,
  report: (received: number) => void,
  signal: AbortSignal | undefined,
): Promise<Transfer> {
  const { host } = baseOf(options);
  const writer = new PartWriter(storage, path, (await stored(listParts(storage, path))).length, options.partBytes);
  let received = from;
  let failure: Error | null = null;
  let answer: Answer | null = null;
  try {
    answer = await get(
      options,
      addressOf(options, manifest, file),
      say('hub.what.file', { path: file.path, id: manifest.id }),
      signal,
      from > 0 ? { range: `bytes=${from}-` } : {},
    );
    let skip = from - startOf(answer.response, from, host);
    for (let piece = await answer.next(); piece !== null; piece = await answer.next()) {
      const fresh = piece.subarray(Math.min(skip, piece.length));
      skip -= piece.length - fresh.length;
      if (received + fresh.length > file.size)
        throw badResponse(host, `${file.path} is longer than the ${file.size} bytes announced`);
      await writer.write(fresh);
      received += fresh.length;
      report(received);
    }
    if (received < file.size) failure = offline(host, new Error('the connection was cut'));
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    answer?.close();
  }
  // Also after cancelling: what came is kept for the next time.
  await writer.flush();
  return { received, failure };
}

/** Where the body begins: servers may ignore a range and send the whole. */
function startOf(response: Response, asked: number, host: string): number {
  if (response.status !== 206) return 0;
  const range = response.headers.get('content-range');
  const start = range === null ? asked : Number(/^bytes (\d+)-/u.exec(range)?.[1] ?? NaN);
  if (start > asked || Number.isNaN(start)) throw badResponse(host, `content-range ${range ?? ''}`);
  return start;
}

function addressOf(options: HubOptions, manifest: Manifest, file: ManifestFile): URL {
  const base = baseOf(options).href.replace(/\/$/u, '');
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return new URL(`${base}/${manifest.id}/resolve/${encodeURIComponent(manifest.revision)}/${path}`);
}

/** Worth another try at once: the line was cut or silent, or the server had a bad moment. */
function isPassing(failure: Error): boolean {
  if (!(failure instanceof ExplainError)) return false;
  if (failure.code === 'HUB_OFFLINE') return true;
  return failure.code === 'HUB_BAD_RESPONSE' && /^HTTP (?:429|5\d\d)/u.test(failure.detail ?? '');
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
