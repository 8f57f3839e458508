import * as vscode from 'vscode';
import { ExplainError } from '../errors';
import type { Variant } from '../hub/variants';
import type { ModelLibrary } from './modelLibrary';
import { variantsOf, type ModelRef } from './models';

/** A source of models beside the bundled one and folders: downloads. */
export interface Downloads {
  /** What is there, with its size for people. */
  list(): Promise<readonly { readonly model: ModelRef; readonly detail: string }[]>;
  /** Leads the user through a download; undefined where he gave up. */
  download(): Promise<ModelRef | undefined>;
  /** Deletes a download, after asking; true where it is gone. */
  remove(model: ModelRef): Promise<boolean>;
}

type Action = { readonly model: ModelRef; readonly from: 'bundled' | 'folder' | 'hub' } | { readonly action: 'folder' | 'hub' };
type Item = vscode.QuickPickItem & { readonly choice?: Action };

const REMOVE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Remove' };

/** The Quick Pick “Explain Attention: Choose Model…”. Resolves to the model chosen, or undefined. */
export async function pickModel(library: ModelLibrary, downloads: Downloads): Promise<ModelRef | undefined> {
  for (;;) {
    const choice = await ask(await items(library, downloads), async (removed) => {
      if (removed.from === 'folder') await library.forgetFolder(removed.model);
      else if (await downloads.remove(removed.model)) if (library.current.id === removed.model.id) await library.use(library.bundled);
    });
    if (choice === 'again') continue;
    if (choice === undefined) return undefined;
    if ('model' in choice) return choice.model;
    const model = choice.action === 'hub' ? await downloads.download() : await pickFolder(library);
    if (model) return model;
  }
}

async function items(library: ModelLibrary, downloads: Downloads): Promise<readonly Item[]> {
  const current = library.current.id;
  const mark = (model: ModelRef): string => (model.id === current ? `$(check) ${model.name}` : model.name);
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const folders = library.folders;
  const kept = await downloads.list();
  return [
    { label: mark(library.bundled), description: 'ships inside, works offline', choice: { model: library.bundled, from: 'bundled' } },
    ...(kept.length > 0 ? [separator('Downloaded')] : []),
    ...kept.map(({ model, detail }): Item => ({ label: mark(model), description: detail, buttons: [REMOVE], choice: { model, from: 'hub' } })),
    ...(folders.length > 0 ? [separator('Folders')] : []),
    ...folders.map((model): Item => ({ label: mark(model), description: model.folder.fsPath, buttons: [REMOVE], choice: { model, from: 'folder' } })),
    separator('More models'),
    { label: '$(folder-opened) A folder…', description: 'a Hugging Face ONNX export: config.json, tokenizer.json, *.onnx', choice: { action: 'folder' } },
    { label: '$(cloud-download) From Hugging Face…', description: 'looks a model up; downloads only after you agree', choice: { action: 'hub' } },
  ];
}

/** Shows the list once. `again` after something was removed. */
function ask(list: readonly Item[], remove: (removed: Extract<Action, { readonly model: ModelRef }>) => Promise<void>): Promise<Action | 'again' | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = 'Explain Attention: Choose Model';
  pick.placeholder = 'The model that reads and writes';
  pick.matchOnDescription = true;
  // Asking before a removal takes the focus away.
  pick.ignoreFocusOut = true;
  pick.items = list;
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.choice);
      pick.hide();
    });
    pick.onDidTriggerItemButton(({ item }) => {
      const { choice } = item;
      if (choice && 'model' in choice) {
        void remove(choice).then(() => {
          resolve('again');
          pick.hide();
        });
      }
    });
    pick.onDidHide(() => {
      pick.dispose();
      // After a removal the promise is settled by it; this settles what is left.
      setTimeout(() => resolve(undefined), 0);
    });
    pick.show();
  });
}

/** A size for people: 1.2 GB, 34 MB. */
export function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}

/** Which of several variants; undefined where the user gave up. */
export async function pickVariant(variants: readonly Variant[], proposed: Variant | null): Promise<Variant | undefined> {
  if (variants.length <= 1) return variants[0];
  const first = proposed ? [proposed, ...variants.filter((variant) => variant !== proposed)] : variants;
  const choice = await vscode.window.showQuickPick(
    first.map((variant) => ({ label: variant.dtype, description: `${sizeText(variant.bytes)}${variant === proposed ? ' · proposed for this machine' : ''}`, detail: variant.layout, variant })),
    { title: 'Which precision?', placeHolder: 'Smaller is faster to load; fp32 has the exact numbers', ignoreFocusOut: true },
  );
  return choice?.variant;
}

async function pickFolder(library: ModelLibrary): Promise<ModelRef | undefined> {
  const [folder] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, canSelectMany: false, openLabel: 'Use This Model', title: 'A folder with a Hugging Face ONNX export' })) ?? [];
  if (!folder) return undefined;
  const variants = await variantsOf(folder);
  if (variants.length === 0) {
    throw new ExplainError('MODEL_FILE_MISSING', `There is no ONNX export in ${folder.fsPath} (encoder_model.onnx with decoder_model_merged.onnx, or model.onnx, there or in its folder onnx); choose another folder.`);
  }
  const variant = await pickVariant(variants, null);
  return variant && library.addFolder(folder, variant.dtype);
}
