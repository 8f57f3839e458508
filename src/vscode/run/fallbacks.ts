/** Which provider a model gets in this window: what the settings say, but for what has failed here. */
import { ExplainError } from '../../errors';
import type { ProviderReport } from '../../protocol/engine';
import { say } from '../../text/say';
import type { ModelRef } from '../models/modelSources';
import { readSettings } from '../settings';

type Provider = Pick<ProviderReport, 'provider'>;

export class Fallbacks {
  /** Set once the GPU failed in this window: WASM from then on, with the reason. */
  #gpuFailure: string | undefined;
  /** Models that the GPU cannot run, by id, with what was said of it: they run on WASM. */
  readonly #wasmFor = new Map<string, string>();
  /** Models that only WebGPU can run, by id: a software adapter is better than nothing for them. */
  readonly #softwareFor = new Set<string>();

  /** The GPU has failed: no model of this window runs on it any more. */
  gpuFailed(failure: ExplainError): void {
    this.#gpuFailure = say('host.wasmAfterGpu', { failure: failure.message });
  }

  /** Why the model runs on WASM although the settings would have the GPU; undefined where nothing is against it. */
  gpuTrouble(model: ModelRef): string | undefined {
    const failure = this.#wasmFor.get(model.id);
    return this.#gpuFailure ?? (failure === undefined ? undefined : say('host.wasmForModel', { failure }));
  }

  allowsSoftware(model: ModelRef): boolean {
    return readSettings().allowSoftwareAdapter || this.#softwareFor.has(model.id);
  }

  /** Another text where a worker that was started for this model before does not do for it now. */
  settingsKey(model: ModelRef): string {
    const { executionProvider } = readSettings();
    return `${this.gpuTrouble(model) === undefined ? executionProvider : 'wasm'}:${this.allowsSoftware(model)}`;
  }

  /** After a failed load: what is said of the next one, on another provider; undefined where there is none to try. */
  after(on: Provider, model: ModelRef, thrown: unknown): string | undefined {
    if (this.#mayRunOnWasm(on, thrown)) {
      this.#wasmFor.set(model.id, thrown.message);
      return say('host.loadedOnWasm');
    }
    if (this.#mayRunOnSoftware(on, model, thrown)) {
      this.#softwareFor.add(model.id);
      return say('host.loadedOnSoftware');
    }
    return undefined;
  }

  /** Of a model that fails on WASM after it had failed on the GPU, both are told. */
  withBoth({ provider }: Provider, model: ModelRef, thrown: unknown): unknown {
    const gpu = this.#wasmFor.get(model.id);
    if (provider !== 'wasm' || gpu === undefined || !(thrown instanceof ExplainError)) return thrown;
    return new ExplainError(thrown.code, say('host.failedOnBoth', { failure: thrown.message, gpu }), {
      ...(thrown.detail === undefined ? {} : { detail: thrown.detail }),
      cause: thrown,
    });
  }

  /** True where a model failed on a GPU that was not asked for by name. */
  #mayRunOnWasm({ provider }: Provider, thrown: unknown): thrown is ExplainError {
    return (
      provider === 'webgpu' &&
      readSettings().executionProvider === 'auto' &&
      thrown instanceof ExplainError &&
      ['RUN_FAILED', 'MODEL_UNSUPPORTED', 'OUT_OF_MEMORY', 'SELFTEST_FAILED', 'TOO_LARGE', 'NOT_FINITE'].includes(
        thrown.code,
      )
    );
  }

  /** True where WASM was chosen by itself, for want of a better adapter, and the model cannot run on it. */
  #mayRunOnSoftware({ provider }: Provider, model: ModelRef, thrown: unknown): boolean {
    return (
      provider === 'wasm' &&
      this.gpuTrouble(model) === undefined &&
      readSettings().executionProvider === 'auto' &&
      !this.allowsSoftware(model) &&
      thrown instanceof ExplainError &&
      thrown.code === 'WEBGPU_NEEDED'
    );
  }
}
