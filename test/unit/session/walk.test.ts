/**
 * A seeded random walk: some 1,000 things that users, engines and windows do, in any order and at any moment. After
 * each of them nothing may be untrue: never two runs, nothing shown of another text, nothing lost that was computed.
 */
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/errors';
import type { ExplanationNews, ExplanationSnapshot } from '../../../src/protocol/panel';
import { newsOf, withNews } from '../../../src/protocol/snapshotChange';
import type { Recipe } from '../../../src/session/recipe/recipe';
import type { ModelName } from '../../../src/session/subject/subject';
import { Random } from '../fuzz/random';
import { BERT, DECODING, GPT, TRANSLATOR } from './recordedEngine';
import { calm, Disk, textOf, words, World } from './world';

const STEPS = 1000;
const SAMPLED = { ...DECODING, doSample: true };
const PLACES = ['a', 'b'] as const;
const pinOf = (place: string): string => `${place}/pinned`;
/** Panels, and what they keep pinned. */
const ALL = [...PLACES, ...PLACES.map(pinOf)];
const MODELS: readonly ModelName[] = [TRANSLATOR, BERT, GPT];
const TEXTS = ['cats sleep on the old mat', 'dogs run', 'birds sing in the high trees all day', 'one'] as const;
const FAILURES: readonly ErrorCode[] = ['RUN_FAILED', 'GPU_LOST', 'OUT_OF_MEMORY', 'TOKENIZER_UNSUPPORTED'];

/** A panel's page: it is told news, loses some while it is hidden, and asks for the whole then. */
class Page {
  told: ExplanationSnapshot | null = null;
  knows: ExplanationSnapshot | null = null;
  pulls = 0;

  hear(snapshot: ExplanationSnapshot | null, isLost: boolean): void {
    const news = JSON.parse(JSON.stringify(newsOf(this.told, snapshot))) as ExplanationNews;
    this.told = snapshot;
    if (isLost) return;
    const next = withNews(this.knows, news);
    if (next !== undefined) this.knows = next;
    else {
      this.pulls++;
      this.knows = JSON.parse(JSON.stringify(snapshot)) as ExplanationSnapshot | null;
    }
    expect(this.knows).toEqual(snapshot);
  }
}

/** Which text a panel's title stands for, and which words of it an explanation shows. */
const TITLES = new Map(TEXTS.map((text) => [textOf(text).title, text]));

class Walk {
  readonly random: () => number;
  world: World;
  disk = new Disk();
  pages = new Map<string, Page>();
  /** What each page keeps for a reload: what it was told last while nothing ran. */
  recipes = new Map<string, { readonly recipe: Recipe; readonly text: string }>();
  /** The explanation with tokens that each place showed last. */
  seen = new Map<string, string>();
  old: string[] = ['nobody'];
  counts: Record<string, number> = {};
  runs: Promise<unknown>[] = [];

  constructor(seed: number) {
    const random = new Random(seed);
    this.random = () => random.next();
    this.world = this.begin();
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  begin(): World {
    this.pages = new Map(ALL.map((place) => [place, new Page()]));
    this.seen = new Map();
    const world = new World(this.disk, (place, snapshot) => this.pages.get(place)?.hear(snapshot, this.random() < 0.1));
    for (const place of PLACES) world.session.open(place);
    return world;
  }

  /** What is refused is refused as it should be: with a code. */
  run(promise: Promise<unknown>): void {
    this.runs.push(
      promise.catch((thrown: unknown) =>
        expect(thrown).toMatchObject({ code: expect.stringMatching(/^(INVALID_REQUEST|EXPLANATION_GONE)$/) as string }),
      ),
    );
  }

  /** An explanation to click on: the one on show, or now and then one that was replaced long ago. */
  target(place: string): string {
    const shown = this.world.session.snapshot(place)?.id;
    return shown === undefined || this.random() < 0.15 ? this.pick(this.old) : shown;
  }

  step(): string {
    const { session, engine } = this.world;
    const place = this.pick(PLACES);
    // What is pinned can be gone on with too.
    const any = this.pick(ALL);
    const roll = this.random();
    if (roll < 0.5) {
      engine.tick(Math.floor(this.random() * 5));
      return 'tick';
    }
    if (roll < 0.54) {
      this.world.pass();
      return 'pass';
    }
    const actions: Readonly<Record<string, () => void>> = {
      explain: () =>
        this.run(session.explain(place, { explained: textOf(this.pick(TEXTS)), model: this.pick(MODELS) })),
      retry: () => this.run(session.retry(this.target(any))),
      mask: () => this.run(session.mask(this.target(any), [Math.floor(this.random() * 4)])),
      chat: () => this.run(session.setChat(this.target(place), this.random() < 0.5)),
      window: () => this.run(session.chooseWindow(this.target(place), Math.floor(this.random() * 2))),
      generate: () => this.run(session.generate(this.target(any), this.pick(['step', 'run', 'restart']))),
      branch: () => this.run(session.branch(this.target(any), Math.floor(this.random() * 5), 42)),
      decoding: () =>
        this.run(session.setDecoding(this.target(place), this.pick([null, SAMPLED, { ...SAMPLED, seed: 8 }]))),
      force: () => this.run(session.force(this.target(place), this.pick(['le chat', '…', '', 'un deux trois quatre']))),
      stop: () => this.run(session.stop(this.target(any))),
      stale: () => session.setStale(this.target(place), this.random() < 0.5),
      fail: () => (engine.failNext = { code: this.pick(FAILURES) }),
      die: () => engine.die(),
      pin: () => this.run(session.pin(this.target(place), pinOf(place))),
      unpin: () => this.close(pinOf(place), false),
      close: () => this.close(place),
      reload: () => this.reload(),
    };
    const name = this.pick(Object.keys(actions));
    // Windows are reloaded and workers die less often than people click.
    if (['die', 'reload', 'close'].includes(name) && this.random() < 0.6) return 'nothing';
    actions[name]?.();
    return name;
  }

  /** A panel is closed by the user, and another is opened in its place; or what is pinned is let go. */
  close(place: string, isPanel = true): void {
    const { session } = this.world;
    this.run(
      session.close(place).then(() => {
        this.seen.delete(place);
        if (isPanel) session.open(place);
      }),
    );
  }

  /** The window goes, with all that runs in it; the pages' recipes come back. */
  reload(): void {
    for (const [place, { told }] of this.pages) {
      const text = told && TITLES.get(told.title);
      const recipe = this.world.session.recipe(place);
      if (recipe && text !== undefined && text !== null)
        this.recipes.set(place, { recipe: this.world.kept(place), text });
      else this.recipes.delete(place);
    }
    this.world.session.dispose();
    // What ran is never answered: its promises are left behind with the window.
    this.runs = [];
    this.world = this.begin();
    for (const [place, { recipe, text }] of this.recipes) {
      if (!PLACES.some((panel) => panel === place)) this.world.session.open(place, 'pinned');
      const model = this.pick(MODELS.filter(({ id }) => id === recipe.modelId || this.random() < 0.1));
      this.run(this.world.session.restore(place, text, () => Promise.resolve(World.wanted(recipe, text, model))));
    }
  }

  check(): void {
    const { session, engine } = this.world;
    // Never two runs.
    expect(engine.broken).toEqual([]);
    for (const place of ALL) {
      const snapshot = session.snapshot(place);
      const before = this.seen.get(place);
      if (!snapshot) continue;
      const { id, source, target, steps, title, masked, model } = snapshot;
      if (source.length + target.length === 0) {
        if (['failed', 'paused'].includes(snapshot.status))
          // Nothing lost that was computed: what ends with nothing leaves what was there.
          expect(before, `${place} showed ${before ?? ''}, and now nothing`).toBeUndefined();
        continue;
      }
      this.seen.set(place, id);
      this.old.push(id);
      // Nothing shown of another text: its words are the title's, from some word on, masks aside.
      const text = TITLES.get(title) ?? '';
      const own = words(snapshot)
        .split(' ')
        .filter((word) => word !== '');
      const expected = text.split(' ').slice(text.split(' ').length - own.length);
      own.forEach((word, at) => expect(word).toBe(masked.includes(at) ? '[MASK]' : expected[at]));
      // The steps are those of the tokens that are shown.
      const given = target.length - steps.length;
      steps.forEach(({ index, chosen }, at) => {
        expect(index).toBe(given + at);
        expect(target[given + at]?.id).toBe(chosen.id);
      });
      // Nothing lost that was computed: what is shown is still in the engine, unless its worker has ended.
      const kept = engine.explanations.get(id);
      if (kept && !['generating', 'loading', 'encoding'].includes(snapshot.status) && engine.waiting.length === 0) {
        expect(target.map((token) => token.id)).toEqual(kept.target.map((token) => token.id));
        expect(kept.request.model.modelId).toBe(model?.modelId);
      }
    }
    // What is on show in a panel is that panel's, whether it is pinned or not.
    for (const place of PLACES) {
      const id = session.snapshot(place)?.id;
      if (id !== undefined) expect(session.isShown(place, id, 'setView')).toBe(true);
    }
    // And the engine holds nothing that nobody can see or come back to.
    if (engine.waiting.length === 0)
      for (const id of engine.explanations.keys()) expect(session.explanations.has(id), id).toBe(true);
  }

  /** Everything comes to rest: no panel is left waiting for what will not come. */
  async end(): Promise<void> {
    this.world.engine.failNext = null;
    await this.world.rest();
    await Promise.all(this.runs);
    for (const place of ALL) {
      const status = this.world.session.snapshot(place)?.status ?? 'done';
      expect(['done', 'paused', 'failed']).toContain(status);
      const page = this.pages.get(place);
      // A page that is shown again asks for the whole, and has it.
      page?.hear(this.world.session.snapshot(place), false);
    }
    this.check();
  }
}

describe('a random walk of 1,000 steps', () => {
  it.each([1, 2, 3, 4])(
    'keeps every promise (seed %i)',
    async (seed) => {
      const walk = new Walk(seed);
      for (let at = 0; at < STEPS; at++) {
        const name = walk.step();
        walk.counts[name] = (walk.counts[name] ?? 0) + 1;
        await calm();
        try {
          walk.check();
        } catch (thrown) {
          throw new Error(`step ${at}, ${name}: ${thrown instanceof Error ? thrown.message : ''}`, { cause: thrown });
        }
        if (at % 100 === 99) await walk.end();
      }
      // The walk went everywhere, and much was shown on the way.
      expect(Object.keys(walk.counts).length).toBeGreaterThan(16);
      expect(new Set(walk.old).size).toBeGreaterThan(10);
    },
    60_000,
  );
});
