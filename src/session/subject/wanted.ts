/** What a place is asked to show, and what that makes of it: a subject to read, and a generation to come back to. */
import type { ChatPort } from '../ports';
import type { Generated, Replay } from '../recipe/recipe';
import { textHash } from '../../hash/sha256';
import { UNGUIDED, type ExplainedText, type ModelName, type Subject } from './subject';

export interface Wanted {
  readonly explained: ExplainedText;
  readonly model: ModelName;
  /** First token of the window to explain; 0 if left out. */
  readonly windowStart?: number;
  /** How it comes back to where it was before a reload. */
  readonly replay?: Replay | undefined;
}

/** The text with its hash. It is read as before the reload; where there is no before, in a chat template if the user wants one for this model. */
export async function subjectOf(
  { explained, model, windowStart = 0, replay }: Wanted,
  chats: Pick<ChatPort, 'has'>,
): Promise<Subject> {
  const before = replay?.modelId === model.id ? replay : undefined;
  return {
    explained,
    model,
    hash: await textHash(explained.text),
    reading: {
      windowStart,
      masked: before?.masked ?? [],
      chat: before ? before.chat : chats.has(model.id),
      specialsAsText: before?.specialsAsText ?? false,
      pair: before?.pair ?? 'given',
      intervention: before?.intervention ?? null,
    },
    guidance: UNGUIDED,
  };
}

/** The generation to come back to; null where there was none, or another model's, whose tokens mean nothing to this one. */
export function generationOf({ model, replay }: Wanted): Generated | null {
  if (replay?.modelId !== model.id) return null;
  const { decoding, forced, branches, steps, beam } = replay;
  return { decoding, forced, branches, steps, beam };
}
