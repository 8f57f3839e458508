/** What was measured of models' heads, kept over windows: found again by the model's id and by its files' fingerprint. */
import * as v from 'valibot';
import type { ModelReport } from '../protocol/engine';
import { headScores, type HeadScores } from '../protocol/headScoreSchema';
import type { StoragePort } from './ports';

const KEY = 'explainAttention.headScores';
/** Models that are remembered; those measured longest ago go first. */
const KEPT = 20;

const entry = v.object({ modelId: v.string(), fingerprint: v.string(), scores: headScores });

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
