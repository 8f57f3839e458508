import * as vscode from 'vscode';
import { ExplainError } from '../../errors';
import type { StoredModel } from '../../hub/index';
import type { HubDownloads } from './hubDownloads';
import { hubModel, type ModelLibrary } from './modelLibrary';
import { variantsOf, type FolderModel, type ModelRef } from './modelSources';
import { plainLabel } from '../plainMessage';
import { sizeText } from './sizeText';
import { pickVariant } from './variantPick';
import { say } from '../../text/say';

type Choice =
  | { readonly kind: 'model'; readonly model: FolderModel }
  | { readonly kind: 'download'; readonly stored: StoredModel }
  | { readonly kind: 'folder' }
  | { readonly kind: 'hub' };

type Item = vscode.QuickPickItem & { readonly choice?: Choice };

const removeButton = (): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon('trash'),
  tooltip: say('host.models.remove'),
});

/** The Quick Pick “Explain Attention: Choose Model…”. Resolves to the model chosen, or undefined. @throws ExplainError what a download or a folder throws */
export async function pickModel(library: ModelLibrary, downloads: HubDownloads): Promise<ModelRef | undefined> {
  for (;;) {
    const answer = await ask(await items(library));
    if (!answer) return undefined;
    const { choice } = answer;
    if (answer.remove) {
      if (choice.kind === 'model') await library.forgetFolder(choice.model);
      else if (choice.kind === 'download') await downloads.remove(choice.stored);
      continue;
    }
    const model = await take(choice, library, downloads);
    if (model) return model;
  }
}

function take(choice: Choice, library: ModelLibrary, downloads: HubDownloads): Promise<ModelRef | undefined> {
  switch (choice.kind) {
    case 'model':
      return Promise.resolve(choice.model);
    case 'download':
      return choice.stored.complete
        ? Promise.resolve(hubModel(choice.stored.manifest))
        : downloads.resume(choice.stored);
    case 'folder':
      return pickFolder(library);
    case 'hub':
      return downloads.fetchNew();
  }
}

async function items(library: ModelLibrary): Promise<readonly Item[]> {
  const current = (await library.current()).id;
  const mark = ({ id, name }: ModelRef): string => (id === current ? `$(check) ${plainLabel(name)}` : plainLabel(name));
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const { bundled, folders } = library;
  const stored = await library.downloads();
  return [
    { label: mark(bundled), description: say('host.models.bundled'), choice: { kind: 'model', model: bundled } },
    ...(stored.length > 0 ? [separator(say('host.models.downloaded'))] : []),
    ...stored.map((one): Item => ({
      label: mark(hubModel(one.manifest)),
      description: describe(one),
      buttons: [removeButton()],
      choice: { kind: 'download', stored: one },
    })),
    ...(folders.length > 0 ? [separator(say('host.models.folders'))] : []),
    ...folders.map((model): Item => ({
      label: mark(model),
      description: plainLabel(model.folder.fsPath),
      buttons: [removeButton()],
      choice: { kind: 'model', model },
    })),
    separator(say('host.models.more')),
    {
      label: say('host.models.folder'),
      description: say('host.models.folderAbout'),
      choice: { kind: 'folder' },
    },
    {
      label: say('host.models.hub'),
      description: say('host.models.hubAbout'),
      choice: { kind: 'hub' },
    },
  ];
}

function describe({ complete, bytes, storedBytes, manifest }: StoredModel): string {
  return complete
    ? say('host.models.downloadedAbout', {
        size: sizeText(bytes),
        licence: plainLabel(manifest.licence ?? say('host.models.noLicence')),
      })
    : say('host.models.unfinished', { stored: sizeText(storedBytes), size: sizeText(bytes) });
}

/** Shows the list once: what was chosen, or whose Remove button was pressed. */
function ask(list: readonly Item[]): Promise<{ readonly choice: Choice; readonly remove: boolean } | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = say('host.models.title');
  pick.placeholder = say('host.models.placeholder');
  pick.matchOnDescription = true;
  pick.items = list;
  return new Promise((resolve) => {
    const answer = (choice: Choice | undefined, remove: boolean): void => {
      resolve(choice && { choice, remove });
      pick.hide();
    };
    pick.onDidAccept(() => answer(pick.selectedItems[0]?.choice, false));
    pick.onDidTriggerItemButton(({ item }) => answer(item.choice, true));
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

async function pickFolder(library: ModelLibrary): Promise<ModelRef | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      canSelectMany: false,
      openLabel: say('host.models.useFolder'),
      title: say('host.models.folderTitle'),
    })) ?? [];
  return folder && addFolder(folder, library);
}

/** Takes a folder into the library, asking for the precision where it has several. @throws ExplainError MODEL_FILE_MISSING */
export async function addFolder(folder: vscode.Uri, library: ModelLibrary): Promise<ModelRef | undefined> {
  const variants = await variantsOf(folder);
  if (variants.length === 0) {
    throw new ExplainError('MODEL_FILE_MISSING', say('host.models.noExport', { folder: folder.fsPath }));
  }
  const variant = await pickVariant(variants, null);
  return variant && library.addFolder(folder, variant.dtype);
}
