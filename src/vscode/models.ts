import * as vscode from 'vscode';
import { ExplainError, toExplainError } from '../errors';
import type { ModelFiles } from '../protocol/engine';
import { chooseGraphs } from './modelLayout';

/** A model that can be chosen: where it is and what to call it. */
export interface ModelRef {
  /** Stable: `bundled:en-fr`, `folder:<uri>`, `hub:<id>@<revision>`. */
  readonly id: string;
  readonly name: string;
  readonly folder: vscode.Uri;
}

/** The model that ships inside the extension. */
export function bundledModel(extensionUri: vscode.Uri): ModelRef {
  return { id: 'bundled:en-fr', name: 'English to French (bundled)', folder: vscode.Uri.joinPath(extensionUri, 'models', 'en-fr') };
}

const SIDE_FILES = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'] as const;
const REQUIRED: readonly string[] = ['config.json', 'tokenizer.json'];

/** What WebAssembly can hold, runtime included; a model beyond it is refused before it is read. */
const MAX_MODEL_BYTES = 3_500_000_000;

type Entry = readonly [path: string, size: number];

async function list(folder: vscode.Uri, prefix: string): Promise<readonly Entry[]> {
  let entries: readonly [string, vscode.FileType][];
  try {
    entries = await vscode.workspace.fs.readDirectory(prefix === '' ? folder : vscode.Uri.joinPath(folder, prefix));
  } catch {
    return [];
  }
  const files = entries.filter(([, type]) => (type & vscode.FileType.File) !== 0).map(([name]) => (prefix === '' ? name : `${prefix}/${name}`));
  return Promise.all(files.map(async (path) => [path, (await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, path))).size] as const));
}

/**
 * Reads what the engine needs of a model's folder.
 * @throws ExplainError MODEL_FILE_MISSING, TOKENIZER_MISSING, TOO_LARGE
 */
export async function readModel(model: ModelRef, signal: AbortSignal, progress: (fraction: number) => void): Promise<ModelFiles> {
  const entries = [...(await list(model.folder, '')), ...(await list(model.folder, 'onnx'))];
  const sizes = new Map(entries);
  for (const name of REQUIRED) {
    if (sizes.has(name)) continue;
    throw name === 'tokenizer.json'
      ? new ExplainError('TOKENIZER_MISSING', `“${model.name}” has no tokenizer.json; put the one from its Hugging Face page into its folder and try again.`)
      : new ExplainError('MODEL_FILE_MISSING', `“${model.name}” has no ${name}; the folder must be a Hugging Face ONNX export (config.json, tokenizer.json, *.onnx).`);
  }
  const graphs = chooseGraphs([...sizes.keys()]);
  if (graphs.length === 0) {
    throw new ExplainError(
      'MODEL_FILE_MISSING',
      `“${model.name}” has no ONNX files that go together (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx); reinstall the extension, or choose another model.`,
    );
  }
  const wanted = [...SIDE_FILES.filter((name) => sizes.has(name)), ...graphs];
  const total = wanted.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
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
