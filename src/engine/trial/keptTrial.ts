/**
 * The record that a model has passed its self-test, kept so that its next start need not repeat it. It holds for the very same files,
 * version of the extension, provider with its adapter, and browser; if any of them differs, the model is tested anew.
 */
import type { KindInfo } from '../../attention/types';
import { sha256, textHash } from '../../hash/sha256';
import type { LoadRequest, ModelFiles, ProviderReport } from '../../protocol/engine';
import { readPassedTrial, type PassedTrial } from '../../protocol/passedTrial';
import type { LoadedGraph } from '../model/loadedGraph';

/** SHA-256 of a model's files with their names, whatever the order in which they came. */
async function digestOf(files: ModelFiles): Promise<string> {
  const parts = await Promise.all(Object.entries(files).map(async ([path, bytes]) => `${path} ${await sha256(bytes)}`));
  return textHash(parts.sort().join('\n'));
}

/** What a passed self-test is true of. */
async function trialKey(version: string, files: ModelFiles, provider: ProviderReport): Promise<string> {
  const { provider: name, build, threads, adapter } = provider;
  const browser = typeof navigator === 'undefined' ? '' : navigator.userAgent;
  return JSON.stringify([version, await digestOf(files), name, build, threads, adapter, browser]);
}

/** What is known of a model's self-test before it is run. */
export interface TrialRecord {
  /** What a passed one would be true of; undefined where nobody asks for it to be kept. */
  readonly key: string | undefined;
  /** One that was passed with this key. */
  readonly kept: PassedTrial | undefined;
}

/** @param files all files of the model */
export async function trialRecord(
  trial: LoadRequest['trial'],
  files: ModelFiles,
  provider: ProviderReport,
): Promise<TrialRecord> {
  if (!trial) return { key: undefined, kept: undefined };
  const key = await trialKey(trial.version, files, provider);
  const kept = readPassedTrial(trial.kept);
  return { key, kept: kept?.key === key ? kept : undefined };
}

/** True where a record fits the layers of these graphs. */
export function fitsGraphs({ kinds }: PassedTrial, graphs: readonly Pick<LoadedGraph, 'taps'>[]): boolean {
  const isOfGraphs = ({ kind, layers, heads }: KindInfo): boolean =>
    heads > 0 && graphs.some(({ taps }) => taps.filter((tap) => tap.kind === kind).length === layers);
  return kinds.length > 0 && kinds.every(isOfGraphs);
}
