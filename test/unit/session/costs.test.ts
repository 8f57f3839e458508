/** What heads and pieces are worth: kept with their text, whoever looks away, stops half-way or reloads the window. */
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../src/attention/content';
import { fromKept, toKept, type KeptCosts } from '../../../src/session/costs/keptCosts';
import { BERT, TRANSLATOR } from './recordedEngine';
import { calm, World } from './world';

const CATS = 'cats sleep on the old mat';
const DOGS = 'dogs run in the green park';
const RANGES = [0, 1, 2].map((from) => ({ from, to: from + 1 }));
const NOTHING = { heads: null, pieces: null };

/** Ranks three words, up to so many of them. */
async function ranked(world: World, explanation: string, pieces: number) {
  const stop = new AbortController();
  const request = { explanation, ranges: RANGES, manner: 'removed' } as const;
  const ranking = world.session.weightsOf(explanation).leaveOut(request, stop.signal);
  const ended = pieces < RANGES.length ? expect(ranking).rejects.toMatchObject({ name: 'AbortError' }) : ranking;
  for (let done = 0; done < pieces; done++) {
    await world.until('piece');
    world.engine.tick();
    await calm();
  }
  stop.abort();
  await world.rest();
  await ended;
}

/** A reload: another window with what the first one's page has kept. */
async function reloaded(world: World, text: string, model = TRANSLATOR): Promise<World> {
  const kept = world.kept('a');
  const after = new World(world.disk);
  after.session.open('a');
  const restore = after.session.restore('a', 'cats.txt', () => Promise.resolve(World.wanted(kept, text, model)));
  // Its text is hashed first, beside, which a busy machine takes its time for.
  await after.until('acquire');
  await after.rest();
  await restore;
  return after;
}

describe('costs', () => {
  it('come back after a reload, to the last bit; of heads too', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    await ranked(world, id, 3);
    await world.session.weightsOf(id).headCosts({ explanation: id, kind: 'cross' });
    const before = world.session.costs('a');
    expect(before.pieces).toMatchObject({ done: 3, costs: Float32Array.of(1 / 3, 2 / 3, 1) });
    expect(before.heads?.costs).toEqual(Float32Array.of(0.1, -0.2));
    const after = await reloaded(world, CATS);
    expect(after.session.costs('a')).toEqual(before);
    // And once more, though nothing was measured in this window.
    expect((await reloaded(after, CATS)).session.costs('a')).toEqual(before);
  });

  it('of a ranking that was stopped half-way are there before and after a reload; what comes too late is not', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    const told: (number | undefined)[] = [];
    world.session.onDidChangeCosts(() => told.push(world.session.costs('a').pieces?.done));
    await ranked(world, id, 2);
    // Nothing at the beginning, each piece, and a last word when it is over.
    expect(told).toEqual([undefined, 1, 2, 2]);
    expect(world.session.isMeasuring('a')).toBe(false);
    const half = { done: 2, costs: Float32Array.of(1 / 3, 2 / 3, NaN) };
    expect(world.session.costs('a').pieces).toMatchObject(half);
    expect((await reloaded(world, CATS)).session.costs('a').pieces).toMatchObject(half);
  });

  it('are of one text and one output: another has none, and the first has them again', async () => {
    const world = new World();
    const { id, steps } = await world.explained('a', CATS, TRANSLATOR);
    await ranked(world, id, 3);
    const [first] = steps;
    const restart = world.session.branch(id, 1, 77);
    await world.rest();
    await restart;
    expect(world.session.costs('a')).toEqual(NOTHING);
    expect(world.kept('a').costs).toBeNull();
    const back = world.session.branch(id, 0, first?.chosen.id ?? -1);
    await world.rest();
    await back;
    expect(world.session.costs('a').pieces?.done).toBe(3);
    await world.explained('a', DOGS, TRANSLATOR);
    expect(world.session.costs('a')).toEqual(NOTHING);
    await world.explained('a', CATS, TRANSLATOR);
    expect(world.session.costs('a').pieces?.done).toBe(3);
  });

  it('of a text that another model reads after the reload are not shown', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    await ranked(world, id, 3);
    expect((await reloaded(world, CATS, BERT)).session.costs('a')).toEqual(NOTHING);
  });

  it('are not lost by a reload that comes while the text is still being restored', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    await ranked(world, id, 3);
    const kept = world.kept('a');
    const between = new World(world.disk);
    between.session.open('a');
    void between.session.restore('a', '', () => Promise.resolve(World.wanted(kept, CATS, TRANSLATOR)));
    await between.until('step');
    expect(between.session.costs('a')).toEqual(NOTHING);
    expect((await reloaded(between, CATS)).session.costs('a').pieces?.done).toBe(3);
  });

  it('go where they are forgotten, and with their panel', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    await ranked(world, id, 3);
    await world.session.weightsOf(id).headCosts({ explanation: id, kind: 'cross' });
    world.session.forgetLeftOut(id);
    expect(world.session.costs('a')).toMatchObject({ heads: { done: 2 }, pieces: null });
    await world.session.close('a');
    world.session.open('a');
    await world.explained('a', CATS, TRANSLATOR);
    expect(world.session.costs('a')).toEqual(NOTHING);
  });
});

describe('what is kept of costs', () => {
  it.each([0.75, null])('has the fit that they are of, and how well it foretells (%s)', (correlation) => {
    const pieces = {
      of: contentOf([{ id: 3 }, { id: 4 }, { id: 5 }], []),
      sequence: 'source' as const,
      ranges: RANGES,
      manner: 'removed' as const,
      outputSequence: 'target' as const,
      outputs: [1],
      plain: -0.5,
      costs: Float32Array.of(1 / 3, 0, NaN),
      done: 40,
      fit: { masks: 64, heldOut: 10, correlation },
      gaps: [],
      agreement: { kind: 'cross' as const, layers: 1, heads: 2, correlations: Float32Array.of(0.5, NaN) },
    };
    const kept = JSON.parse(JSON.stringify(toKept('m', { heads: null, pieces }))) as KeptCosts;
    expect(fromKept(kept)).toEqual({ heads: null, pieces });
    expect(toKept('m', { heads: null, pieces: { ...pieces, done: 65 } })).toBeNull();
  });

  it('is nothing where there are more numbers than are kept', () => {
    const costsOf = (length: number) => ({
      of: contentOf([], []),
      kind: 'cross' as const,
      layers: 1,
      heads: length,
      plain: -1,
      costs: new Float32Array(length),
      layerCosts: new Float32Array(1),
      done: length,
      gaps: [],
    });
    expect(toKept('m', { heads: costsOf(5_000), pieces: null })?.heads?.costs).toHaveLength(5_000);
    expect(toKept('m', { heads: costsOf(5_001), pieces: null })).toBeNull();
  });
});
