/** Brings onnxruntime-web up from bytes: nothing is fetched by path. One JavaScript drives all three builds. */
import * as ort from 'onnxruntime-web/webgpu';
import { ExplainError } from '../../errors';
import { WireWriter } from '../../onnx/wire/writer';
import type { RuntimeFiles } from '../../protocol/engine';
import { mark } from '../../protocol/marks';
import { say } from '../../text/say';

type Instantiate = (
  imports: WebAssembly.Imports,
  done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
) => object;

/** A model of one Identity node: making a session of it instantiates the runtime and its provider. */
function tiniestModel(): Uint8Array {
  const value = (name: string): WireWriter =>
    new WireWriter()
      .text(1, name)
      .message(
        2,
        new WireWriter().message(
          1,
          new WireWriter().int(1, 1).message(2, new WireWriter().message(1, new WireWriter().int(1, 1))),
        ),
      );
  const node = new WireWriter().text(1, 'x').text(2, 'y').text(4, 'Identity');
  const graph = new WireWriter().message(1, node).text(2, 'g').message(11, value('x')).message(12, value('y'));
  return new WireWriter().int(1, 8).message(7, graph).message(8, new WireWriter().text(1, '').int(2, 13)).done();
}

/** The hook's name on the worker's global object, where the wrapper module finds it. */
const HOOK = 'explainAttentionInstantiate';

const moduleUrl = (text: string): string => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));

/** A build of the runtime that is being compiled. */
export interface CompiledRuntime {
  readonly module: Promise<WebAssembly.Module>;
  /** Source text of the build's glue. */
  readonly mjs: string;
}

/** Inflates and compiles at once: the compiler works on what is there while the rest is still being inflated. */
export function compileRuntime({ wasmGzip, mjs }: RuntimeFiles): CompiledRuntime {
  const gzip = new Blob([wasmGzip as Uint8Array<ArrayBuffer>]);
  const inflated = gzip.stream().pipeThrough(new DecompressionStream('gzip'));
  const response = new Response(inflated, { headers: { 'content-type': 'application/wasm' } });
  const module = WebAssembly.compileStreaming(response).then((compiled) => {
    mark('runtime compiled');
    return compiled;
  });
  // Which build is needed may not be known yet; a failure is told by the start of this one.
  module.catch(() => undefined);
  return { module, mjs };
}

/**
 * Brings the runtime and its provider up, so that this is done before a model's files have been read. Once in a worker's life.
 * @param threads of the WASM provider
 * @throws ExplainError PROVIDER_UNAVAILABLE
 */
export async function startRuntime(
  { module, mjs }: CompiledRuntime,
  provider: 'webgpu' | 'wasm',
  threads: number,
): Promise<void> {
  const failed = (cause: unknown): ExplainError =>
    new ExplainError('PROVIDER_UNAVAILABLE', say('engine.runtimeNotStarted'), {
      detail: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  let compiled: WebAssembly.Module;
  try {
    compiled = await module;
  } catch (thrown) {
    throw failed(thrown);
  }
  // The glue code has no way to be told of a failure here, and would wait for ever: it is raced below.
  const refused = Promise.withResolvers<never>();
  const instantiate: Instantiate = (imports, done) => {
    WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled), refused.reject);
    return {};
  };
  Object.assign(globalThis, { [HOOK]: instantiate });
  const glue = moduleUrl(mjs);
  const wrapper = moduleUrl(
    `import factory from ${JSON.stringify(glue)};\nexport default (config) => factory({ ...config, instantiateWasm: globalThis.${HOOK} });\n`,
  );
  ort.env.logLevel = 'error';
  ort.env.wasm.proxy = false;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { mjs: wrapper };
  try {
    const session = await Promise.race([
      ort.InferenceSession.create(tiniestModel(), { executionProviders: [provider], logSeverityLevel: 3 }),
      refused.promise,
    ]);
    await session.release();
    mark('runtime started');
  } catch (thrown) {
    throw failed(thrown);
  }
}

/** Calls `listener` once if the runtime's GPU device is lost for another reason than being let go of. */
export function onDeviceLost(listener: (message: string) => void): void {
  void Promise.resolve(ort.env.webgpu.device).then(
    async (device: GPUDevice | undefined) => {
      const info = await device?.lost;
      if (info && info.reason !== 'destroyed') listener(info.message || say('engine.deviceLost'));
    },
    () => undefined,
  );
}
