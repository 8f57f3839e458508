/**
 * The record that a model has passed its self-test, kept so that its next start need not repeat it. It holds for the very same files,
 * version of the extension, provider with its adapter, and browser; if any of them differs, the model is tested anew.
 */
import type { KindInfo } from '../../attention/types';
import { sha256, textHash } from '../../hash/sha256';
import type { ModelFiles, ProviderReport } from '../../protocol/engine';
import { readPassedTrial, type PassedTrial } from '../../protocol/passedTrial';
import type { LoadedGraph } from '../model/loadedGraph';

/** SHA-256 of a model's files with their names, whatever the order in which they came. */
async function digestOf(files: ModelFiles): Promise<string> {
  const parts = await Promise.all(Object.entries(files).map(async ([path, bytes]) => `${path} ${await sha256(bytes)}`));
  return textHash(parts.sort().join('\n'));
}

/** What a passed self-test is true of. */
export async function trialKey(version: string, files: ModelFiles, provider: ProviderReport): Promise<string> {
  const { provider: name, build, threads, adapter } = provider;
  const browser = typeof navigator === 'undefined' ? '' : navigator.userAgent;
  return JSON.stringify([version, await digestOf(files), name, build, threads, adapter, browser]);
}

/** The record, where it has this key and fits the layers of these graphs; undefined where the model has to be tested. */
export function passedBefore(kept: unknown, key: string, graphs: readonly LoadedGraph[]): PassedTrial | undefined {
  const passed = readPassedTrial(kept);
  if (passed?.key !== key) return undefined;
  const isOfGraphs = ({ kind, layers, heads }: KindInfo): boolean =>
    heads > 0 && graphs.some(({ taps }) => taps.filter((tap) => tap.kind === kind).length === layers);
  return passed.kinds.length > 0 && passed.kinds.every(isOfGraphs) ? passed : undefined;
}
