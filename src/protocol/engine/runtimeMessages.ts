/** Finding a provider for the model runtime, and starting it. */

export type ProviderPreference = 'auto' | 'webgpu' | 'wasm';

/** The three builds of onnxruntime-web's WebAssembly; the plain one has no WebGPU, `jspi` needs WebAssembly.Suspending. */
export type RuntimeBuild = 'cpu' | 'jspi' | 'asyncify';

export interface ProviderReport {
  readonly provider: 'webgpu' | 'wasm';
  readonly build: RuntimeBuild;
  /** Threads of the WASM provider; 1 where the page is not cross-origin isolated. */
  readonly threads: number;
  /** The adapter, for people: vendor, architecture, description. Empty on WASM. */
  readonly adapter: string;
  /** Why WASM runs instead of WebGPU, one sentence; empty on WebGPU. */
  readonly reason: string;
  /** The largest buffer that the graphics device takes, in bytes; left out on WASM. */
  readonly maxBufferBytes?: number;
}

export interface ProviderRequest {
  readonly preference: ProviderPreference;
  /** Take a software WebGPU adapter (SwiftShader) too; for tests. */
  readonly allowSoftwareAdapter: boolean;
}

export interface RuntimeFiles {
  readonly build: RuntimeBuild;
  /** The gzip-compressed WebAssembly binary. */
  readonly wasmGzip: Uint8Array;
  /** Source text of the matching `.mjs` glue. */
  readonly mjs: string;
}
