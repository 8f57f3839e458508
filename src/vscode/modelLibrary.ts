import * as vscode from 'vscode';
import { DTYPES, type Dtype } from '../hub/variants';
import { bundledModel, type ModelRef } from './models';

const CURRENT_KEY = 'explainAttention.model';
const FOLDERS_KEY = 'explainAttention.folders';

const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(DTYPES, value);

/** Narrows what was stored. */
export function parseModel(value: unknown): ModelRef | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, name, folder, dtype } = value as Record<string, unknown>;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof folder !== 'string') return undefined;
  const model = { id, name, folder: vscode.Uri.parse(folder) };
  return isDtype(dtype) ? { ...model, dtype } : model;
}

const store = (model: ModelRef): object => ({ ...model, folder: model.folder.toString() });

/**
 * The models that can run: the bundled one, folders that the user picked, and downloads. Which one runs is kept in the
 * user's own global state, so no workspace (trusted or not) can choose a model.
 */
export class ModelLibrary {
  readonly #context: vscode.ExtensionContext;
  readonly bundled: ModelRef;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
    this.bundled = bundledModel(context.extensionUri);
  }

  /** The model that the next explanation runs on. */
  get current(): ModelRef {
    const kept = parseModel(this.#context.globalState.get(CURRENT_KEY));
    return kept && kept.id !== this.bundled.id ? kept : this.bundled;
  }

  get folders(): readonly ModelRef[] {
    const kept = this.#context.globalState.get<unknown>(FOLDERS_KEY);
    return Array.isArray(kept) ? kept.flatMap((value) => parseModel(value) ?? []) : [];
  }

  /** Where downloads are kept. */
  get storage(): vscode.Uri {
    return vscode.Uri.joinPath(this.#context.globalStorageUri, 'models');
  }

  async use(model: ModelRef): Promise<void> {
    await this.#context.globalState.update(CURRENT_KEY, model.id === this.bundled.id ? undefined : store(model));
  }

  async addFolder(folder: vscode.Uri, dtype: Dtype): Promise<ModelRef> {
    const base = folder.path.split('/').filter((part) => part !== '').pop() ?? folder.path;
    const model = { id: `folder:${folder.toString()}#${dtype}`, name: dtype === 'fp32' ? base : `${base} (${dtype})`, folder, dtype };
    await this.#context.globalState.update(FOLDERS_KEY, [model, ...this.folders.filter(({ id }) => id !== model.id)].map(store));
    return model;
  }

  async forgetFolder(model: ModelRef): Promise<void> {
    await this.#context.globalState.update(FOLDERS_KEY, this.folders.filter(({ id }) => id !== model.id).map(store));
    if (this.current.id === model.id) await this.use(this.bundled);
  }

  /** The model of a recipe; the current one where it is no longer there. */
  find(id: string): ModelRef {
    return [this.bundled, this.current, ...this.folders].find((model) => model.id === id) ?? this.current;
  }
}
