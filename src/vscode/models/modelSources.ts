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

/** The model that ships inside the extension. */
export function bundledModel(extensionUri: vscode.Uri): FolderModel {
  return {
    from: 'bundled',
    id: 'bundled:en-fr',
    name: 'English to French (bundled)',
    folder: vscode.Uri.joinPath(extensionUri, 'models', 'en-fr'),
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

/** A model's files, where they can be: at the top of its folder and in `onnx`. */
async function entriesOf(folder: vscode.Uri): Promise<readonly Entry[]> {
  return (await Promise.all([list(folder, ''), list(folder, 'onnx')])).flat();
}

/** Another text whenever one of the folder's files was changed. */
export async function folderVersion(folder: vscode.Uri): Promise<string> {
  return (await entriesOf(folder)).map(({ path, size, mtime }) => `${path} ${size} ${mtime}`).join('\n');
}

/** What a folder holds: one variant a precision, each with all its files. */
export async function variantsOf(folder: vscode.Uri): Promise<readonly Variant[]> {
  return findVariants((await entriesOf(folder)).map(({ path, size }) => ({ path, size, sha256: null, gitOid: null })));
}

/**
 * Reads what the engine needs of a model's folder.
 * @throws ExplainError MODEL_FILE_MISSING, TOKENIZER_MISSING, TOO_LARGE
 */
export async function readFolder(
  model: FolderModel,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<ModelFiles> {
  const variants = await variantsOf(model.folder);
  const variant = variants.find(({ dtype }) => dtype === model.dtype) ?? variants[0];
  if (!variant) {
    throw new ExplainError(
      'MODEL_FILE_MISSING',
      `“${model.name}” has no ONNX files that go together (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx); reinstall the extension, or choose another model.`,
    );
  }
  const [missing] = variant.missing;
  if (missing !== undefined) {
    await refuseOtherSenses(model.folder, variant);
    throw missing === 'tokenizer.json'
      ? new ExplainError(
          'TOKENIZER_MISSING',
          `“${model.name}” has no tokenizer.json; put the one from its Hugging Face page into its folder and try again.`,
        )
      : new ExplainError(
          'MODEL_FILE_MISSING',
          `“${model.name}” has no ${missing}; the folder must be a Hugging Face ONNX export (config.json, tokenizer.json, *.onnx).`,
        );
  }
  const total = variant.bytes;
  const wanted = variant.files.map(({ path }) => path);
  refuseTooLarge(model.name, total);
  let read = 0;
  const files = await Promise.all(
    wanted.map(async (path) => {
      signal.throwIfAborted();
      try {
        const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(model.folder, path));
        progress((read += bytes.byteLength) / total);
        return [path, bytes] as const;
      } catch (thrown) {
        throw toExplainError(
          thrown,
          'MODEL_FILE_MISSING',
          `The model's file ${path} could not be read; check the folder, or reinstall the extension.`,
        );
      }
    }),
  );
  signal.throwIfAborted();
  return Object.fromEntries(files);
}

/** Says of a model that reads pictures or sound what it reads, rather than which file it lacks. */
async function refuseOtherSenses(folder: vscode.Uri, { files }: Variant): Promise<void> {
  const config = files.find(({ path }) => /(?:^|\/)config\.json$/.test(path));
  if (!config) return;
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, config.path));
  const sense = senseOfConfig(readJsonFile(bytes, 'config.json', 'MODEL_CONFIG_INVALID'));
  if (sense) throw new ExplainError('MODEL_UNSUPPORTED', say(sense));
}

/** A downloaded model's files. @throws ExplainError TOO_LARGE, MODEL_FILE_MISSING, MODEL_FILE_CUT; AbortError */
export async function readDownload(
  model: HubModel,
  storage: HubStorage,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<ModelFiles> {
  refuseTooLarge(model.name, totalBytes(model.manifest));
  return readModel(storage, model.manifest, signal, progress);
}

/** @throws ExplainError TOO_LARGE where a model cannot be held in memory */
export function refuseTooLarge(name: string, bytes: number): void {
  if (bytes <= MAX_MODEL_BYTES) return;
  const gaps = { name, size: (bytes / 1e9).toFixed(1), most: MAX_MODEL_BYTES / 1e9 };
  throw new ExplainError('TOO_LARGE', say('host.modelTooLarge', gaps));
}
