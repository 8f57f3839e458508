import * as vscode from 'vscode';
import { senseOfTags } from '../../config/senses';
import { ExplainError, isAbort } from '../../errors';
import { defaultVariant, download, findVariants, isRepositoryId, lookUp, planDownload, removeModel, totalBytes, type HubOptions, type Manifest, type Repository, type StoredModel } from '../../hub/index';
import { CURATED_MODELS } from './curatedModels';
import { hubModel, type ModelLibrary } from './modelLibrary';
import type { HubModel } from './modelSources';
import { readSettings } from '../settings';
import { say } from '../../text/say';
import { sizeText } from './sizeText';
import { pickVariant } from './variantPick';

const TOKEN_KEY = 'explainAttention.hub.token';
const ENTER_TOKEN = 'Enter Access Token…';

/** Leads the user through a download from the hub: nothing is asked of the network before he chose to, nothing large before he agreed. */
export class HubDownloads {
  readonly #library: ModelLibrary;
  readonly #secrets: vscode.SecretStorage;

  constructor(library: ModelLibrary, secrets: vscode.SecretStorage) {
    this.#library = library;
    this.#secrets = secrets;
  }

  /**
   * From an id to a model on the disk; undefined where the user gave up.
   * @throws ExplainError HUB_… , HASH_MISMATCH, DISK_FULL, MODEL_FILE_MISSING, TOKENIZER_MISSING
   */
  async fetchNew(): Promise<HubModel | undefined> {
    const id = await askForId();
    if (id === undefined) return undefined;
    const repository = await this.#withToken((options) => cancellable(`Looking up ${id}`, (signal) => lookUp(options, id, { signal })));
    return repository && this.#fetch(repository);
  }

  /** Goes on with a download that was cut or cancelled. */
  async resume({ manifest }: StoredModel): Promise<HubModel | undefined> {
    return this.#download(manifest);
  }

  /** Deletes a download, after asking; true where it is gone. */
  async remove({ manifest, storedBytes }: StoredModel): Promise<boolean> {
    const answer = await vscode.window.showWarningMessage(`Remove ${manifest.id} (${manifest.dtype}) and free ${sizeText(storedBytes)}?`, { modal: true }, 'Remove');
    if (answer === undefined) return false;
    await removeModel(this.#library.storage, manifest);
    return true;
  }

  /** Asks for an access token and keeps it in VS Code's secret storage; an empty one is forgotten. True where one was given. */
  async askForToken(): Promise<boolean> {
    const token = await vscode.window.showInputBox({
      title: 'Hugging Face access token',
      prompt: 'For gated and private models. It is kept in VS Code’s secret storage and sent to the hub only. Leave it empty to forget the one that is kept.',
      password: true,
      ignoreFocusOut: true,
    });
    if (token === undefined) return false;
    if (token.trim() === '') await this.#secrets.delete(TOKEN_KEY);
    else await this.#secrets.store(TOKEN_KEY, token.trim());
    return token.trim() !== '';
  }

  async #fetch(repository: Repository): Promise<HubModel | undefined> {
    const sense = senseOfTags(repository.tags);
    if (sense) throw new ExplainError('MODEL_UNSUPPORTED', say(sense));
    const variants = findVariants(repository.files);
    if (variants.length === 0) {
      throw new ExplainError('MODEL_FILE_MISSING', `${repository.id} has no ONNX export; look for one under Xenova/ or onnx-community/, or export it yourself and choose its folder.`);
    }
    const variant = await pickVariant(variants, defaultVariant(variants, ...(await machine())));
    if (!variant) return undefined;
    if (variant.missing.includes('tokenizer.json')) {
      throw new ExplainError('TOKENIZER_MISSING', `${repository.id} has no tokenizer.json, which is needed to read text; choose another export of the model.`);
    }
    const [missing] = variant.missing;
    if (missing !== undefined) throw new ExplainError('MODEL_FILE_MISSING', `${repository.id} has no ${missing}; choose another export of the model.`);
    const agreed = await vscode.window.showInformationMessage(
      `Download ${repository.id} (${variant.dtype}, ${sizeText(variant.bytes)}) from ${new URL(readSettings().hubUrl).host}?`,
      { modal: true, detail: `Licence: ${repository.licence ?? 'none stated'}. ${variant.files.length} files, checked against the hub’s checksums, kept in the extension’s storage; remove them at any time in “Choose Model…”.` },
      'Download',
    );
    return agreed === undefined ? undefined : this.#download(planDownload(repository, variant));
  }

  async #download(plan: Manifest): Promise<HubModel | undefined> {
    const total = sizeText(totalBytes(plan));
    const manifest = await this.#withToken((options) =>
      cancellable(`Downloading ${plan.id}`, (signal, report) => {
        let shown = 0;
        return download(options, this.#library.storage, plan, {
          signal,
          onProgress: ({ received, total: all, path }) => {
            const percent = all === 0 ? 100 : Math.floor((100 * received) / all);
            if (percent === shown) return;
            report({ message: `${sizeText(received)} of ${total} (${path})`, increment: percent - shown });
            shown = percent;
          },
        });
      }),
    );
    return manifest && hubModel(manifest);
  }

  /** Runs `task`, and once more with a token where the hub asks for one and the user has one. */
  async #withToken<T>(task: (options: HubOptions) => Promise<T | undefined>): Promise<T | undefined> {
    for (;;) {
      try {
        return await task({ url: readSettings().hubUrl, fetch: (url, init) => fetch(url, init), token: await this.#secrets.get(TOKEN_KEY) });
      } catch (thrown) {
        if (!(thrown instanceof ExplainError) || thrown.code !== 'HUB_GATED') throw thrown;
        const answer = await vscode.window.showWarningMessage(`${thrown.message} (${thrown.code})`, ENTER_TOKEN);
        if (answer !== ENTER_TOKEN || !(await this.askForToken())) return undefined;
      }
    }
  }
}

/** An id from the short list, or one that is typed. */
function askForId(): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick();
  pick.title = 'A model from Hugging Face';
  pick.placeholder = 'Type an id (owner/name), or pick one of these for a first try';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  const curated = CURATED_MODELS.map(({ id, family, parameters, licence, why }) => ({ label: id, description: `${family} · ${parameters} parameters · ${licence}`, detail: why }));
  pick.items = curated;
  return new Promise((resolve) => {
    pick.onDidChangeValue((value) => {
      const typed = value.trim();
      const known = curated.some(({ label }) => label === typed);
      pick.items = isRepositoryId(typed) && !known ? [{ label: typed, description: 'look it up', alwaysShow: true }, ...curated] : curated;
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.label);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** Shows progress with a Cancel button; undefined where it was pressed. */
async function cancellable<T>(
  title: string,
  task: (signal: AbortSignal, report: (value: { readonly message?: string; readonly increment?: number }) => void) => Promise<T>,
): Promise<T | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, cancel) => {
    const abort = new AbortController();
    cancel.onCancellationRequested(() => abort.abort());
    try {
      return await task(abort.signal, (value) => progress.report(value));
    } catch (thrown) {
      if (isAbort(thrown) || abort.signal.aborted) return undefined;
      throw thrown;
    }
  });
}

/** Which provider will run, for what to propose; the engine decides by itself when it starts. */
async function machine(): Promise<readonly ['webgpu' | 'wasm', boolean]> {
  if (readSettings().executionProvider === 'wasm' || !('gpu' in navigator)) return ['wasm', false];
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return adapter && !adapter.info.isFallbackAdapter ? ['webgpu', adapter.features.has('shader-f16')] : ['wasm', false];
}
