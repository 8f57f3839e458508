/** What is stored of a model: `model.json` in its folder says which files it has, and which were verified. */
import { isObject } from '../json/fields';
import { isDtype, type Dtype, type Layout, type Variant } from './variants';
import { isRepositoryId, isSafePath, type Repository, type RepositoryFile } from './repository';
import type { HubStorage } from './storage';

export interface ManifestFile extends RepositoryFile {
  readonly verified: boolean;
}

/** A model that was downloaded, or whose download was begun. */
export interface Manifest {
  readonly version: 1;
  readonly id: string;
  readonly revision: string;
  readonly licence: string | null;
  readonly dtype: Dtype;
  readonly layout: Layout;
  /** Paths of the ONNX graphs. */
  readonly graphs: readonly string[];
  readonly files: readonly ManifestFile[];
}

const NAME = 'model.json';

/** What is to be downloaded: the chosen variant of a repository that was looked up. */
export function planDownload(repository: Repository, variant: Variant): Manifest {
  const { id, revision, licence } = repository;
  const { dtype, layout, graphs } = variant;
  return {
    version: 1,
    id,
    revision,
    licence,
    dtype,
    layout,
    graphs,
    files: variant.files.map((file) => ({ ...file, verified: false })),
  };
}

/** The model's folder in the storage: one name, so that listing the storage lists the models. */
export function folderOf(manifest: Pick<Manifest, 'id' | 'dtype'>): string {
  return `${manifest.id.replace('/', '--')}--${manifest.dtype}`;
}

export function isComplete(manifest: Manifest): boolean {
  return manifest.files.every((file) => file.verified);
}

export function totalBytes(manifest: Manifest): number {
  return manifest.files.reduce((sum, file) => sum + file.size, 0);
}

/** Null where there is none, or it is damaged: a model that nobody can vouch for is none. */
export async function readManifest(storage: HubStorage, folder: string): Promise<Manifest | null> {
  try {
    const bytes = await storage.readFile(`${folder}/${NAME}`);
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isManifest(value) && folderOf(value) === folder ? value : null;
  } catch {
    return null;
  }
}

export async function writeManifest(storage: HubStorage, manifest: Manifest): Promise<void> {
  await storage.writeFile(`${folderOf(manifest)}/${NAME}`, new TextEncoder().encode(JSON.stringify(manifest, null, 1)));
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value)) return false;
  const { version, id, revision, dtype, graphs, files } = value;
  return (
    version === 1 &&
    typeof id === 'string' &&
    isRepositoryId(id) &&
    typeof revision === 'string' &&
    isDtype(dtype) &&
    Array.isArray(graphs) &&
    graphs.every((path) => typeof path === 'string') &&
    Array.isArray(files) &&
    files.every(isManifestFile)
  );
}

function isManifestFile(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { path, size, verified } = value;
  return typeof path === 'string' && isSafePath(path) && typeof size === 'number' && typeof verified === 'boolean';
}
