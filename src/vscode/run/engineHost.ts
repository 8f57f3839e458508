import type * as vscode from 'vscode';
import { spawnEngine, type EngineProcess } from '../../engine/client';
import { ExplainError, isAbort, toExplainError } from '../../errors';
import type {
  EngineApi,
  LoadRequest,
  ModelFiles,
  ModelKey,
  ModelReport,
  ProviderPreference,
  ProviderReport,
  RuntimeBuild,
  RuntimeFiles,
} from '../../protocol/engine';
import { mark } from '../../protocol/marks';
import { untilAborted } from '../../protocol/untilAborted';
import { say } from '../../text/say';
import { allFiles, BUNDLED_TRAINED_TOKENS, type ModelRef, type OpenedModel } from '../models/modelSources';
import type { OwnFiles } from '../ownFiles';
import { readSettings } from '../settings';
import { EngineNews } from './engineNews';
import { Fallbacks } from './fallbacks';
import { loadAsRead } from './loadAsRead';
import { readRuntime, runtimePaths } from './runtimeFiles';
import type { StartMemory } from './startMemory';

/** A loaded model and the service that runs it. */
export interface ServedModel {
  readonly api: EngineApi;
  /** What names the model in the worker. */
  readonly key: ModelKey;
  readonly report: ModelReport;
  readonly provider: ProviderReport;
  /** Milliseconds from asking to loaded; 0 where it was loaded already. */
  readonly milliseconds: number;
}

/** Where models come from. */
export interface ModelSource {
  /** Begins to read a model's files; `progress` is told the fraction read. */
  open(model: ModelRef, signal: AbortSignal, progress: (fraction: number) => void): Promise<OpenedModel>;
  /** Begins to read what the current model needs, where that is known without asking for it. */
  ahead(signal: AbortSignal): Promise<void>;
  /** Another text where a model's files are not those of before. */
  version(model: ModelRef): Promise<string>;
}

interface Running {
  readonly process: EngineProcess;
  readonly provider: ProviderReport;
  readonly settings: string;
  /** Rejects where the runtime cannot be started; the worker is ended then. */
  readonly ready: Promise<void>;
}

/** What an engine is made of. */
export interface EngineParts {
  readonly own: OwnFiles;
  readonly models: ModelSource;
  readonly memory: StartMemory;
  /** Of the extension. */
  readonly version: string;
  readonly log: vscode.LogOutputChannel;
}

/**
 * Owns the engine's worker: starts it when it is first needed, replaces it when it is lost or when the settings ask
 * for another provider, and loads models into it, which keeps those that fit.
 */
export class EngineHost implements vscode.Disposable {
  readonly #own: OwnFiles;
  readonly #models: ModelSource;
  readonly #memory: StartMemory;
  readonly #version: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #news = new EngineNews();
  #running: Running | undefined;
  /** A worker whose runtime is being started: unloading ends it too. */
  #starting: EngineProcess | undefined;
  readonly #fallbacks = new Fallbacks();
  /** Starting and loading go one after another. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Ends reading ahead for a run that is over. */
  #ahead = new AbortController();

  readonly onStep = this.#news.step.event;
  readonly onProgress = this.#news.progress.event;
  readonly onTokens = this.#news.tokens.event;
  readonly onMeasuring = this.#news.measuring.event;
  readonly onCosts = this.#news.costs.event;
  readonly onBeams = this.#news.beams.event;
  readonly onLeftOut = this.#news.leftOut.event;

  constructor({ own, models, memory, version, log }: EngineParts) {
    this.#own = own;
    this.#models = models;
    this.#memory = memory;
    this.#version = version;
    this.#log = log;
  }

  /** The service, where a worker runs; its explanations outlive the model's unloading. */
  get api(): EngineApi | undefined {
    return this.#running?.process.client.api;
  }

  /**
   * The engine with `model` loaded; starts, replaces and loads what is needed.
   * @param text what is to be read: where the model has to be loaded, its tokens are told before that is done
   * @throws ExplainError with the code of what failed; AbortError
   */
  acquire(model: ModelRef, signal: AbortSignal, text?: LoadRequest['text']): Promise<ServedModel> {
    const result = this.#queue.then(() => this.#acquire(model, signal, text)).finally(() => this.#dropAhead());
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** A text is about to be explained: what a start needs is read from now on, while the session gets there. */
  ahead(): void {
    if (this.#running || this.#starting) return;
    const { build } = this.#memory;
    this.#own.ahead(['dist/engine.js', ...(build ? runtimePaths(build) : [])]);
    this.#ahead = new AbortController();
    this.#models.ahead(this.#ahead.signal).catch(() => undefined);
  }

  #dropAhead(): void {
    this.#ahead.abort();
    this.#own.dropAhead();
  }

  /** A model's files once more: the worker does not keep them. */
  files(model: ModelRef, signal: AbortSignal | undefined): Promise<ModelFiles> {
    const own = signal ?? new AbortController().signal;
    const reading = this.#models.open(model, own, () => undefined);
    return untilAborted(
      reading.then((opened) => allFiles(opened)),
      own,
    );
  }

  /**
   * Gives the model's memory back: the whole worker goes, as WebAssembly memory never shrinks. At once, whatever it
   * does; what waits for it fails with EXPLANATION_GONE, or as cancelled where it was cancelled before.
   */
  unload(): void {
    if (!this.#running && !this.#starting) return;
    this.#log.info(say('host.log.unloading'));
    this.#stop(new ExplainError('EXPLANATION_GONE', say('host.unloaded')));
  }

  /** After a GPU failure: stops the worker (the failure sticks to it) and uses WASM in this window from now on. */
  fallBackToWasm(failure: ExplainError): void {
    this.#fallbacks.gpuFailed(failure);
    this.#stop(failure);
  }

  dispose(): void {
    this.#stop(new ExplainError('ENGINE_LOST', say('host.shuttingDown')));
    this.#news.dispose();
  }

  async #acquire(model: ModelRef, signal: AbortSignal, text: LoadRequest['text']): Promise<ServedModel> {
    signal.throwIfAborted();
    const began = performance.now();
    const wanted = this.#fallbacks.settingsKey(model);
    if (this.#running && this.#running.settings !== wanted) {
      this.#stop(new ExplainError('EXPLANATION_GONE', say('host.providerChanged')));
    }
    const version = await untilAborted(this.#models.version(model), signal);
    if (this.#running) {
      const { process, provider } = this.#running;
      const kept = await process.client.api.use({ modelId: model.id, version }, signal);
      if (kept)
        return {
          api: process.client.api,
          key: { modelId: model.id, version },
          report: kept,
          provider,
          milliseconds: 0,
        };
    }
    // The model's files are read while the runtime starts: neither waits for the other.
    const opening = this.#models.open(model, signal, (fraction) =>
      this.#news.progress.fire({ phase: say('host.readingModel'), fraction }),
    );
    // The failure is handled where the files are awaited; this keeps it from being reported as unhandled while the worker starts.
    opening.catch(() => undefined);
    const running = this.#running ?? (await this.#start(model, wanted, signal));
    const opened = await untilAborted(opening, signal);
    mark('files listed');
    let report: ModelReport;
    try {
      const bundled: Partial<LoadRequest> =
        model.from === 'bundled'
          ? {
              sentencesBeyond: BUNDLED_TRAINED_TOKENS,
              trial: { version: this.#version, kept: this.#memory.trial },
            }
          : {};
      const { api } = running.process.client;
      const request = { modelId: model.id, version, name: model.name, files: {}, ...(text && { text }), ...bundled };
      report = await loadAsRead(api, running.ready, request, opened, signal);
    } catch (thrown) {
      const next = this.#fallbacks.after(running.provider, model, thrown);
      if (next === undefined) throw this.#fallbacks.withBoth(running.provider, model, thrown);
      this.#stop(new ExplainError('EXPLANATION_GONE', next));
      return this.#acquire(model, signal, text);
    }
    const milliseconds = performance.now() - began;
    mark('model loaded');
    this.#log.info(
      say('host.log.loaded', {
        name: model.name,
        milliseconds: milliseconds.toFixed(0),
        provider: running.provider.provider,
        build: running.provider.build,
      }),
    );
    for (const note of report.notes) this.#log.debug(note);
    return {
      api: running.process.client.api,
      key: { modelId: model.id, version },
      report,
      provider: running.provider,
      milliseconds,
    };
  }

  /** @param last the build that was needed last, which is most likely the one that is needed now */
  async #start(model: ModelRef, settings: string, signal: AbortSignal, last = this.#memory.build): Promise<Running> {
    this.#news.progress.fire({ phase: say('host.startingRuntime'), fraction: -1 });
    mark('start');
    const likely = last && readRuntime(this.#own, last);
    likely?.catch(() => undefined);
    const script = await untilAborted(this.#own.readText('dist/engine.js'), signal);
    mark('script read');
    const process = spawnEngine(script);
    this.#starting = process;
    const { executionProvider } = readSettings();
    const trouble = this.#fallbacks.gpuTrouble(model);
    const preference: ProviderPreference = trouble === undefined ? executionProvider : 'wasm';
    // It is compiled while the provider is looked for, which can take a second where there is no graphics device; and the plain build,
    // which needs none, is started.
    const compiling = likely && this.#compile(process, likely);
    const plain =
      compiling && last === 'cpu' && preference !== 'webgpu'
        ? this.#begin(process, last, compiling, signal)
        : undefined;
    for (const begun of [compiling, plain]) begun?.catch(() => undefined);
    try {
      const allowSoftwareAdapter = this.#fallbacks.allowsSoftware(model);
      const found = await process.client.api.findProvider({ preference, allowSoftwareAdapter }, signal);
      mark('provider found');
      const provider = trouble === undefined ? found : { ...found, reason: trouble };
      const { build, threads, adapter, reason } = provider;
      this.#log.info(
        provider.provider === 'webgpu'
          ? say('host.log.webGpu', { build, adapter })
          : say('host.log.wasm', { build, threads, reason }),
      );
      if (plain && build !== last) {
        // The runtime is started once in a worker's life: this one has the wrong build.
        process.terminate();
        return await this.#start(model, settings, signal, build);
      }
      const compiled = last === build && compiling ? compiling : this.#compile(process, readRuntime(this.#own, build));
      const ready = this.#started(process, build, plain ?? this.#begin(process, build, compiled, signal), signal);
      const running: Running = { process, provider, settings, ready };
      this.#news.follow(process);
      process.client.onWrong((error) => this.#log.warn([error.message, error.detail].join(' ')));
      process.client.on('tested', (passed) => this.#memory.keepTrial(passed));
      process.client.on('marks', ({ marks }) => {
        for (const { name, time } of marks) mark(name, time);
      });
      process.client.on('lost', ({ message }) => this.#onLost(running, new ExplainError('GPU_LOST', message)));
      // Noted before anybody listens for its death: of a worker that has died already `onDeath` tells at once.
      this.#running = running;
      process.onDeath((error) => this.#onLost(running, error));
      ready.catch(() => {
        if (this.#running === running) this.#running = undefined;
      });
      return running;
    } catch (thrown) {
      process.terminate();
      throw isAbort(thrown) ? thrown : toExplainError(thrown, 'PROVIDER_UNAVAILABLE');
    } finally {
      if (this.#starting === process) this.#starting = undefined;
    }
  }

  /** Has the worker compile a build of the runtime as soon as that has been read. */
  async #compile({ client }: EngineProcess, reading: Promise<RuntimeFiles>): Promise<void> {
    const files = await reading;
    mark('runtime read');
    await client.api.compile(files);
  }

  /** Starts a build of the runtime as soon as the worker has it. */
  async #begin(
    { client }: EngineProcess,
    build: RuntimeBuild,
    compiling: Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    await untilAborted(compiling, signal);
    await client.api.start({ build }, signal);
  }

  /** Waits for the runtime, and ends the worker where it cannot be started. @throws ExplainError PROVIDER_UNAVAILABLE; AbortError */
  async #started(
    process: EngineProcess,
    build: RuntimeBuild,
    starting: Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await untilAborted(starting, signal);
      this.#memory.keepBuild(build);
    } catch (thrown) {
      const error = isAbort(thrown) ? thrown : toExplainError(thrown, 'PROVIDER_UNAVAILABLE');
      process.terminate(error instanceof ExplainError ? error : undefined);
      throw error;
    }
  }

  #onLost(running: Running, error: ExplainError): void {
    if (this.#running !== running) return;
    this.#log.error(say('host.log.ended', { code: error.code, message: error.message }));
    if (error.code === 'GPU_LOST') this.fallBackToWasm(error);
    else this.#stop(error);
  }

  #stop(reason: ExplainError): void {
    const processes = [this.#running?.process, this.#starting];
    this.#running = undefined;
    this.#starting = undefined;
    for (const process of processes) process?.terminate(reason);
  }
}
