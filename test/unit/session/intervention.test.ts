/** A text without some of its words, beside the text as it stands: what is left out, what comes back, and what a reload keeps. */
import { describe, expect, it } from 'vitest';
import { leftOutToo, placeInRest, placeInWhole } from '../../../src/session/subject/leftOutTokens';
import { BERT, TRANSLATOR } from './recordedEngine';
import { words, World } from './world';

const CATS = 'cats sat on the old mat';
const PIN = 'a/pinned';
const removed = (...ranges: (readonly [from: number, to: number])[]) =>
  ({ manner: 'removed', off: [], ranges: ranges.map(([from, to]) => ({ from, to })) }) as const;

async function done(world: World, run: Promise<unknown>): Promise<void> {
  await world.rest();
  await run;
}

describe('tokens of a text of which pieces are left out', () => {
  it('stand in the whole text where they stood, and further ones are left out of that', () => {
    const left = removed([1, 3], [4, 5]);
    const rest = [0, 3, 5, 6];
    expect(rest.map((_, at) => placeInWhole(at, left))).toEqual(rest);
    expect([0, 1, 2, 3, 4, 5, 6].map((index) => placeInRest(index, left))).toEqual([0, null, null, 1, null, 2, 3]);
    expect(leftOutToo(left, removed([1, 2]))).toEqual(removed([1, 5]));
    expect(leftOutToo(null, removed([2, 3], [0, 1], [1, 2]))).toEqual(removed([0, 3]));
    // What is replaced has its place.
    const replaced = { ...left, manner: 'replaced' } as const;
    expect([placeInWhole(3, replaced), placeInRest(2, replaced)]).toEqual([3, 2]);
    expect(leftOutToo(replaced, removed([0, 1]))).toEqual(removed([0, 3], [4, 5]));
  });
});

describe('a text that is read with heads off', () => {
  const off = [{ kind: 'encoder', layer: 0, head: 1 }] as const;
  const heads = { manner: 'removed', ranges: [], off } as const;

  it('has sessions made from the model’s files once, keeps the heads off among other words, and all come on again', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, TRANSLATOR);
    await done(world, world.session.intervene(plain.id, heads));
    expect(world.engine.filesRead).toEqual(['translator']);
    expect(world.snapshot('a')).toMatchObject({ source: plain.source, intervention: heads });
    await done(world, world.session.intervene(world.snapshot('a').id, removed([1, 2])));
    expect(words(world.snapshot('a'))).toBe('cats on the old mat');
    expect(world.kept('a').intervention).toEqual({ ...removed([1, 2]), off });
    expect(world.engine.filesRead).toEqual(['translator']);
    await done(world, world.session.chooseWindow(world.snapshot('a').id, 1));
    expect(words(world.snapshot('a'))).toBe('sat on the old mat');
    expect(world.snapshot('a').intervention).toMatchObject(heads);
    await done(world, world.session.intervene(world.snapshot('a').id, null));
    expect(world.snapshot('a').intervention).toBeNull();
    expect(world.engine.broken).toEqual([]);
  });

  it('has costs of its own: those of the same words with all heads on are not told of it', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, TRANSLATOR);
    const costs = world.session.weightsOf(plain.id).headCosts({ explanation: plain.id, kind: 'encoder' });
    await world.rest();
    await costs;
    expect(world.session.costs('a').heads).not.toBeNull();
    await done(world, world.session.intervene(plain.id, heads));
    expect(world.session.costs('a').heads).toBeNull();
    await done(world, world.session.intervene(world.snapshot('a').id, null));
    expect(world.session.costs('a').heads).not.toBeNull();
  });
});

describe('a text without some of its words', () => {
  it('is read beside the whole one; further words go too, and everything comes back', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, TRANSLATOR);
    await world.session.pin(plain.id, PIN);
    await done(world, world.session.intervene(plain.id, removed([4, 5])));
    expect(words(world.snapshot('a'))).toBe('cats sat on the mat');
    expect(world.snapshot('a').intervention).toMatchObject(removed([4, 5]));
    // “mat” is the fifth of what is left, and the sixth of all.
    await done(world, world.session.intervene(world.snapshot('a').id, removed([1, 2], [4, 5])));
    expect(words(world.snapshot('a'))).toBe('cats on the');
    expect(world.kept('a').intervention).toEqual(removed([1, 2], [4, 6]));
    expect(world.session.isPlainOf(PIN, 'a')).toBe(true);
    expect(world.session.isPlainOf('a', PIN)).toBe(false);

    // A reload brings it back as it is.
    const other = new World(world.disk);
    other.session.open('a');
    const kept = world.kept('a');
    await done(
      other,
      other.session.restore('a', CATS, () => Promise.resolve(World.wanted(kept, CATS, TRANSLATOR))),
    );
    expect(words(other.snapshot('a'))).toBe('cats on the');
    expect(other.snapshot('a').steps).toEqual(world.snapshot('a').steps);
    await done(other, other.session.intervene(other.snapshot('a').id, null));
    expect(other.snapshot('a')).toMatchObject({ source: plain.source, steps: plain.steps, intervention: null });

    // The one that is kept is shown again as it is, with nothing computed.
    const asked = world.engine.asked.length;
    await world.session.showKept('a', PIN);
    await world.session.close(PIN);
    expect(world.snapshot('a')).toMatchObject({ id: plain.id, steps: plain.steps, intervention: null });
    expect(world.engine.asked.length).toBe(asked);
    expect([...world.engine.explanations.keys()]).toEqual([plain.id]);
    expect(world.engine.broken).toEqual([]);
  });

  it('that cannot be read leaves what is there; the next text is read whole', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, TRANSLATOR);
    world.engine.failNext = { code: 'INVALID_REQUEST', in: 'explain' };
    await done(world, world.session.intervene(plain.id, removed([0, 1])));
    expect(world.snapshot('a')).toMatchObject({ id: plain.id, error: { code: 'INVALID_REQUEST' }, intervention: null });
    await done(world, world.session.intervene(plain.id, removed([0, 1])));
    expect(words(world.snapshot('a'))).toBe('sat on the old mat');
    expect((await world.explained('a', 'dogs sat', TRANSLATOR)).intervention).toBeNull();
  });

  it('has its masks where they were, and a text that was forced is forced again', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, BERT);
    await done(world, world.session.mask(plain.id, [1, 4]));
    await done(world, world.session.intervene(world.snapshot('a').id, removed([0, 2])));
    expect(words(world.snapshot('a'))).toBe('on the [MASK] mat');
    await done(world, world.session.intervene(world.snapshot('a').id, null));
    expect(words(world.snapshot('a'))).toBe('cats sat on the [MASK] mat');
    // What is replaced in a model that fills masks is masked.
    await done(
      world,
      world.session.intervene(world.snapshot('a').id, { manner: 'replaced', off: [], ranges: [{ from: 0, to: 2 }] }),
    );
    expect(words(world.snapshot('a'))).toBe('[MASK] [MASK] on the [MASK] mat');
    expect(world.snapshot('a').intervention).toBeNull();

    const written = await world.explained('b', CATS, TRANSLATOR);
    await done(world, world.session.force(written.id, 'le chat dort'));
    await done(world, world.session.intervene(world.snapshot('b').id, removed([1, 2])));
    expect(world.engine.asked.slice(-2).map(({ method }) => method)).toContain('force');
    expect(world.snapshot('b').steps[0]?.origin).toBe('forced');
    expect(world.kept('b').forced).toBe('le chat dort');
  });
});
