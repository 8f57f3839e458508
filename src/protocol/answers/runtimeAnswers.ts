/** The provider of the model runtime that was found. */
import type { RuntimeBuild } from '../requests/engineRequests';

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
