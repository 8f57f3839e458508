/**
 * What is needed to compute an explanation again: kept across reloads. No tensors, and nothing of the document; of
 * text only what the user typed into the generation view, as that is nowhere else.
 */
export interface Recipe {
  readonly version: 1;
  readonly modelId: string;
  readonly uri: string;
  /** UTF-16 offsets of the text in the document, and the SHA-256 by which it is recognised. */
  readonly start: number;
  readonly end: number;
  readonly hash: string;
  readonly windowStart: number;
  /** Source tokens that the user masked. */
  readonly masked: readonly number[];
  /** True where the text stands in the model's chat template. */
  readonly chat: boolean;
  /** True where special tokens that are typed in the text are read as text. */
  readonly specialsAsText: boolean;
  /** The text that was teacher-forced in place of the model's own; null where there was none. */
  readonly forced: string | null;
  /** Where the user branched off, in the order of the steps. */
  readonly branches: readonly { readonly step: number; readonly token: number }[];
  /** How many steps there were. */
  readonly steps: number;
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

/** Narrows what comes back from storage; null where it is not a recipe of this version. */
export function parseRecipe(value: unknown): Recipe | null {
  if (typeof value !== 'object' || value === null) return null;
  // Recipes of earlier versions have no masks, no chats and no forced text.
  const {
    version,
    modelId,
    uri,
    start,
    end,
    hash,
    windowStart,
    masked = [],
    chat = false,
    specialsAsText = false,
    forced = null,
    branches,
    steps,
  } = value as Record<string, unknown>;
  if (version !== 1 || typeof modelId !== 'string' || typeof uri !== 'string' || typeof hash !== 'string') return null;
  if (!isCount(start) || !isCount(end) || !isCount(windowStart) || !isCount(steps) || !Array.isArray(branches))
    return null;
  if (!Array.isArray(masked) || !masked.every(isCount) || typeof chat !== 'boolean') return null;
  if (typeof specialsAsText !== 'boolean') return null;
  if (forced !== null && typeof forced !== 'string') return null;
  const parsed: { step: number; token: number }[] = [];
  for (const branch of branches as unknown[]) {
    if (typeof branch !== 'object' || branch === null) return null;
    const { step, token } = branch as Record<string, unknown>;
    if (!isCount(step) || !isCount(token)) return null;
    parsed.push({ step, token });
  }
  return {
    version,
    modelId,
    uri,
    start,
    end,
    hash,
    windowStart,
    masked,
    chat,
    specialsAsText,
    forced,
    branches: parsed,
    steps,
  };
}
