import * as vscode from 'vscode';
import { ExplainError, toExplainError } from '../../errors';
import { lessonPlaceOf } from '../../protocol/lessonLink';
import type { LessonPlace } from '../../protocol/lessonPlace';
import { mark } from '../../protocol/marks';
import { wholeView } from '../../protocol/defaultView';
import type { PanelCommand, PinnedMap, ViewState } from '../../protocol/panel';
import type { Session } from '../../session/session';
import type { ModelName } from '../../session/subject/subject';
import type { ActiveEditor } from '../editor/activeEditor';
import { selectedPair, selectedText } from '../editor/selection';
import type { HubDownloads } from '../models/hubDownloads';
import type { ModelLibrary } from '../models/modelLibrary';
import { addFolder, pickModel } from '../models/modelPicker';
import type { ModelRef } from '../models/modelSources';
import { warn } from '../messages';
import { SETTINGS_SECTION } from '../settings';
import { GENERATION_VIEW } from '../webviews/generationHost';
import type { EngineHost } from './engineHost';
import type { HeadMeasurements } from './headMeasurements';
import { lessonLink } from './lessonLinks';
import type { PanelPlace, Places } from './places';
import { say } from '../../text/say';

interface Parts {
  readonly session: Session;
  readonly places: Places;
  readonly editor: ActiveEditor;
  readonly engine: EngineHost;
  readonly log: vscode.LogOutputChannel;
  readonly library: ModelLibrary;
  readonly downloads: HubDownloads;
  readonly heads: HeadMeasurements;
  /** The extension's identifier, which links begin with. */
  readonly extension: string;
}

/** Registers the extension's commands; each failure is one message with its code, and what is on show stays. */
export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { session, places, editor, engine, log, library, downloads, heads, extension } = parts;

  /** Explains what is selected in the panel that `choose` gives; it is shown once there is something to explain. */
  const explain = async (choose: () => PanelPlace): Promise<void> => {
    mark('command');
    const explained = selectedText(editor.get());
    engine.ahead();
    const { controller, view } = choose();
    view.setFocus(null);
    await session.explain(controller.place, { explained, model: await library.current() });
  };
  const activePanel = (): PanelPlace => {
    places.active.panel.show();
    return places.active;
  };

  /** Explains the first of two selections, pins it, and explains the second one beside it. */
  const compare = async (): Promise<void> => {
    const [first, second] = selectedPair(editor.get());
    engine.ahead();
    const { controller, view, pin } = activePanel();
    view.setFocus(null);
    const model = await library.current();
    await session.explain(controller.place, { explained: first, model });
    const { snapshot, selected } = controller;
    // Where it failed, was stopped or gave way to another text, that is what the user has to see.
    if (!snapshot || selected !== first || snapshot.error || snapshot.end === 'stopped') return;
    await pin.pin(snapshot.id, mapOnShow(view.view));
    await session.explain(controller.place, { explained: second, model });
  };

  /** Opens the lesson on what is on show; on the selected text where nothing is. */
  const lesson = async (from: 'where the reader was' | 'from the start', to?: LessonPlace): Promise<void> => {
    if (!places.active.controller.snapshot?.model) await explain(activePanel);
    const { controller, view, panel } = places.active;
    const kinds = controller.snapshot?.model?.kinds ?? [];
    if (kinds.length === 0) return;
    panel.show(false);
    // The page brings a place within what the model and the text have.
    const kind = kinds.some((info) => info.kind === 'encoder') ? 'encoder' : 'decoder';
    const start = { kind, stage: 'tokens', layer: 0, head: 0, token: 0, feature: 0 } as const;
    const kept = from === 'from the start' ? null : view.view.lesson;
    // A place that was linked to may be of the other stack than the path that was walked.
    const linked = to && { lesson: to, lessonPath: 'whole' as const, lessonPlay: null };
    view.setView({ ...view.view, lesson: kept ?? start, ...linked });
  };

  /** Makes a model the current one, and explains what is on show with it; one that cannot be used is not kept. */
  const use = async (model: ModelRef | undefined): Promise<void> => {
    if (!model) return;
    const before = await library.current();
    await library.use(model);
    const { controller, view, panel } = places.active;
    const { selected, snapshot } = controller;
    if (!selected || snapshot?.stale !== false) return;
    panel.show();
    view.setFocus(null);
    await session.explain(controller.place, { explained: selected, model });
    if (controller.snapshot?.error) await library.use(before);
  };

  /** The model of what is on show, or the one that the next text would be read by. */
  const modelToMeasure = async (): Promise<ModelName> =>
    session.modelOf(places.active.controller.place) ?? (await library.current());

  const commands: Readonly<Record<string, (argument?: unknown) => unknown>> &
    Readonly<Record<PanelCommand, () => unknown>> = {
    explain: () => explain(activePanel),
    explainBeside: () => explain(() => places.beside()),
    compare,
    chooseModel: async () => use(await pickModel(library, downloads)),
    useFolder: async (folder) => {
      if (folder instanceof vscode.Uri) await use(await addFolder(folder, library));
    },
    setToken: () => downloads.askForToken(),
    measureHeads: async () => heads.measure(await modelToMeasure(), 'all'),
    findAligner: async () => heads.measure(await modelToMeasure(), 'alignment'),
    copyAlignment: async () => {
      const links = await places.active.alignment.pharaoh();
      if (links === undefined) throw new ExplainError('INVALID_REQUEST', say('host.noAlignment'));
      await vscode.env.clipboard.writeText(links);
    },
    howItWorks: (place) => lesson('where the reader was', lessonPlaceOf(place)),
    startLesson: () => lesson('from the start'),
    copyLessonLink: async () => {
      const { lesson: place } = places.active.view.view;
      if (!place) throw new ExplainError('INVALID_REQUEST', say('host.noLesson'));
      await vscode.env.clipboard.writeText(lessonLink(extension, place));
      vscode.window.setStatusBarMessage(say('host.linkCopied'), 5000);
    },
    showPanel: () => places.active.panel.show(false),
    showGeneration: () => vscode.commands.executeCommand(`${GENERATION_VIEW}.focus`),
    cancel: () => session.stopAll(),
    clear: () => {
      for (const { view } of places.all) view.setFocus(null);
    },
    unload: async () => {
      // What runs is told to stop, so that it ends as cancelled; its worker is not waited for, as it may be stuck.
      const stopped = session.stopAll();
      engine.unload();
      await stopped;
    },
    showLog: () => log.show(),
    openSettings: () =>
      vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extension} ${SETTINGS_SECTION}`),
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

function mapOnShow(view: ViewState): PinnedMap {
  const { kind, layer, head, source } = wholeView(view);
  return { kind, layer, head, source };
}

/** One sentence with its code; the log has the rest. */
function report(error: ExplainError, log: vscode.LogOutputChannel): void {
  log.error(`${error.code}: ${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}`);
  void warn(`${error.message} (${error.code})`, say('host.showLog')).then((choice) => {
    if (choice !== undefined) log.show();
  });
}
