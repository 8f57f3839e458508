import * as vscode from 'vscode';
import { towersAmong } from '../../config/graphNames';
import { senseOfTags } from '../../config/senses';
import { ExplainError, isAbort } from '../../errors';
import {
  baseOf,
  checkedFiles,
  defaultVariant,
  download,
  findVariants,
  isRepositoryId,
  lookUp,
  planDownload,
  removeModel,
  totalBytes,
  type HubOptions,
  type Manifest,
  type Repository,
  type StoredModel,
} from '../../hub/index';
import { say } from '../../text/say';
import { agrees, warn, withProgress, type ProgressReport } from '../messages';
import { CURATED_MODELS } from './curatedModels';
import { hubModel, type ModelLibrary } from './modelLibrary';
import { refuseTooLarge, type HubModel } from './modelSources';
import { readSettings } from '../settings';
import { sizeText } from './sizeText';
import { pickVariant } from './variantPick';

const TOKEN_KEY = 'explainAttention.hub.token';

/** Leads the user through a download from the hub: nothing is asked of the network before they choose to, and nothing large before they agree. */
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
    const repository = await this.#withToken((options) =>
      cancellable(say('host.hub.lookingUp', { id }), (signal) => lookUp(options, id, { signal })),
    );
    return repository && this.#fetch(repository);
  }

  /** Goes on with a download that was cut or cancelled. */
  async resume({ manifest }: StoredModel): Promise<HubModel | undefined> {
    return this.#download(manifest);
  }

  /** Deletes a download, after asking; true where it is gone. @throws ExplainError HUB_BUSY, INTERNAL */
  async remove({ manifest, storedBytes }: StoredModel): Promise<boolean> {
    const { id, dtype } = manifest;
    const message = say('host.hub.remove', { id, dtype, size: sizeText(storedBytes) });
    if (!(await agrees({ message, severe: true }, say('host.hub.removeButton')))) return false;
    await removeModel(this.#library.storage, manifest);
    return true;
  }

  /** Asks for an access token and keeps it in VS Code's secret storage; an empty one is forgotten. True where one was given. */
  async askForToken(): Promise<boolean> {
    const token = await vscode.window.showInputBox({
      title: say('host.hub.tokenTitle'),
      prompt: say('host.hub.tokenPrompt'),
      password: true,
      ignoreFocusOut: true,
    });
    if (token === undefined) return false;
    if (token.trim() === '') await this.#secrets.delete(TOKEN_KEY);
    else await this.#secrets.store(TOKEN_KEY, token.trim());
    return token.trim() !== '';
  }

  async #fetch(repository: Repository): Promise<HubModel | undefined> {
    const { id, files, tags } = repository;
    // One of two towers may read text.
    const sense = towersAmong(files.map(({ path }) => path)).text.length > 0 ? undefined : senseOfTags(tags);
    if (sense) throw new ExplainError('MODEL_UNSUPPORTED', say(sense));
    const variants = findVariants(files);
    if (variants.length === 0) throw new ExplainError('MODEL_FILE_MISSING', say('host.hub.noExport', { id }));
    const variant = await pickVariant(variants, defaultVariant(variants, ...(await machine())));
    if (!variant) return undefined;
    if (variant.missing.includes('tokenizer.json'))
      throw new ExplainError('TOKENIZER_MISSING', say('host.hub.noTokenizer', { id }));
    const [missing] = variant.missing;
    if (missing !== undefined) throw new ExplainError('MODEL_FILE_MISSING', say('host.hub.lacks', { id, missing }));
    // Said before gigabytes are fetched, not after.
    refuseTooLarge(id, variant.bytes);
    const plan = planDownload(repository, variant);
    const { host } = baseOf({ url: readSettings().hubUrl });
    const message = say('host.hub.agree', { id, dtype: variant.dtype, size: sizeText(variant.bytes), host });
    const detail = agreementText(plan, repository.licence ?? say('host.hub.noneStated'));
    return (await agrees({ message, detail }, say('host.hub.agreeButton'))) ? this.#download(plan) : undefined;
  }

  async #download(plan: Manifest): Promise<HubModel | undefined> {
    const total = sizeText(totalBytes(plan));
    const manifest = await this.#withToken((options) =>
      cancellable(say('host.hub.downloading', { id: plan.id }), (signal, report) => {
        let shown = 0;
        return download(options, this.#library.storage, plan, {
          signal,
          onProgress: ({ received, total: all, path }) => {
            const percent = all === 0 ? 100 : Math.floor((100 * received) / all);
            if (percent === shown) return;
            report({
              message: say('host.hub.received', { received: sizeText(received), total, path }),
              increment: percent - shown,
            });
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
        return await task({
          url: readSettings().hubUrl,
          fetch: (url, init) => fetch(url, init),
          token: await this.#secrets.get(TOKEN_KEY),
        });
      } catch (thrown) {
        if (!(thrown instanceof ExplainError) || thrown.code !== 'HUB_GATED') throw thrown;
        const enter = say('host.hub.enterToken');
        const answer = await warn(`${thrown.message} (${thrown.code})`, enter);
        if (answer !== enter || !(await this.askForToken())) return undefined;
      }
    }
  }
}

/** What the user agrees to: the licence, and how many of the files can be checked, and by what: never more than is done. */
function agreementText(plan: Manifest, licence: string): string {
  const count = plan.files.length;
  const checked = checkedFiles(plan);
  if (checked === count) return say('host.hub.allChecked', { licence, count });
  return checked === 0
    ? say('host.hub.sizesChecked', { licence, count })
    : say('host.hub.someChecked', { licence, count, checked });
}

/** An id from the short list, or one that is typed. */
function askForId(): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick();
  pick.title = say('host.hub.pickTitle');
  pick.placeholder = say('host.hub.pickPlaceholder');
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  const curated = CURATED_MODELS.map(({ id, family, parameters, licence, why }) => ({
    label: id,
    description: say('host.hub.curated', { family, parameters, licence }),
    detail: say(why),
  }));
  pick.items = curated;
  return new Promise((resolve) => {
    pick.onDidChangeValue((value) => {
      const typed = value.trim();
      const known = curated.some(({ label }) => label === typed);
      pick.items =
        isRepositoryId(typed) && !known
          ? [{ label: typed, description: say('host.hub.lookItUp'), alwaysShow: true }, ...curated]
          : curated;
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
  task: (signal: AbortSignal, report: (value: ProgressReport) => void) => Promise<T>,
): Promise<T | undefined> {
  return withProgress(title, async (signal, report) => {
    try {
      return await task(signal, report);
    } catch (thrown) {
      if (isAbort(thrown) || signal.aborted) return undefined;
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
