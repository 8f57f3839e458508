/**
 * What changed between two revisions of an explanation, and the later one from the earlier and the change. Tokens
 * stream in some 25 times a second, and a long text's snapshot is large: only what is new travels.
 */
import type { DecoderStep } from './engine';
import type { Token } from '../attention/types';
import type { ExplanationNews, ExplanationSnapshot } from './panel';

type Field = keyof Omit<ExplanationSnapshot, 'id' | 'revision'>;

/** What `after` has beyond the end of `before`; undefined where it does not begin as `before` does. */
function addedTo<Item>(before: readonly Item[], after: readonly Item[]): readonly Item[] | undefined {
  // Two of the first list would do if all went well; the comparison by identity is cheap, and finds what was replaced.
  return after.length > before.length && before.every((item, at) => item === after[at])
    ? after.slice(before.length)
    : undefined;
}

/** What to tell a webview that knows `before` (null: it was told nothing yet) so that it knows `after`. */
export function newsOf(before: ExplanationSnapshot | null, after: ExplanationSnapshot | null): ExplanationNews {
  if (after === null || before?.id !== after.id) return { type: 'whole', snapshot: after };
  const set: Record<string, unknown> = {};
  const append: { target?: readonly Token[]; steps?: readonly DecoderStep[] } = {};
  for (const field of Object.keys(after) as (Field | 'id' | 'revision')[]) {
    if (field === 'id' || field === 'revision' || before[field] === after[field]) continue;
    const added = field === 'target' || field === 'steps' ? addedTo<unknown>(before[field], after[field]) : undefined;
    if (added && field === 'target') append.target = added as readonly Token[];
    else if (added && field === 'steps') append.steps = added as readonly DecoderStep[];
    else set[field] = after[field];
  }
  return {
    type: 'change',
    change: { explanation: after.id, from: before.revision, revision: after.revision, set, append },
  };
}

/**
 * The explanation after some news. Undefined where the news does not follow what is known (something was missed while
 * the page was hidden): the whole must be asked for. News that is older than what is known changes nothing.
 */
export function withNews(
  known: ExplanationSnapshot | null,
  news: ExplanationNews,
): ExplanationSnapshot | null | undefined {
  if (news.type === 'whole') {
    const { snapshot } = news;
    return snapshot !== null && snapshot.id === known?.id && snapshot.revision < known.revision ? known : snapshot;
  }
  const { explanation, from, revision, set, append } = news.change;
  if (known?.id !== explanation || known.revision < from) return undefined;
  if (known.revision >= revision) return known;
  if (known.revision !== from) return undefined;
  const next = { ...known, ...set, revision };
  return {
    ...next,
    ...(append.target ? { target: [...next.target, ...append.target] } : {}),
    ...(append.steps ? { steps: [...next.steps, ...append.steps] } : {}),
  };
}
