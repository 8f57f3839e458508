import * as vscode from 'vscode';
import { spawnEngine, type EngineProcess } from '../../engine/client';
import { ExplainError, isAbort, toExplainError } from '../../errors';
import type {
  EngineApi,
  EngineEvents,
  ModelFiles,
  ModelKey,
  ModelReport,
  ProviderPreference,
  ProviderReport,
  RuntimeBuild,
} from '../../protocol/engine';
import { untilAborted } from '../../protocol/untilAborted';
import { say } from '../../text/say';
import type { ModelRef } from '../models/modelSources';
import { readSettings } from '../settings';

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

type Progress = EngineEvents['progress'];

/** Where models come from. */
export interface ModelSource {
  /** A model's files; `progress` is told the fraction read. */
  read(model: ModelRef, signal: AbortSignal, progress: (fraction: number) => void): Promise<ModelFiles>;
  /** Another text where a model's files are not those of before. */
  version(model: ModelRef): Promise<string>;
}

interface Running {
  readonly process: EngineProcess;
  readonly provider: ProviderReport;
  readonly settings: string;
}

const RUNTIME_NAMES: Readonly<Record<RuntimeBuild, string>> = {
  cpu: 'ort-wasm-simd-threaded',
  jspi: 'ort-wasm-simd-threaded.jspi',
  asyncify: 'ort-wasm-simd-threaded.asyncify',
};

/**
 * Owns the engine's worker: starts it when it is first needed, replaces it when it is lost or when the settings ask
 * for another provider, and loads models into it, which keeps those that fit.
 */
export class EngineHost implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #models: ModelSource;
  readonly #log: vscode.LogOutputChannel;
  readonly #steps = new vscode.EventEmitter<EngineEvents['step']>();
  readonly #progress = new vscode.EventEmitter<Progress>();
  readonly #measuring = new vscode.EventEmitter<EngineEvents['measuring']>();
  readonly #costs = new vscode.EventEmitter<EngineEvents['costs']>();
  #running: Running | undefined;
  /** A worker whose runtime is being started: unloading ends it too. */
  #starting: EngineProcess | undefined;
  /** Set once the GPU failed in this window: WASM from then on, with the reason. */
  #gpuFailure: string | undefined;
  /** Models that the GPU cannot run, by id, with what was said of it: they run on WASM. */
  readonly #wasmFor = new Map<string, string>();
  /** Models that only WebGPU can run, by id: a software adapter is better than nothing for them. */
  readonly #softwareFor = new Set<string>();
  /** Starting and loading go one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  readonly onStep = this.#steps.event;
  readonly onProgress = this.#progress.event;
  readonly onMeasuring = this.#measuring.event;
  readonly onCosts = this.#costs.event;

  constructor(extensionUri: vscode.Uri, models: ModelSource, log: vscode.LogOutputChannel) {
    this.#extensionUri = extensionUri;
    this.#models = models;
    this.#log = log;
  }

  /** The service, where a worker runs; its explanations outlive the model's unloading. */
  get api(): EngineApi | undefined {
    return this.#running?.process.client.api;
  }

  /**
   * The engine with `model` loaded; starts, replaces and loads what is needed.
   * @throws ExplainError with the code of what failed; AbortError
   */
  acquire(model: ModelRef, signal: AbortSignal): Promise<ServedModel> {
    const result = this.#queue.then(() => this.#acquire(model, signal));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** A model's files once more: the worker does not keep them. */
  files(model: ModelRef, signal: AbortSignal | undefined): Promise<ModelFiles> {
    const own = signal ?? new AbortController().signal;
    return untilAborted(
      this.#models.read(model, own, () => undefined),
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
    this.#gpuFailure = say('host.wasmAfterGpu', { failure: failure.message });
    this.#stop(failure);
  }

  dispose(): void {
    this.#stop(new ExplainError('ENGINE_LOST', say('host.shuttingDown')));
    this.#steps.dispose();
    this.#progress.dispose();
    this.#measuring.dispose();
    this.#costs.dispose();
  }

  async #acquire(model: ModelRef, signal: AbortSignal): Promise<ServedModel> {
    signal.throwIfAborted();
    const began = performance.now();
    const wanted = this.#settingsKey(model);
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
    // The model's files are read while the runtime starts: both wait for the same file service, neither for the other.
    const files = this.#models.read(model, signal, (fraction) =>
      this.#progress.fire({ phase: say('host.readingModel'), fraction }),
    );
    // The failure is handled where the files are awaited; this keeps it from being reported as unhandled while the runtime starts.
    files.catch(() => undefined);
    const running = this.#running ?? (await this.#start(model, wanted, signal));
    const bytes = await untilAborted(files, signal);
    let report: ModelReport;
    try {
      report = await running.process.client.api.load(
        { modelId: model.id, version, name: model.name, files: bytes },
        signal,
      );
    } catch (thrown) {
      if (this.#mayRunOnWasm(running, thrown)) {
        this.#wasmFor.set(model.id, thrown.message);
        this.#stop(new ExplainError('EXPLANATION_GONE', say('host.loadedOnWasm')));
        return this.#acquire(model, signal);
      }
      if (this.#mayRunOnSoftware(running, model, thrown)) {
        this.#softwareFor.add(model.id);
        this.#stop(new ExplainError('EXPLANATION_GONE', say('host.loadedOnSoftware')));
        return this.#acquire(model, signal);
      }
      throw this.#withBoth(running, model, thrown);
    }
    const milliseconds = performance.now() - began;
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

  /** Why the model runs on WASM although the settings would have the GPU; undefined where nothing is against it. */
  #gpuTrouble(model: ModelRef): string | undefined {
    const failure = this.#wasmFor.get(model.id);
    return this.#gpuFailure ?? (failure === undefined ? undefined : say('host.wasmForModel', { failure }));
  }

  /** True where WASM was chosen by itself, for want of a better adapter, and the model cannot run on it. */
  #mayRunOnSoftware({ provider }: Running, model: ModelRef, thrown: unknown): boolean {
    return (
      provider.provider === 'wasm' &&
      this.#gpuTrouble(model) === undefined &&
      readSettings().executionProvider === 'auto' &&
      !this.#allowsSoftware(model) &&
      thrown instanceof ExplainError &&
      thrown.code === 'WEBGPU_NEEDED'
    );
  }

  #allowsSoftware(model: ModelRef): boolean {
    return readSettings().allowSoftwareAdapter || this.#softwareFor.has(model.id);
  }

  /** Of a model that fails on WASM after it had failed on the GPU, both are told. */
  #withBoth({ provider }: Running, model: ModelRef, thrown: unknown): unknown {
    const gpu = this.#wasmFor.get(model.id);
    if (provider.provider !== 'wasm' || gpu === undefined || !(thrown instanceof ExplainError)) return thrown;
    return new ExplainError(thrown.code, say('host.failedOnBoth', { failure: thrown.message, gpu }), {
      ...(thrown.detail === undefined ? {} : { detail: thrown.detail }),
      cause: thrown,
    });
  }

  /** True where a model failed on a GPU that was not asked for by name. */
  #mayRunOnWasm(running: Running, thrown: unknown): thrown is ExplainError {
    const onGpu = running.provider.provider === 'webgpu' && readSettings().executionProvider === 'auto';
    return (
      onGpu &&
      thrown instanceof ExplainError &&
      ['RUN_FAILED', 'MODEL_UNSUPPORTED', 'OUT_OF_MEMORY', 'SELFTEST_FAILED', 'TOO_LARGE', 'NOT_FINITE'].includes(
        thrown.code,
      )
    );
  }

  #settingsKey(model: ModelRef): string {
    const { executionProvider } = readSettings();
    return `${this.#gpuTrouble(model) === undefined ? executionProvider : 'wasm'}:${this.#allowsSoftware(model)}`;
  }

  async #start(model: ModelRef, settings: string, signal: AbortSignal): Promise<Running> {
    this.#progress.fire({ phase: say('host.startingRuntime'), fraction: -1 });
    const script = await untilAborted(this.#readText('engine.js'), signal);
    const process = spawnEngine(script);
    this.#starting = process;
    try {
      const { executionProvider } = readSettings();
      const allowSoftwareAdapter = this.#allowsSoftware(model);
      const trouble = this.#gpuTrouble(model);
      const preference: ProviderPreference = trouble === undefined ? executionProvider : 'wasm';
      const probed = await process.client.api.probe({ preference, allowSoftwareAdapter }, signal);
      const provider = trouble === undefined ? probed : { ...probed, reason: trouble };
      const { build, threads, adapter, reason } = provider;
      this.#log.info(
        provider.provider === 'webgpu'
          ? say('host.log.webGpu', { build, adapter })
          : say('host.log.wasm', { build, threads, reason }),
      );
      const name = RUNTIME_NAMES[provider.build];
      const [wasmGzip, mjs] = await untilAborted(
        Promise.all([this.#read(`ort/${name}.wasm.gz`), this.#readText(`ort/${name}.mjs`)]),
        signal,
      );
      await process.client.api.start({ build: provider.build, wasmGzip, mjs }, signal);
      const running: Running = { process, provider, settings };
      process.client.on('step', (step) => this.#steps.fire(step));
      process.client.on('progress', (progress) => this.#progress.fire(progress));
      process.client.on('measuring', (measuring) => this.#measuring.fire(measuring));
      process.client.on('costs', (costs) => this.#costs.fire(costs));
      process.client.on('lost', ({ message }) => this.#onLost(running, new ExplainError('GPU_LOST', message)));
      // Noted before anybody listens for its death: of a worker that has died already `onDeath` tells at once.
      this.#running = running;
      process.onDeath((error) => this.#onLost(running, error));
      return running;
    } catch (thrown) {
      process.terminate();
      throw isAbort(thrown) ? thrown : toExplainError(thrown, 'PROVIDER_UNAVAILABLE');
    } finally {
      if (this.#starting === process) this.#starting = undefined;
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

  async #read(path: string): Promise<Uint8Array> {
    try {
      return await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.#extensionUri, 'dist', path));
    } catch (thrown) {
      throw toExplainError(thrown, 'MODEL_FILE_MISSING', say('host.ownFileUnreadable', { path }));
    }
  }

  async #readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.#read(path));
  }
}
