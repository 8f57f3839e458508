import * as vscode from 'vscode';
import { senseOfConfig } from '../../config/senses';
import { ExplainError, toExplainError } from '../../errors';
import {
  findVariants,
  readModel,
  totalBytes,
  type Dtype,
  type HubStorage,
  type Manifest,
  type Variant,
} from '../../hub/index';
import { asInteger, asObject } from '../../json/fields';
import { readJsonFile } from '../../json/read';
import type { ModelFiles } from '../../protocol/engine';
import { say } from '../../text/say';

/** A model that can be chosen: what to call it, and where it is. */
export type ModelRef = FolderModel | HubModel;

export interface FolderModel {
  readonly from: 'bundled' | 'folder';
  /** Stable: `bundled:en-fr`, `folder:<uri>#<dtype>`. */
  readonly id: string;
  readonly name: string;
  readonly folder: vscode.Uri;
  /** Which precision of the folder's to take; the first that is there where left out. */
  readonly dtype?: Dtype;
}

/** A downloaded model: its files are kept in parts. */
export interface HubModel {
  readonly from: 'hub';
  /** Stable: `hub:<id>@<revision>#<dtype>`. */
  readonly id: string;
  readonly name: string;
  readonly manifest: Manifest;
}

/** Where the model that ships is, inside the extension's folder. */
export const BUNDLED_FOLDER = 'models/en-fr';

/** The bundled model saw no longer texts while it was trained (its card says so): longer ones it reads by sentences. */
export const BUNDLED_TRAINED_TOKENS = 256;

/** The model that ships inside the extension. */
export function bundledModel(extensionUri: vscode.Uri): FolderModel {
  return {
    from: 'bundled',
    id: 'bundled:en-fr',
    name: say('host.models.bundledName'),
    folder: vscode.Uri.joinPath(extensionUri, BUNDLED_FOLDER),
  };
}

/** What WebAssembly can hold, runtime included; a model beyond it is refused before it is read. */
const MAX_MODEL_BYTES = 3_500_000_000;

interface Entry {
  readonly path: string;
  readonly size: number;
  /** When it was changed, in milliseconds since 1970. */
  readonly mtime: number;
}

async function list(folder: vscode.Uri, prefix: string): Promise<readonly Entry[]> {
  let entries: readonly [string, vscode.FileType][];
  try {
    entries = await vscode.workspace.fs.readDirectory(prefix === '' ? folder : vscode.Uri.joinPath(folder, prefix));
  } catch {
    return [];
  }
  const paths = entries
    .filter(([, type]) => (type & vscode.FileType.File) !== 0)
    .map(([name]) => (prefix === '' ? name : `${prefix}/${name}`));
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtime } = await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, path));
      return { path, size, mtime };
    }),
  );
}

/** A model's files, where they can be: at the top of its folder, in `onnx`, and in the folder of a sentence embedder's pooling. */
async function entriesOf(folder: vscode.Uri): Promise<readonly Entry[]> {
  return (await Promise.all([list(folder, ''), list(folder, 'onnx'), list(folder, '1_Pooling')])).flat();
}

/** Another text whenever one of the folder's files was changed. */
export async function folderVersion(folder: vscode.Uri): Promise<string> {
  return (await entriesOf(folder)).map(({ path, size, mtime }) => `${path} ${size} ${mtime}`).join('\n');
}

/** What a folder holds: one variant a precision, each with all its files. */
export async function variantsOf(folder: vscode.Uri): Promise<readonly Variant[]> {
  return variantsAmong(await entriesOf(folder));
}

function variantsAmong(entries: readonly Pick<Entry, 'path' | 'size'>[]): readonly Variant[] {
  return findVariants(entries.map(({ path, size }) => ({ path, size, sha256: null, gitOid: null })));
}

/** Paths of the files that the engine needs of these, the small ones first. */
export function neededOf(entries: readonly Pick<Entry, 'path' | 'size'>[]): readonly string[] {
  const files = variantsAmong(entries)[0]?.files ?? [];
  return [...files].sort((a, b) => a.size - b.size).map(({ path }) => path);
}

/** What the build noted of the bundled model's files; undefined where it did not. */
export function readListing(text: string): readonly { readonly path: string; readonly size: number }[] | undefined {
  try {
    const sizes = asObject(JSON.parse(text));
    const entries = Object.entries(sizes ?? {}).map(([path, size]) => ({ path, size: asInteger(size) ?? 0 }));
    return entries.length > 0 ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** A model's files, being read: each is there as soon as it has been read. */
export interface OpenedModel {
  /** Size of each in bytes, by path. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly files: readonly { readonly path: string; readonly bytes: Promise<Uint8Array> }[];
}

/**
 * Begins to read what the engine needs of a model's folder.
 * @param entries what is in it, where that is known
 * @param read how to read one of its files
 * @throws ExplainError MODEL_FILE_MISSING, TOKENIZER_MISSING, TOO_LARGE; each file's promise MODEL_FILE_MISSING
 */
export async function openFolder(
  model: FolderModel,
  signal: AbortSignal,
  progress: (fraction: number) => void,
  read: (path: string) => Promise<Uint8Array> = async (path) =>
    vscode.workspace.fs.readFile(vscode.Uri.joinPath(model.folder, path)),
  entries?: readonly Pick<Entry, 'path' | 'size'>[],
): Promise<OpenedModel> {
  const variants = entries ? variantsAmong(entries) : await variantsOf(model.folder);
  const variant = variants.find(({ dtype }) => dtype === model.dtype) ?? variants[0];
  if (!variant) {
    throw new ExplainError('MODEL_FILE_MISSING', say('host.models.noGraphs', { name: model.name }));
  }
  const [missing] = variant.missing;
  if (missing !== undefined) {
    await refuseOtherSenses(model.folder, variant);
    throw missing === 'tokenizer.json'
      ? new ExplainError('TOKENIZER_MISSING', say('host.models.noTokenizer', { name: model.name }))
      : new ExplainError('MODEL_FILE_MISSING', say('host.models.lacks', { name: model.name, missing }));
  }
  const total = variant.bytes;
  refuseTooLarge(model.name, total);
  signal.throwIfAborted();
  let done = 0;
  const one = async (path: string): Promise<Uint8Array> => {
    try {
      const bytes = await read(path);
      progress((done += bytes.byteLength) / total);
      return bytes;
    } catch (thrown) {
      // Of a folder that was not asked what is in it, that it has no tokenizer is found out here.
      throw entries && path === 'tokenizer.json'
        ? new ExplainError('TOKENIZER_MISSING', say('host.models.noTokenizer', { name: model.name }), { cause: thrown })
        : toExplainError(thrown, 'MODEL_FILE_MISSING', say('host.models.fileUnreadable', { file: path }));
    }
  };
  // Small ones first: the tokenizer and the config are of use before the graphs are there.
  const files = [...variant.files].sort((a, b) => a.size - b.size);
  return opened(files.map(({ path, size }) => ({ path, size, bytes: one(path) })));
}

function opened(
  files: readonly { readonly path: string; readonly size: number; readonly bytes: Promise<Uint8Array> }[],
): OpenedModel {
  // A failure is met by who waits for the file; until then it is not to be reported as unhandled.
  for (const { bytes } of files) bytes.catch(() => undefined);
  return { sizes: Object.fromEntries(files.map(({ path, size }) => [path, size])), files };
}

/** All files of a model that is being read. @throws what reading one of them throws */
export async function allFiles({ files }: OpenedModel): Promise<ModelFiles> {
  return Object.fromEntries(await Promise.all(files.map(async ({ path, bytes }) => [path, await bytes] as const)));
}

/** Says of a model that reads pictures or sound what it reads, rather than which file it lacks. */
async function refuseOtherSenses(folder: vscode.Uri, { files }: Variant): Promise<void> {
  const config = files.find(({ path }) => /(?:^|\/)config\.json$/.test(path));
  if (!config) return;
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, config.path));
  const sense = senseOfConfig(readJsonFile(bytes, 'config.json', 'MODEL_CONFIG_INVALID'));
  if (sense) throw new ExplainError('MODEL_UNSUPPORTED', say(sense));
}

/** Begins to read a downloaded model's files. @throws ExplainError TOO_LARGE; each file's promise MODEL_FILE_MISSING, MODEL_FILE_CUT, AbortError */
export function openDownload(
  model: HubModel,
  storage: HubStorage,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): OpenedModel {
  refuseTooLarge(model.name, totalBytes(model.manifest));
  // The parts of all files are read together, within the memory that this takes.
  const whole = readModel(storage, model.manifest, signal, progress);
  const bytesOf = async (path: string): Promise<Uint8Array> => {
    const bytes = (await whole)[path];
    if (!bytes) throw new ExplainError('MODEL_FILE_MISSING', say('host.models.fileUnreadable', { file: path }));
    return bytes;
  };
  return opened(model.manifest.files.map(({ path, size }) => ({ path, size, bytes: bytesOf(path) })));
}

/** @throws ExplainError TOO_LARGE where a model cannot be held in memory */
export function refuseTooLarge(name: string, bytes: number): void {
  if (bytes <= MAX_MODEL_BYTES) return;
  const gaps = { name, size: (bytes / 1e9).toFixed(1), most: MAX_MODEL_BYTES / 1e9 };
  throw new ExplainError('TOO_LARGE', say('host.modelTooLarge', gaps));
}
