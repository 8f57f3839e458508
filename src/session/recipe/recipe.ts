/**
 * What is needed to compute an explanation again, and what was measured of it: kept across reloads by the panel's page. No tensors, and
 * nothing of the document; of text only what the user typed into the generation view, as that is nowhere else. One schema a
 * version, from which the types come; what an earlier version kept is upgraded.
 */
import * as v from 'valibot';
import { decodingSettings } from '../../protocol/decodingSettings';
import { intervention } from '../../protocol/requests/requestParts';
import { keptCosts } from '../costs/keptCosts';

/** Most steps, branches, masks and ranges that are believed; no model generates more. */
const MOST = 100_000;
const MAX_TEXT = 1_000_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fff_ffff));
const few = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(MOST), v.readonly());
const name = v.pipe(v.string(), v.maxLength(10_000));

/** A document's URI. Which of them may be opened is for the host to say: it knows what the user has open. */
const documentUri = v.pipe(name, v.regex(/^[a-z][a-z0-9+.-]*:/));

/** Where a search was left: how many steps it had made, and the last token of the text on show, by its place in the tree. */
const beamPlace = v.pipe(
  v.object({
    depth: v.pipe(count, v.minValue(1), v.maxValue(MOST)),
    /** Null for the best text. */
    token: v.nullable(count),
  }),
  v.readonly(),
);
export type BeamPlace = v.InferOutput<typeof beamPlace>;

const guidanceEntries = {
  /** How tokens are chosen; null for the likeliest, by the model's own rules. Left out by recipes from before there was the choice. */
  decoding: v.optional(v.nullable(decodingSettings), null),
  /** The text that was teacher-forced in place of the model's own; null where there was none. */
  forced: v.nullable(v.pipe(v.string(), v.maxLength(MAX_TEXT))),
  /** Where the user branched off, in the order of the steps. */
  branches: few(
    v.pipe(
      v.object({
        step: count,
        token: count,
        /** The search whose text it left; left out where the text was of none. */
        beam: v.exactOptional(beamPlace),
      }),
      v.readonly(),
    ),
  ),
};

const recipe = v.pipe(
  v.object({
    version: v.literal(2),
    modelId: name,
    uri: documentUri,
    /** UTF-16 offsets of the text's pieces in the document, with the line ends that it had. */
    ranges: v.pipe(
      v.array(
        v.pipe(
          v.object({ start: count, end: count }),
          v.check(({ start, end }) => start < end),
          v.readonly(),
        ),
      ),
      v.minLength(1),
      v.maxLength(MOST),
      v.readonly(),
    ),
    /** Null where an earlier version did not keep it: the document's own. */
    eol: v.nullable(v.picklist(['\n', '\r\n'])),
    hash: v.pipe(v.string(), v.maxLength(128)),
    windowStart: count,
    masked: few(count),
    chat: v.boolean(),
    /** Left out by recipes from before there was the choice. */
    specialsAsText: v.optional(v.boolean(), false),
    /** How two selections are read (`PairOrder`). Left out by recipes from before there was the choice. */
    pair: v.optional(v.picklist(['given', 'swapped', 'one']), 'given'),
    /** What is left out of the text, by the tokens of all of it. Left out by recipes from before there was the choice. */
    intervention: v.optional(v.nullable(intervention), null),
    ...guidanceEntries,
    /** How many steps there were. */
    steps: v.pipe(count, v.maxValue(MOST)),
    /** The search that the text was of; null where there was none, and left out by recipes from before there was one. */
    beam: v.optional(v.nullable(beamPlace), null),
    /** What was measured of the text; null where nothing was. What cannot be read of it is measured anew, and keeps nothing else back. */
    costs: v.fallback(v.optional(v.nullable(keptCosts), null), null),
  }),
  v.readonly(),
);
export type Recipe = v.InferOutput<typeof recipe>;

/** What made a generation other than the model's own choices. */
export type Guidance = Pick<Recipe, 'forced' | 'branches' | 'decoding'>;

/** How far a text was generated, and by what beside the model's own choices. */
export type Generated = Guidance & Pick<Recipe, 'steps' | 'beam'>;

/** Version 1 had one range and no line ends; its first had neither masks nor chats nor forced texts. */
const recipe1 = v.object({
  version: v.literal(1),
  modelId: name,
  uri: documentUri,
  start: count,
  end: count,
  hash: v.string(),
  windowStart: count,
  masked: v.optional(few(count), []),
  chat: v.optional(v.boolean(), false),
  forced: v.optional(guidanceEntries.forced, null),
  branches: guidanceEntries.branches,
  steps: count,
});

/** What came of something that was kept: a recipe, nothing that was ever one, or one that cannot be used. */
export type KeptRecipe =
  | { readonly type: 'recipe'; readonly recipe: Recipe }
  | { readonly type: 'none' }
  | { readonly type: 'dropped'; readonly why: 'newer' | 'damaged' };

/** Reads what comes back from storage: checked, and upgraded from an earlier version. */
export function readRecipe(kept: unknown): KeptRecipe {
  if (kept === null || kept === undefined) return { type: 'none' };
  const now = v.safeParse(recipe, kept);
  if (now.success) return { type: 'recipe', recipe: now.output };
  const first = v.safeParse(recipe1, kept);
  if (first.success) {
    const { start, end, ...rest } = first.output;
    const upgraded = v.safeParse(recipe, { ...rest, version: 2, ranges: [{ start, end }], eol: null });
    if (upgraded.success) return { type: 'recipe', recipe: upgraded.output };
  }
  const version = typeof kept === 'object' && 'version' in kept ? kept.version : undefined;
  return { type: 'dropped', why: typeof version === 'number' && version > 2 ? 'newer' : 'damaged' };
}

/** How an explanation that is computed again comes back to where it was: on the same model only, as all of it is in its tokens. */
export type Replay = Pick<
  Recipe,
  'modelId' | 'masked' | 'chat' | 'specialsAsText' | 'pair' | 'intervention' | 'costs'
> &
  Generated;
