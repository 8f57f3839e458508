import * as vscode from 'vscode';
import {
  findModel,
  isDtype,
  listModels,
  modelIdOf,
  partsOfModelId,
  type Dtype,
  type HubStorage,
  type Manifest,
  type StoredModel,
} from '../../hub/index';
import type { ModelFiles } from '../../protocol/engine';
import {
  bundledModel,
  folderVersion,
  readDownload,
  readFolder,
  type FolderModel,
  type HubModel,
  type ModelRef,
} from './modelSources';
import { workspaceStorage } from './workspaceStorage';
import { toExplainError } from '../../errors';
import { say } from '../../text/say';

const CURRENT_KEY = 'explainAttention.model';
const FOLDERS_KEY = 'explainAttention.folders';

/** Narrows a folder that was stored. */
function parseFolder(value: unknown): FolderModel | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, name, folder, dtype } = value as Record<string, unknown>;
  if (typeof id !== 'string' || typeof name !== 'string' || typeof folder !== 'string') return undefined;
  const model = { from: 'folder' as const, id, name, folder: vscode.Uri.parse(folder) };
  return isDtype(dtype) ? { ...model, dtype } : model;
}

export function hubModel(manifest: Manifest): HubModel {
  const { id, dtype } = manifest;
  return { from: 'hub', id: modelIdOf(manifest), name: `${id} (${dtype})`, manifest };
}

/**
 * The models that can run: the bundled one, folders that the user picked, and downloads. Which one runs is kept in the
 * user's own global state, so no workspace (trusted or not) can choose a model.
 */
export class ModelLibrary {
  readonly #context: vscode.ExtensionContext;
  readonly bundled: FolderModel;
  /** Where downloads are kept. */
  readonly storage: HubStorage;
  readonly #log: vscode.LogOutputChannel;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    this.bundled = bundledModel(context.extensionUri);
    this.storage = workspaceStorage(vscode.Uri.joinPath(context.globalStorageUri, 'models'));
  }

  /** The model that the next explanation runs on: the user's choice while it is there, else the bundled one. */
  async current(): Promise<ModelRef> {
    const id = this.#context.globalState.get<unknown>(CURRENT_KEY);
    return (typeof id === 'string' ? await this.find(id) : undefined) ?? this.bundled;
  }

  get folders(): readonly FolderModel[] {
    const kept = this.#context.globalState.get<unknown>(FOLDERS_KEY);
    return Array.isArray(kept) ? kept.flatMap((value) => parseFolder(value) ?? []) : [];
  }

  /** Downloads, finished and begun; none where the storage cannot be read, which is no reason to show no other models. */
  async downloads(): Promise<readonly StoredModel[]> {
    try {
      return await listModels(this.storage);
    } catch (thrown) {
      this.#log.error(say('host.log.unlisted', { reason: toExplainError(thrown).message }));
      return [];
    }
  }

  /** A model by its id, where it is there and whole. Of a download only its own manifest is asked for. */
  async find(id: string): Promise<ModelRef | undefined> {
    const folder = [this.bundled, ...this.folders].find((model) => model.id === id);
    if (folder) return folder;
    const parts = partsOfModelId(id);
    const found = parts && (await findModel(this.storage, parts));
    if (!found?.complete) return undefined;
    const model = hubModel(found.manifest);
    return model.id === id ? model : undefined;
  }

  async use(model: ModelRef): Promise<void> {
    await this.#context.globalState.update(CURRENT_KEY, model.id);
  }

  async addFolder(folder: vscode.Uri, dtype: Dtype): Promise<FolderModel> {
    const base =
      folder.path
        .split('/')
        .filter((part) => part !== '')
        .pop() ?? folder.path;
    const model: FolderModel = {
      from: 'folder',
      id: `folder:${folder.toString()}#${dtype}`,
      name: dtype === 'fp32' ? base : `${base} (${dtype})`,
      folder,
      dtype,
    };
    await this.#storeFolders([model, ...this.folders.filter(({ id }) => id !== model.id)]);
    return model;
  }

  async forgetFolder(model: ModelRef): Promise<void> {
    await this.#storeFolders(this.folders.filter(({ id }) => id !== model.id));
  }

  /** A model's files, as the engine takes them. @throws ExplainError with the code of what is wrong with them */
  read(model: ModelRef, signal: AbortSignal, progress: (fraction: number) => void): Promise<ModelFiles> {
    return model.from === 'hub'
      ? readDownload(model, this.storage, signal, progress)
      : readFolder(model, signal, progress);
  }

  /** Another text where a model's files are not those of before. Those of a download and of the extension never change. */
  async version(model: ModelRef): Promise<string> {
    return model.from === 'folder' ? folderVersion(model.folder) : '';
  }

  async #storeFolders(folders: readonly FolderModel[]): Promise<void> {
    await this.#context.globalState.update(
      FOLDERS_KEY,
      folders.map((model) => ({ ...model, folder: model.folder.toString() })),
    );
  }
}
