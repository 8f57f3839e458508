/** Brings onnxruntime-web up from bytes: nothing is fetched by path. One JavaScript drives all three builds. */
import * as ort from 'onnxruntime-web/webgpu';
import { ExplainError } from '../errors';
import type { RuntimeFiles } from '../protocol/engine';

type Instantiate = (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void) => object;

/** The hook's name on the worker's global object, where the wrapper module finds it. */
const HOOK = 'explainAttentionInstantiate';

const moduleUrl = (text: string): string => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));

/** Inflates and compiles at once: the compiler works on what is there while the rest is still being inflated. */
function compile(gzip: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const inflated = new Blob([gzip]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compileStreaming(new Response(inflated, { headers: { 'content-type': 'application/wasm' } }));
}

/**
 * Sets the runtime up; sessions can be made when it resolves. Once in a worker's life.
 * @param threads of the WASM provider
 * @throws ExplainError PROVIDER_UNAVAILABLE
 */
export async function startRuntime(files: RuntimeFiles, threads: number): Promise<void> {
  const failed = (cause: unknown): ExplainError =>
    new ExplainError('PROVIDER_UNAVAILABLE', 'The model runtime could not be started; reload the window, and if that does not help reinstall Explain Attention.', {
      detail: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  let compiled: WebAssembly.Module;
  try {
    compiled = await compile(files.wasmGzip.slice());
  } catch (thrown) {
    throw failed(thrown);
  }
  const instantiate: Instantiate = (imports, done) => {
    void WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled));
    return {};
  };
  Object.assign(globalThis, { [HOOK]: instantiate });
  const glue = moduleUrl(files.mjs);
  const wrapper = moduleUrl(`import factory from ${JSON.stringify(glue)};\nexport default (config) => factory({ ...config, instantiateWasm: globalThis.${HOOK} });\n`);
  ort.env.logLevel = 'error';
  ort.env.wasm.proxy = false;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { mjs: wrapper };
  ort.env.webgpu.powerPreference = 'high-performance';
}
