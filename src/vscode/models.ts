import * as vscode from 'vscode';
import { ExplainError, toExplainError } from '../errors';
import { findVariants, type Dtype, type Variant } from '../hub/variants';
import type { ModelFiles } from '../protocol/engine';

/** A model that can be chosen: where it is and what to call it. */
export interface ModelRef {
  /** Stable: `bundled:en-fr`, `folder:<uri>`, `hub:<id>@<revision>`. */
  readonly id: string;
  readonly name: string;
  readonly folder: vscode.Uri;
  /** Which precision of the folder's to take; the first that is there where left out. */
  readonly dtype?: Dtype;
}

/** The model that ships inside the extension. */
export function bundledModel(extensionUri: vscode.Uri): ModelRef {
  return { id: 'bundled:en-fr', name: 'English to French (bundled)', folder: vscode.Uri.joinPath(extensionUri, 'models', 'en-fr') };
}

/** What WebAssembly can hold, runtime included; a model beyond it is refused before it is read. */
const MAX_MODEL_BYTES = 3_500_000_000;

interface Entry {
  readonly path: string;
  readonly size: number;
}

async function list(folder: vscode.Uri, prefix: string): Promise<readonly Entry[]> {
  let entries: readonly [string, vscode.FileType][];
  try {
    entries = await vscode.workspace.fs.readDirectory(prefix === '' ? folder : vscode.Uri.joinPath(folder, prefix));
  } catch {
    return [];
  }
  const paths = entries.filter(([, type]) => (type & vscode.FileType.File) !== 0).map(([name]) => (prefix === '' ? name : `${prefix}/${name}`));
  return Promise.all(paths.map(async (path) => ({ path, size: (await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, path))).size })));
}

/** What a folder holds: one variant a precision, each with all its files. */
export async function variantsOf(folder: vscode.Uri): Promise<readonly Variant[]> {
  const entries = [...(await list(folder, '')), ...(await list(folder, 'onnx'))];
  return findVariants(entries.map((entry) => ({ ...entry, sha256: null, gitOid: null })));
}

/**
 * Reads what the engine needs of a model's folder.
 * @throws ExplainError MODEL_FILE_MISSING, TOKENIZER_MISSING, TOO_LARGE
 */
export async function readModel(model: ModelRef, signal: AbortSignal, progress: (fraction: number) => void): Promise<ModelFiles> {
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
    throw missing === 'tokenizer.json'
      ? new ExplainError('TOKENIZER_MISSING', `“${model.name}” has no tokenizer.json; put the one from its Hugging Face page into its folder and try again.`)
      : new ExplainError('MODEL_FILE_MISSING', `“${model.name}” has no ${missing}; the folder must be a Hugging Face ONNX export (config.json, tokenizer.json, *.onnx).`);
  }
  const total = variant.bytes;
  const wanted = variant.files.map(({ path }) => path);
  if (total > MAX_MODEL_BYTES) {
    throw new ExplainError('TOO_LARGE', `“${model.name}” has ${(total / 1e9).toFixed(1)} GB of weights, more than the 3.5 GB that can be loaded; choose a smaller or a quantised variant.`);
  }
  let read = 0;
  const files = await Promise.all(
    wanted.map(async (path) => {
      signal.throwIfAborted();
      try {
        const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(model.folder, path));
        progress((read += bytes.byteLength) / total);
        return [path, bytes] as const;
      } catch (thrown) {
        throw toExplainError(thrown, 'MODEL_FILE_MISSING', `The model's file ${path} could not be read; check the folder, or reinstall the extension.`);
      }
    }),
  );
  signal.throwIfAborted();
  return Object.fromEntries(files);
}
