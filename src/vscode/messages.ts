import * as vscode from 'vscode';
import { plainMessage } from './plainMessage';

/**
 * The one place where VS Code shows a message of this extension (.oxlintrc.json sees to it): names of folders,
 * files and models in it are text, never links or commands.
 */

/** A warning in a notification; resolves to the action that was chosen. */
export async function warn(message: string, ...actions: readonly string[]): Promise<string | undefined> {
  return vscode.window.showWarningMessage(plainMessage(message), ...actions);
}

/** A question in a dialog with one answer beside Cancel; true where it was given. */
export async function agrees(
  question: { readonly message: string; readonly detail?: string; readonly severe?: boolean },
  answer: string,
): Promise<boolean> {
  const { message, detail, severe = false } = question;
  const options: vscode.MessageOptions =
    detail === undefined ? { modal: true } : { modal: true, detail: plainMessage(detail) };
  const show = severe ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  return (await show(plainMessage(message), options, answer)) === answer;
}

/** What a task reports: `increment` in percent of the whole. */
export interface ProgressReport {
  readonly message: string;
  readonly increment: number;
}

/** A notification with progress and a Cancel button while `task` runs. */
export async function withProgress<T>(
  title: string,
  task: (signal: AbortSignal, report: (value: ProgressReport) => void) => Promise<T>,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: plainMessage(title), cancellable: true };
  return vscode.window.withProgress(options, async (progress, cancel) => {
    const abort = new AbortController();
    cancel.onCancellationRequested(() => abort.abort());
    return task(abort.signal, ({ message, increment }) =>
      progress.report({ message: plainMessage(message), increment }),
    );
  });
}
