import * as vscode from 'vscode';
import type { ExplainError } from '../../errors';
import { toExplainError } from '../../errors';
import type { EngineHost } from './engineHost';
import type { ExplanationController } from './explanation';
import { GENERATION_VIEW } from '../webviews/generationHost';
import type { HubDownloads } from '../models/hubDownloads';
import type { ModelLibrary } from '../models/modelLibrary';
import { addFolder, pickModel } from '../models/modelPicker';
import type { ModelRef } from '../models/modelSources';
import type { PanelHost } from '../webviews/panelHost';
import { selectedText } from '../editor/selection';
import { warn } from '../messages';
import { SETTINGS_SECTION } from '../settings';
import type { SharedView } from './view';

interface Parts {
  readonly controller: ExplanationController;
  readonly engine: EngineHost;
  readonly panel: PanelHost;
  readonly view: SharedView;
  readonly log: vscode.LogOutputChannel;
  readonly library: ModelLibrary;
  readonly downloads: HubDownloads;
}

/** The editor that a command means: the active one, or (with the panel focused) the one that shows the explained document. */
function targetEditor(controller: ExplanationController): vscode.TextEditor | undefined {
  const uri = controller.selected?.uri.toString();
  return (
    vscode.window.activeTextEditor ??
    vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri) ??
    vscode.window.visibleTextEditors[0]
  );
}

/** Registers the extension's commands; each failure is one message with its code, and what is on show stays. */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { controller, engine, panel, view, log, library, downloads } = parts;

  const explain = async (): Promise<void> => {
    const selected = selectedText(targetEditor(controller));
    panel.show();
    view.setFocus(null);
    await controller.explain(selected, await library.current());
  };

  /** Makes a model the current one, and explains what is on show with it; one that cannot be used is not kept. */
  const use = async (model: ModelRef | undefined): Promise<void> => {
    if (!model) return;
    const before = await library.current();
    await library.use(model);
    const { selected, snapshot } = controller;
    if (!selected || snapshot?.stale !== false) return;
    panel.show();
    view.setFocus(null);
    await controller.explain(selected, model);
    if (controller.snapshot?.error) await library.use(before);
  };

  const commands: Readonly<Record<string, (argument?: unknown) => unknown>> = {
    explain,
    chooseModel: async () => use(await pickModel(library, downloads)),
    useFolder: async (folder) => {
      if (folder instanceof vscode.Uri) await use(await addFolder(folder, library));
    },
    setToken: () => downloads.askForToken(),
    showPanel: () => panel.show(false),
    showGeneration: () => vscode.commands.executeCommand(`${GENERATION_VIEW}.focus`),
    cancel: () => controller.stop(),
    clear: () => view.setFocus(null),
    unload: async () => {
      // What runs is told to stop, so that it ends as cancelled; its worker is not waited for, as it may be stuck.
      const stopped = controller.stop();
      engine.unload();
      await stopped;
    },
    showLog: () => log.show(),
    openSettings: () =>
      vscode.commands.executeCommand(
        'workbench.action.openSettings',
        `@ext:explain-attention.explain-attention ${SETTINGS_SECTION}`,
      ),
  };

  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`explainAttention.${name}`, async (argument?: unknown) => {
      try {
        await run(argument);
      } catch (thrown) {
        report(toExplainError(thrown), log);
      }
    }),
  );
}

/** One sentence with its code; the log has the rest. */
function report(error: ExplainError, log: vscode.LogOutputChannel): void {
  log.error(`${error.code}: ${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}`);
  void warn(`${error.message} (${error.code})`, 'Show Log').then((choice) => {
    if (choice !== undefined) log.show();
  });
}
