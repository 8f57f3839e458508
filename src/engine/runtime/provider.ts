/** Which execution provider runs, decided before the runtime is touched: a failed WebGPU start sticks to a worker. */
import { ExplainError } from '../../errors';
import type { ProviderRequest, ProviderReport } from '../../protocol/engine';
import { say } from '../../text/say';

const MAX_THREADS = 4;

function threads(): number {
  const isolated = typeof crossOriginIsolated === 'boolean' && crossOriginIsolated;
  return isolated ? Math.max(1, Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1)) : 1;
}

/** The WASM provider, and why it is the one. */
export const onWasm = (reason: string): ProviderReport => ({
  provider: 'wasm',
  build: 'cpu',
  threads: threads(),
  adapter: '',
  reason,
});

function describe(info: GPUAdapterInfo): string {
  return [info.vendor, info.architecture, info.device, info.description].filter((part) => part !== '').join(' ');
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i.test(describe(info));
}

/** The adapter and a device for it, or the reason why there is none. */
async function tryWebGpu(allowSoftware: boolean): Promise<ProviderReport | string> {
  // Not there at all in an insecure context or where it is switched off; the types do not know that.
  const gpu = (navigator as { readonly gpu?: GPU }).gpu;
  if (!gpu) return say('engine.gpuNotHere');
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (thrown) {
    return say('engine.gpuNoAdapter', { reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
  if (!adapter) return say('engine.gpuOffersNone');
  const name = describe(adapter.info) || say('engine.gpuUnnamed');
  if (!allowSoftware && isSoftware(adapter.info)) return say('engine.gpuSoftware', { name });
  try {
    const device = await adapter.requestDevice();
    device.destroy();
  } catch (thrown) {
    return say('engine.gpuNoDevice', { name, reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
  // The runtime asks for all that the adapter has.
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return {
    provider: 'webgpu',
    build: 'Suspending' in WebAssembly ? 'jspi' : 'asyncify',
    threads: threads(),
    adapter: name,
    reason: '',
    maxBufferBytes: Math.min(maxBufferSize, maxStorageBufferBindingSize),
  };
}

/**
 * Decides the provider.
 * @throws ExplainError PROVIDER_UNAVAILABLE where WebGPU is demanded and cannot be had
 */
export async function findProvider(request: ProviderRequest): Promise<ProviderReport> {
  if (request.preference === 'wasm') return onWasm(say('engine.wasmChosen'));
  const found = await tryWebGpu(request.allowSoftwareAdapter);
  if (typeof found !== 'string') return found;
  if (request.preference === 'webgpu') {
    throw new ExplainError('PROVIDER_UNAVAILABLE', say('engine.gpuDemanded', { found }));
  }
  return onWasm(found);
}
