import * as vscode from 'vscode';
import type { ExplainError} from '../errors';
import { toExplainError } from '../errors';
import type { EngineHost } from './engineHost';
import type { ExplanationController } from './explanation';
import { GENERATION_VIEW } from './generationView';
import type { ModelRef } from './models';
import type { PanelHost } from './panel';
import { selectedText } from './selection';
import { SETTINGS_SECTION } from './settings';
import type { SharedView } from './view';

interface Parts {
  readonly controller: ExplanationController;
  readonly engine: EngineHost;
  readonly panel: PanelHost;
  readonly view: SharedView;
  readonly log: vscode.LogOutputChannel;
  readonly currentModel: () => Promise<ModelRef>;
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
  const { controller, engine, panel, view, log } = parts;

  const explain = async (): Promise<void> => {
    const selected = selectedText(targetEditor(controller));
    panel.show();
    view.setFocus(null);
    await controller.explain(selected, await parts.currentModel());
  };

  const commands: Readonly<Record<string, () => unknown>> = {
    explain,
    showPanel: () => panel.show(false),
    showGeneration: () => vscode.commands.executeCommand(`${GENERATION_VIEW}.focus`),
    cancel: () => controller.stop(),
    clear: () => view.setFocus(null),
    unload: async () => {
      await controller.stop();
      engine.unload();
    },
    showLog: () => log.show(),
    openSettings: () => vscode.commands.executeCommand('workbench.action.openSettings', `@ext:explain-attention.explain-attention ${SETTINGS_SECTION}`),
  };

  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`explainAttention.${name}`, async () => {
      try {
        await run();
      } catch (thrown) {
        report(toExplainError(thrown), log);
      }
    }),
  );
}

/** One sentence with its code; the log has the rest. */
function report(error: ExplainError, log: vscode.LogOutputChannel): void {
  log.error(`${error.code}: ${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}`);
  void vscode.window.showWarningMessage(`${error.message} (${error.code})`, 'Show Log').then((choice) => {
    if (choice !== undefined) log.show();
  });
}
