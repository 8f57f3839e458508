/** The provider of the model runtime that was found. */
import * as v from 'valibot';
import { record } from './answerParts';
import { count } from '../requests/wholeNumbers';
import { build } from '../requests/engineRequests';

export const providerReport = record({
  provider: v.picklist(['webgpu', 'wasm']),
  build,
  /** Threads of the WASM provider; 1 where the page is not cross-origin isolated. */
  threads: count,
  /** The adapter, for people: vendor, architecture, description. Empty on WASM. */
  adapter: v.string(),
  /** Why WASM runs instead of WebGPU, one sentence; empty on WebGPU. */
  reason: v.string(),
  /** The largest buffer that the graphics device takes, in bytes; left out on WASM. */
  maxBufferBytes: v.exactOptional(count),
});
export type ProviderReport = v.InferOutput<typeof providerReport>;
