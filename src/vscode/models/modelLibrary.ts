import * as vscode from 'vscode';
import { isObject } from '../../json/fields';
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
import type { OwnFiles } from '../ownFiles';
import {
  BUNDLED_FOLDER,
  bundledModel,
  folderVersion,
  openDownload,
  neededOf,
  openFolder,
  readListing,
  type FolderModel,
  type HubModel,
  type ModelRef,
  type OpenedModel,
} from './modelSources';
import { workspaceStorage } from './workspaceStorage';
import { toExplainError } from '../../errors';
import { say } from '../../text/say';

/** Where the build notes what the bundled model consists of. */
const LISTING = 'dist/bundled-model.json';
const CURRENT_KEY = 'explainAttention.model';
const FOLDERS_KEY = 'explainAttention.folders';

/** Narrows a folder that was stored. */
function parseFolder(value: unknown): FolderModel | undefined {
  if (!isObject(value)) return undefined;
  const { id, name, folder, dtype } = value;
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
  readonly #own: OwnFiles;
  #listed: ReturnType<typeof readListing>;
  readonly #log: vscode.LogOutputChannel;

  constructor(context: vscode.ExtensionContext, own: OwnFiles, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#own = own;
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

  /** Begins to read a model's files. @throws ExplainError with the code of what is wrong with them */
  async open(model: ModelRef, signal: AbortSignal, progress: (fraction: number) => void): Promise<OpenedModel> {
    switch (model.from) {
      case 'hub':
        return openDownload(model, this.storage, signal, progress);
      case 'folder':
        return openFolder(model, signal, progress);
      case 'bundled':
        return openFolder(
          model,
          signal,
          progress,
          (path) => this.#own.read(`${BUNDLED_FOLDER}/${path}`),
          await this.#listing(),
        );
    }
  }

  /** Begins to read the bundled model's files, where that is the one that will be asked for. */
  async ahead(signal: AbortSignal): Promise<void> {
    this.#own.ahead([LISTING]);
    if ((await this.current()).from !== 'bundled') return;
    const listing = await this.#listing();
    if (listing && !signal.aborted) this.#own.ahead(neededOf(listing).map((path) => `${BUNDLED_FOLDER}/${path}`));
  }

  /** What the build noted of the bundled model's files; the folder is asked where it did not. */
  async #listing(): Promise<ReturnType<typeof readListing>> {
    try {
      return (this.#listed ??= readListing(await this.#own.readText(LISTING)));
    } catch {
      return undefined;
    }
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
