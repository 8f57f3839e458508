/** The models in the storage. */
import { ExplainError } from '../errors';
import { storageFailure } from './errors';
import { folderOf, isComplete, type Manifest, readManifest, totalBytes } from './manifest';
import { listParts } from './parts';
import type { HubStorage } from './storage';

export interface StoredModel {
  readonly manifest: Manifest;
  /** False where a download was begun and not finished: `download` with this manifest goes on. */
  readonly complete: boolean;
  /** Bytes of all files when complete. */
  readonly bytes: number;
  /** Bytes that are on the disk. */
  readonly storedBytes: number;
}

/** All models, by name. What is damaged is left out. */
export async function listModels(storage: HubStorage): Promise<readonly StoredModel[]> {
  const models: StoredModel[] = [];
  for (const folder of [...(await storage.list(''))].sort()) {
    const manifest = await readManifest(storage, folder);
    if (manifest === null) continue;
    let storedBytes = 0;
    for (const file of manifest.files) {
      for (const part of await listParts(storage, `${folder}/${file.path}`))
        storedBytes += (await storage.size(part)) ?? 0;
    }
    models.push({ manifest, complete: isComplete(manifest), bytes: totalBytes(manifest), storedBytes });
  }
  return models;
}

/**
 * The bytes of one file.
 * @throws ExplainError MODEL_FILE_MISSING where the model has no such file, MODEL_FILE_CUT where some of it is gone
 */
export async function readModelFile(storage: HubStorage, manifest: Manifest, path: string): Promise<Uint8Array> {
  const file = manifest.files.find((candidate) => candidate.path === path);
  if (file === undefined || !file.verified) {
    throw new ExplainError(
      'MODEL_FILE_MISSING',
      `The model ${manifest.id} has no file ${path} here; download the model again.`,
    );
  }
  const bytes = new Uint8Array(file.size);
  let at = 0;
  for (const part of await listParts(storage, `${folderOf(manifest)}/${path}`)) {
    let piece: Uint8Array;
    try {
      piece = await storage.readFile(part);
    } catch (cause) {
      throw cut(manifest, path, cause);
    }
    if (at + piece.length > bytes.length) throw cut(manifest, path);
    bytes.set(piece, at);
    at += piece.length;
  }
  if (at !== bytes.length) throw cut(manifest, path);
  return bytes;
}

/** All files by path, as the engine takes them. @throws ExplainError MODEL_FILE_MISSING, MODEL_FILE_CUT */
export async function readModel(
  storage: HubStorage,
  manifest: Manifest,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const files: Record<string, Uint8Array> = {};
  for (const { path } of manifest.files) {
    signal?.throwIfAborted();
    files[path] = await readModelFile(storage, manifest, path);
  }
  return files;
}

/** Removes a model, complete or not. @throws ExplainError INTERNAL */
export async function removeModel(storage: HubStorage, manifest: Manifest): Promise<void> {
  try {
    await storage.delete(folderOf(manifest));
  } catch (error) {
    throw storageFailure(error);
  }
}

function cut(manifest: Manifest, path: string, cause?: unknown): ExplainError {
  return new ExplainError(
    'MODEL_FILE_CUT',
    `The stored file ${path} of ${manifest.id} is damaged; remove the model and download it again.`,
    { cause },
  );
}
