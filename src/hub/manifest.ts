/** What is stored of a model: `model.json` in its folder says which files it has, and which were verified. */
import * as v from 'valibot';
import { isDtype, type Dtype, type FileLayout, type Variant } from './variants';
import { isRepositoryId, isRevision, isSafePath, type Repository } from './repository';
import type { HubStorage } from './storage';

/** No model has more files or graphs, or a file beyond a terabyte. */
const MOST_FILES = 1000;
const MOST_BYTES = 2 ** 40;

const path = v.pipe(v.string(), v.check(isSafePath));
const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_BYTES));
const hex = (length: number) => v.pipe(v.string(), v.length(length), v.hexadecimal());

const manifestFile = v.object({
  path,
  size,
  sha256: v.nullable(hex(64)),
  gitOid: v.nullable(hex(40)),
  /** True once what is stored was read back: it has its size and, where the hub gives one, its checksum. */
  verified: v.boolean(),
  /** Bytes on the disk when the download last stopped; known without asking for the state of every part. */
  stored: v.optional(size, 0),
});

/** A model that was downloaded, or whose download was begun. */
const manifest = v.object({
  version: v.literal(1),
  id: v.pipe(v.string(), v.check(isRepositoryId)),
  revision: v.pipe(v.string(), v.check(isRevision)),
  licence: v.nullable(v.pipe(v.string(), v.maxLength(1000))),
  dtype: v.custom<Dtype>(isDtype),
  layout: v.custom<FileLayout>((value) => typeof value === 'string' && value.length <= 100),
  /** Paths of the ONNX graphs. */
  graphs: v.pipe(v.array(path), v.maxLength(MOST_FILES)),
  files: v.pipe(v.array(manifestFile), v.maxLength(MOST_FILES)),
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type ManifestFile = DeepReadonly<v.InferOutput<typeof manifestFile>>;
export type Manifest = DeepReadonly<v.InferOutput<typeof manifest>>;

const NAME = 'model.json';

/** What is to be downloaded: the chosen variant of a repository that was looked up. */
export function planDownload(repository: Repository, variant: Variant): Manifest {
  const { id, revision, licence } = repository;
  const { dtype, layout, graphs } = variant;
  return {
    version: 1,
    id,
    revision,
    licence: licence?.slice(0, 1000) ?? null,
    dtype,
    layout,
    graphs,
    files: variant.files.map((file) => ({ ...file, verified: false, stored: 0 })),
  };
}

/** The model's folder in the storage: one name, so that listing the storage lists the models. */
export function folderOf({ id, dtype }: Pick<Manifest, 'id' | 'dtype'>): string {
  return `${id.replace('/', '--')}--${dtype}`;
}

export function isComplete({ files }: Manifest): boolean {
  return files.every((file) => file.verified);
}

export function totalBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + file.size, 0);
}

/** Bytes on the disk, as far as the manifest knows: a download that was cut off knows of the files before. */
export function storedBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + (file.verified ? file.size : file.stored), 0);
}

/** How many of the files have a checksum of the hub's to be compared with. */
export function checkedFiles({ files }: Pick<Manifest, 'files'>): number {
  return files.filter(({ sha256, gitOid }) => sha256 !== null || gitOid !== null).length;
}

/** Null where there is none, or it is damaged: a model that nobody can vouch for is none. */
export async function readManifest(storage: HubStorage, folder: string): Promise<Manifest | null> {
  try {
    const bytes = await storage.readFile(`${folder}/${NAME}`);
    const value = v.parse(manifest, JSON.parse(new TextDecoder().decode(bytes)));
    return folderOf(value) === folder ? value : null;
  } catch {
    return null;
  }
}

export async function writeManifest(storage: HubStorage, value: Manifest): Promise<void> {
  await storage.writeFile(`${folderOf(value)}/${NAME}`, new TextEncoder().encode(JSON.stringify(value, null, 1)));
}
