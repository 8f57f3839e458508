/** The models in the storage. */
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { stored } from './hubErrors';
import { alone, isLockFile } from './lock';
import { folderOf, isComplete, type Manifest, readManifest, storedBytes, totalBytes } from './manifest';
import { listParts } from './storedParts';
import type { HubStorage } from './storage';

export interface StoredModel {
  readonly manifest: Manifest;
  /** False where a download was begun and not finished: `download` with this manifest goes on. */
  readonly complete: boolean;
  /** Bytes of all files when complete. */
  readonly bytes: number;
  /** Bytes that are on the disk, as far as the manifest knows. */
  readonly storedBytes: number;
}

function describe(manifest: Manifest): StoredModel {
  return {
    manifest,
    complete: isComplete(manifest),
    bytes: totalBytes(manifest),
    storedBytes: storedBytes(manifest),
  };
}

/** All models, by name; one call to the storage a model. What is damaged is left out. */
export async function listModels(storage: HubStorage): Promise<readonly StoredModel[]> {
  const folders = (await storage.list('')).filter((name) => !isLockFile(name)).sort();
  const manifests = await Promise.all(folders.map((folder) => readManifest(storage, folder)));
  return manifests.filter((manifest) => manifest !== null).map(describe);
}

/** One model by what it is called; one call to the storage. Null where it is not there. */
export async function findModel(
  storage: HubStorage,
  model: Pick<Manifest, 'id' | 'dtype'>,
): Promise<StoredModel | null> {
  const manifest = await readManifest(storage, folderOf(model));
  return manifest && describe(manifest);
}

/**
 * The bytes of one file.
 * @param read is told of the bytes of each part that was read
 * @throws ExplainError MODEL_FILE_MISSING where the model has no such file, MODEL_FILE_CUT where some of it is gone
 */
export async function readModelFile(
  storage: HubStorage,
  manifest: Manifest,
  path: string,
  read: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { id, files } = manifest;
  const file = files.find((candidate) => candidate.path === path);
  if (file?.verified !== true) throw new ExplainError('MODEL_FILE_MISSING', say('hub.noSuchFile', { id, path }));
  const cut = (cause?: unknown): ExplainError =>
    new ExplainError('MODEL_FILE_CUT', say('hub.damaged', { id, path }), { cause });
  const bytes = new Uint8Array(file.size);
  let at = 0;
  for (const part of await listParts(storage, `${folderOf(manifest)}/${path}`)) {
    signal?.throwIfAborted();
    let piece: Uint8Array;
    try {
      piece = await storage.readFile(part);
    } catch (cause) {
      throw cut(cause);
    }
    if (at + piece.length > bytes.length) throw cut();
    bytes.set(piece, at);
    at += piece.length;
    read(piece.length);
  }
  if (at !== bytes.length) throw cut();
  return bytes;
}

/**
 * All files by path, as the engine takes them: all of one revision, though another window may replace or remove the
 * model meanwhile.
 * @param progress is told the fraction read
 * @throws ExplainError MODEL_FILE_MISSING, MODEL_FILE_CUT; AbortError
 */
export async function readModel(
  storage: HubStorage,
  manifest: Manifest,
  signal?: AbortSignal,
  progress: (fraction: number) => void = () => undefined,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const check = async (): Promise<void> => {
    const found = await findModel(storage, manifest);
    if (found?.complete !== true || found.manifest.revision !== manifest.revision)
      throw new ExplainError('MODEL_FILE_MISSING', say('hub.changed', { id: manifest.id }));
  };
  await check();
  const total = totalBytes(manifest);
  let read = 0;
  const files: Record<string, Uint8Array> = {};
  for (const { path } of manifest.files)
    files[path] = await readModelFile(storage, manifest, path, (bytes) => progress((read += bytes) / total), signal);
  await check();
  return files;
}

/** Removes a model, complete or not. @throws ExplainError HUB_BUSY, INTERNAL */
export async function removeModel(storage: HubStorage, manifest: Pick<Manifest, 'id' | 'dtype'>): Promise<void> {
  const folder = folderOf(manifest);
  await stored(alone(storage, folder, manifest.id, () => storage.delete(folder)));
}
