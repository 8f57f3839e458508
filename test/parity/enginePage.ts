/** The page's side of the engine tests in Chromium: what the extension host does, as a script that the test drives. */
import { ENGINE_LIMITS, spawnEngine, type EngineLimits, type EngineProcess } from '../../src/engine/client';
import { ExplainError } from '../../src/errors';
import type {
  EngineApi,
  EngineEvents,
  ModelFiles,
  ModelReport,
  ProviderRequest,
  ProviderReport,
  RuntimeBuild,
} from '../../src/protocol/engine';

const NAMES: Readonly<Record<RuntimeBuild, string>> = { cpu: '', jspi: '.jspi', asyncify: '.asyncify' };

/** A result or a failure, as a driver can carry it. */
export type Plain<T> = { readonly value: T } | { readonly error: { readonly code: string; readonly message: string } };

export interface Started {
  readonly provider: ProviderReport;
  readonly probe: number;
  readonly runtime: number;
  readonly isolated: boolean;
}

export interface Loaded {
  readonly report: ModelReport;
  readonly milliseconds: number;
}

let engine: EngineProcess | undefined;
const steps: EngineEvents['step'][] = [];
let death = '';
const aborts = new Map<string, AbortController>();

async function bytes(path: string): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function filesOf(
  folder: string,
  paths: readonly string[],
  cut?: { readonly path: string; readonly length: number },
): Promise<ModelFiles> {
  return Object.fromEntries(
    await Promise.all(
      paths.map(
        async (path) =>
          [path, (await bytes(`${folder}/${path}`)).slice(0, cut?.path === path ? cut.length : undefined)] as const,
      ),
    ),
  );
}

/** Typed arrays as plain ones: what a driver can carry. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (_key, item: unknown) =>
      ArrayBuffer.isView(item) && !(item instanceof DataView) ? Array.from(item as Float32Array) : item,
    ),
  );

async function settle<T>(run: () => Promise<T>): Promise<Plain<T>> {
  try {
    // Typed arrays have become plain ones: what a test reads is the same.
    return { value: plain(await run()) as T };
  } catch (thrown) {
    if (thrown instanceof ExplainError)
      return { error: { code: thrown.code, message: `${thrown.message} ${thrown.detail ?? ''}` } };
    return { error: { code: thrown instanceof Error ? thrown.name : 'unknown', message: String(thrown) } };
  }
}

/** The next worker is ended so many milliseconds after its start, as when the system is out of memory: nobody is told. */
function killNextWorker(after: number): void {
  const Real = globalThis.Worker;
  globalThis.Worker = class extends Real {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      globalThis.Worker = Real;
      setTimeout(() => this.terminate(), after);
    }
  };
}

const page = {
  /** Starts a worker and its runtime; the time it took, and what runs. */
  start: (
    request: ProviderRequest,
    build?: RuntimeBuild | null,
    limits: Partial<EngineLimits> = {},
    killAfter?: number,
  ): Promise<Plain<Started>> =>
    settle(async () => {
      engine?.terminate();
      if (killAfter !== undefined) killNextWorker(killAfter);
      engine = spawnEngine(await (await fetch('/engine.js')).text(), { ...ENGINE_LIMITS, ...limits });
      death = '';
      engine.onDeath((error) => (death = error.code));
      engine.client.on('step', (step) => steps.push(step));
      const began = performance.now();
      const provider = await engine.client.api.findProvider(request);
      const probe = performance.now() - began;
      const name = NAMES[build ?? provider.build];
      const [wasmGzip, mjs] = await Promise.all([
        bytes(`/ort/ort-wasm-simd-threaded${name}.wasm.gz`),
        fetch(`/ort/ort-wasm-simd-threaded${name}.mjs`).then((response) => response.text()),
      ]);
      const before = performance.now();
      const { api } = engine.client;
      await api.compile({ build: build ?? provider.build, wasmGzip, mjs });
      await api.start({ build: build ?? provider.build });
      return { provider, probe, runtime: performance.now() - before, isolated: crossOriginIsolated };
    }),

  /** Loads a model from files that the server has. */
  load: (
    folder: string,
    paths: readonly string[],
    cut?: { readonly path: string; readonly length: number },
  ): Promise<Plain<Loaded>> =>
    settle(async () => {
      const files = await filesOf(folder, paths, cut);
      const began = performance.now();
      const report = await (engine as EngineProcess).client.api.load({
        modelId: folder,
        version: '',
        name: folder,
        files,
      });
      return { report, milliseconds: performance.now() - began };
    }),

  /** Calls a method of the engine with the model's files beside its request, for the sessions that it may need. */
  callWithFiles: <M extends keyof EngineApi>(
    method: M,
    request: object,
    folder: string,
    paths: readonly string[],
  ): Promise<Plain<Awaited<ReturnType<EngineApi[M]>>>> =>
    settle(() =>
      filesOf(folder, paths).then(
        (files) =>
          (engine as EngineProcess).client.api[method]({ ...request, files } as never) as Promise<
            Awaited<ReturnType<EngineApi[M]>>
          >,
      ),
    ),

  /** Calls a method of the engine. `abortAs` makes it abortable by that name. */
  call: <M extends keyof EngineApi>(
    method: M,
    request: unknown,
    abortAs?: string,
  ): Promise<Plain<Awaited<ReturnType<EngineApi[M]>>>> =>
    settle(() => {
      const controller = new AbortController();
      if (abortAs !== undefined) aborts.set(abortAs, controller);
      // The request is checked by the engine: a test may send a wrong one.
      return (engine as EngineProcess).client.api[method](request as never, controller.signal) as Promise<
        Awaited<ReturnType<EngineApi[M]>>
      >;
    }),

  abort: (name: string) => aborts.get(name)?.abort(),
  steps: () => plain(steps.splice(0)),
  death: () => death,
  terminate: () => engine?.terminate(),
};

export type EnginePage = typeof page;
Object.assign(globalThis, { page });
