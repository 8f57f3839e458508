/** A window with a session in it, for the tests: its ports, what its panels show, and what outlives a reload. */
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import type { Recipe } from '../../../src/session/recipe/recipe';
import { Session } from '../../../src/session/session';
import type { ExplainedText, ModelName } from '../../../src/session/subject/subject';
import type { Wanted } from '../../../src/session/subject/wanted';
import { RecordedEngine } from './recordedEngine';

/** Hashes that Node is making on threads of its own, which take as long as a busy machine makes them. */
let hashing = 0;
const digest = crypto.subtle.digest.bind(crypto.subtle);
crypto.subtle.digest = async (...asked) => {
  hashing++;
  try {
    return await digest(...asked);
  } finally {
    hashing--;
  }
};

/** All that has begun and needs no tick comes to its end: promises, and the hashing that Node does beside. */
export async function calm(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (hashing > 0) turn = -1;
  }
}

export function textOf(text: string, title = `${text.split(' ')[0] ?? ''}.txt:1`): ExplainedText {
  const range = { start: 0, end: text.length, line: 0, character: 0, at: 0 };
  return { uri: `file:///${title}`, text, title, eol: '\n', ranges: [range] };
}

/** What outlives a reload: VS Code's storage, and the user's choices. */
export class Disk {
  readonly entries = new Map<string, unknown>();
  readonly chats = new Set<string>();
}

export class World {
  readonly engine = new RecordedEngine();
  readonly log: string[] = [];
  readonly shown = new Map<string, ExplanationSnapshot | null>();
  readonly session: Session;
  maxNewTokens = 20;
  #timers: (() => void)[] = [];
  static #ids = 0;

  constructor(
    readonly disk = new Disk(),
    told: (place: string, snapshot: ExplanationSnapshot | null) => void = () => undefined,
  ) {
    this.session = new Session(
      {
        engine: this.engine,
        clock: {
          now: () => 0,
          after: (_milliseconds, run) => {
            this.#timers.push(run);
            return () => (this.#timers = this.#timers.filter((other) => other !== run));
          },
        },
        storage: {
          get: (key) => disk.entries.get(key),
          set: (key, value) => {
            // As JSON, like a real storage.
            disk.entries.set(key, JSON.parse(JSON.stringify(value)));
            return Promise.resolve();
          },
        },
        chats: {
          has: (id) => disk.chats.has(id),
          set: (id, chat) => {
            if (chat) disk.chats.add(id);
            else disk.chats.delete(id);
            return Promise.resolve();
          },
        },
        log: { info: (line) => this.log.push(line), error: (line) => this.log.push(line) },
        maxNewTokens: () => this.maxNewTokens,
        newId: () => `id-${++World.#ids}`,
      },
      (place, snapshot) => {
        this.shown.set(place, snapshot);
        told(place, snapshot);
      },
    );
  }

  /** The 40 ms between snapshots are over. */
  pass(): void {
    for (const run of this.#timers.splice(0)) run();
  }

  /** Ticks until nothing waits any more. */
  async rest(): Promise<void> {
    await calm();
    while (this.engine.waiting.length > 0) {
      this.engine.tick();
      await calm();
    }
    this.pass();
  }

  /** Ticks until something is about to go on in the engine. */
  async until(what: string, most = 200): Promise<void> {
    await calm();
    for (let ticks = 0; this.engine.waiting[0] !== what; ticks++) {
      if (ticks > most) throw new Error(`It never came to ${what}.`);
      this.engine.tick();
      await calm();
    }
  }

  snapshot(place: string): ExplanationSnapshot {
    const snapshot = this.session.snapshot(place);
    if (!snapshot) throw new Error(`${place} shows nothing.`);
    return snapshot;
  }

  /** Explains to the end. */
  async explained(place: string, text: string, model: ModelName): Promise<ExplanationSnapshot> {
    this.session.open(place);
    const run = this.session.explain(place, { explained: textOf(text), model });
    await this.rest();
    await run;
    return this.snapshot(place);
  }

  /** What a panel's page keeps, as JSON. */
  kept(place: string): Recipe {
    return JSON.parse(JSON.stringify(this.session.recipe(place))) as Recipe;
  }

  /** What a recipe asks for, given the text that it is of. */
  static wanted(recipe: Recipe, text: string, model: ModelName): Wanted {
    return { explained: textOf(text), model, windowStart: recipe.windowStart, replay: recipe };
  }
}

export const words = ({ source, target }: ExplanationSnapshot): string =>
  [...source, ...target]
    .filter(({ start }) => start >= 0)
    .map(({ text }) => text)
    .join(' ');
