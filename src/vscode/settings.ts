import * as vscode from 'vscode';
import type { ProviderPreference } from '../protocol/engine';

/** The extension's settings, read afresh each time: the one place that knows their names. */
export interface Settings {
  readonly executionProvider: ProviderPreference;
  readonly allowSoftwareAdapter: boolean;
  readonly maxNewTokens: number;
  readonly editorAnnotations: boolean;
  /** 0: never. */
  readonly unloadAfterMinutes: number;
  /** Where models are looked up and downloaded; the user's own setting, never a workspace's. */
  readonly hubUrl: string;
}

export const SETTINGS_SECTION = 'explainAttention';

const PREFERENCES: readonly ProviderPreference[] = ['auto', 'webgpu', 'wasm'];

function within(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(high, Math.max(low, Math.round(value)))
    : otherwise;
}

export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration(SETTINGS_SECTION);
  const hubUrl = section.get<unknown>('hub.url');
  const preference = section.get<unknown>('executionProvider');
  return {
    executionProvider: PREFERENCES.find((known) => known === preference) ?? 'auto',
    allowSoftwareAdapter: section.get<unknown>('allowSoftwareAdapter') === true,
    // No upper bound but the model's own, which is said where it ends a text.
    maxNewTokens: within(section.get<unknown>('maxNewTokens'), 1, Number.MAX_SAFE_INTEGER, 128),
    editorAnnotations: section.get<unknown>('editorAnnotations') !== false,
    unloadAfterMinutes: within(section.get<unknown>('unloadAfterMinutes'), 0, 1440, 10),
    // What is no address is refused where it is used (hub/request.ts): asking another hub instead would be a surprise.
    hubUrl: typeof hubUrl === 'string' ? hubUrl.trim() : '',
  };
}
