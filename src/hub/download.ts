/** Downloading a model: file by file, resuming what was begun, verifying what came. */
import { ExplainError } from '../errors';
import { checksumOf, type Checksum } from './checksum';
import { badResponse, offline, storageFailure } from './errors';
import { folderOf, type Manifest, type ManifestFile, readManifest, totalBytes, writeManifest } from './manifest';
import { deleteParts, listParts, PartWriter } from './parts';
import { type Answer, baseOf, get, type HubOptions } from './request';
import type { HubStorage } from './storage';

export interface Progress {
  /** Bytes that are stored, of all files. */
  readonly received: number;
  readonly total: number;
  /** The file that is being fetched. */
  readonly path: string;
}

export interface DownloadRequest {
  readonly signal?: AbortSignal;
  /** Called for each piece that arrives: some hundred times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Tries without a byte of progress before a download is given up; what was received is kept in any case. */
const TRIES = 4;
const FIRST_WAIT_MILLISECONDS = 500;

/**
 * Downloads what `plan` names into the storage, going on where an earlier download of the same revision stopped.
 * Cancelling keeps what was received. Each file is verified (SHA-256 of large files, git's SHA-1 of small ones);
 * one that does not match is thrown away.
 * @returns the manifest, every file of it verified
 * @throws ExplainError HUB_OFFLINE, HUB_STALLED, HUB_GATED, HUB_NOT_FOUND, HUB_BAD_RESPONSE, HASH_MISMATCH,
 *   DISK_FULL, INTERNAL; AbortError
 */
export async function download(
  options: HubOptions,
  storage: HubStorage,
  plan: Manifest,
  request: DownloadRequest = {},
): Promise<Manifest> {
  const folder = folderOf(plan);
  const earlier = await readManifest(storage, folder);
  let manifest = plan;
  if (earlier?.revision === plan.revision) {
    const verified = new Set(earlier.files.filter((file) => file.verified).map((file) => file.path));
    manifest = { ...plan, files: plan.files.map((file) => ({ ...file, verified: verified.has(file.path) })) };
  } else {
    await stored(storage.delete(folder));
  }
  await stored(writeManifest(storage, manifest));

  const total = totalBytes(manifest);
  let before = 0;
  for (const file of manifest.files) {
    const base = before;
    const report = (received: number): void =>
      request.onProgress?.({ received: base + received, total, path: file.path });
    if (!file.verified) {
      await fetchFile(options, storage, manifest, file, report, request.signal);
      manifest = {
        ...manifest,
        files: manifest.files.map((other) => (other.path === file.path ? { ...other, verified: true } : other)),
      };
      await stored(writeManifest(storage, manifest));
    }
    report(file.size);
    before += file.size;
  }
  return manifest;
}

async function stored<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw storageFailure(error);
  }
}

async function fetchFile(
  options: HubOptions,
  storage: HubStorage,
  manifest: Manifest,
  file: ManifestFile,
  report: (received: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = `${folderOf(manifest)}/${file.path}`;
  const checksum = checksumOf(file);
  let received = await readParts(storage, path, file, checksum);
  report(received);
  for (let tries = 1; received < file.size;) {
    const transfer = await fetchRest(options, storage, manifest, file, path, received, checksum, report, signal);
    if (transfer.received > received) tries = 1;
    ({ received } = transfer);
    if (transfer.failure === null) continue;
    if (tries >= TRIES || !isPassing(transfer.failure)) throw transfer.failure;
    await (options.wait ?? wait)(FIRST_WAIT_MILLISECONDS * 2 ** (tries - 1), signal);
    tries++;
  }
  if (checksum.matches()) return;
  await stored(deleteParts(storage, path));
  throw new ExplainError(
    'HASH_MISMATCH',
    `The file ${file.path} of ${manifest.id} is not what the hub says it should be (its checksum differs), so it was thrown away; download the model again.`,
  );
}

/** Takes up the parts of an earlier download. Too many bytes cannot be right: they are thrown away. */
async function readParts(storage: HubStorage, path: string, file: ManifestFile, checksum: Checksum): Promise<number> {
  const parts = await stored(listParts(storage, path));
  const sizes = await stored(Promise.all(parts.map((part) => storage.size(part))));
  const received = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (received > file.size) {
    await stored(deleteParts(storage, path));
    return 0;
  }
  for (const part of parts) checksum.update(await stored(storage.readFile(part)));
  return received;
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
  checksum: Checksum,
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
      `The file ${file.path} of ${manifest.id}`,
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
      checksum.update(fresh);
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
