/** What was measured of models' heads, kept over windows: found again by the model's id and by its files' fingerprint. */
import * as v from 'valibot';
import { ALIGNMENT_READINGS, ALIGNMENT_SOURCES, ATTENTION_KINDS, ROLE_NAMES, type RoleName } from '../attention/types';
import { KNOWN_LINKS, type HeadScores, type ModelReport } from '../protocol/engine';
import type { StoragePort } from './ports';

const KEY = 'explainAttention.headScores';
/** Models that are remembered; those measured longest ago go first. */
const KEPT = 20;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const column = v.array(v.nullable(v.number()));
const roleEntries = Object.fromEntries(ROLE_NAMES.map((role) => [role, column])) as Record<RoleName, typeof column>; // every role is named
const table = v.pipe(
  v.object({ kind: v.picklist(ATTENTION_KINDS), layers: count, heads: count, scores: v.object(roleEntries) }),
  v.check(({ layers, heads, scores }) => Object.values(scores).every(({ length }) => length === layers * heads)),
);
const alignmentScore = v.object({
  source: v.picklist(ALIGNMENT_SOURCES),
  layer: count,
  head: count,
  reading: v.picklist(ALIGNMENT_READINGS),
  score: v.number(),
});
const scores = v.object({
  sentences: count,
  roles: v.array(table),
  alignment: v.nullable(v.object({ known: v.picklist(KNOWN_LINKS), count, choices: v.array(alignmentScore) })),
});
const entry = v.object({ modelId: v.string(), fingerprint: v.string(), scores });

type Entry = v.InferOutput<typeof entry>;
type Named = Pick<ModelReport, 'modelId' | 'fingerprint'>;

export class KeptHeadScores {
  readonly #storage: StoragePort;

  /** @param storage what outlives the window, for all workspaces alike */
  constructor(storage: StoragePort) {
    this.#storage = storage;
  }

  /** What was measured of exactly this model; null where nothing was, or its files are others now. */
  get({ modelId, fingerprint }: Named): HeadScores | null {
    const found = this.#entries().find((one) => one.modelId === modelId && one.fingerprint === fingerprint);
    return found?.scores ?? null;
  }

  /** Keeps what was measured; what is not in it, and was measured before, stays. */
  async put({ modelId, fingerprint }: Named, measured: HeadScores): Promise<void> {
    const before = measured.roles.length === 0 ? this.get({ modelId, fingerprint }) : null;
    const merged = before ? { ...before, alignment: measured.alignment } : measured;
    const others = this.#entries().filter((one) => one.modelId !== modelId);
    await this.#storage.set(KEY, [...others, { modelId, fingerprint, scores: merged }].slice(-KEPT));
  }

  /** What cannot be read, as another version wrote it, is measured anew. */
  #entries(): readonly Entry[] {
    const kept = this.#storage.get(KEY);
    return Array.isArray(kept) ? kept.filter((one): one is Entry => v.is(entry, one)) : [];
  }
}
