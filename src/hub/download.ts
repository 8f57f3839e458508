/** Downloading a model: file by file, resuming what was begun, verifying what is stored. */
import { alone } from './lock';
import { fetchFile } from './fetchFile';
import { stored } from './hubErrors';
import { folderOf, type Manifest, type ManifestFile, readManifest, totalBytes, writeManifest } from './manifest';
import type { HubOptions } from './request';
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

/**
 * Downloads what `plan` names into the storage, going on where an earlier download of the same revision stopped.
 * Cancelling keeps what was received. Each file is verified once it is stored (SHA-256 of large files, git's SHA-1 of
 * small ones, its size alone where the hub gives neither); one that does not match is thrown away.
 * @returns the manifest, every file of it verified
 * @throws ExplainError HUB_OFFLINE, HUB_STALLED, HUB_GATED, HUB_NOT_FOUND, HUB_BAD_RESPONSE, HUB_BUSY, HASH_MISMATCH,
 *   DISK_FULL, INTERNAL; AbortError
 */
export async function download(
  options: HubOptions,
  storage: HubStorage,
  plan: Manifest,
  request: DownloadRequest = {},
): Promise<Manifest> {
  return stored(
    alone(storage, folderOf(plan), plan.id, (lost) => {
      const signal = request.signal ? AbortSignal.any([request.signal, lost]) : lost;
      return downloadAll(options, storage, plan, { ...request, signal });
    }),
  );
}

/** The files that are there already, where they are of the same revision; else the folder is emptied. */
async function begin(storage: HubStorage, plan: Manifest): Promise<Manifest> {
  const earlier = await readManifest(storage, folderOf(plan));
  if (earlier?.revision !== plan.revision) {
    await stored(storage.delete(folderOf(plan)));
    return plan;
  }
  const before = new Map(earlier.files.map((file) => [file.path, file]));
  return {
    ...plan,
    files: plan.files.map((file): ManifestFile => {
      const known = before.get(file.path);
      // What was verified is the file that is wanted only where both are said to be the same.
      const same = known?.size === file.size && known.sha256 === file.sha256 && known.gitOid === file.gitOid;
      return { ...file, verified: same && known.verified, stored: same ? known.stored : 0 };
    }),
  };
}

async function downloadAll(
  options: HubOptions,
  storage: HubStorage,
  plan: Manifest,
  request: DownloadRequest,
): Promise<Manifest> {
  let manifest = await begin(storage, plan);
  const note = async (path: string, state: Pick<ManifestFile, 'verified' | 'stored'>): Promise<void> => {
    manifest = {
      ...manifest,
      files: manifest.files.map((file) => (file.path === path ? { ...file, ...state } : file)),
    };
    await stored(writeManifest(storage, manifest));
  };
  await stored(writeManifest(storage, manifest));

  const total = totalBytes(manifest);
  let before = 0;
  for (const file of manifest.files) {
    const base = before;
    let received = 0;
    const report = (of: number): void => {
      received = of;
      request.onProgress?.({ received: base + of, total, path: file.path });
    };
    if (!file.verified) {
      try {
        await fetchFile(options, storage, manifest, file, report, request.signal);
      } catch (thrown) {
        // For the list of models, which does not ask for the state of every part. The failure itself is what counts.
        await note(file.path, { verified: false, stored: received }).catch(() => undefined);
        throw thrown;
      }
      await note(file.path, { verified: true, stored: file.size });
    }
    report(file.size);
    before += file.size;
  }
  return manifest;
}
