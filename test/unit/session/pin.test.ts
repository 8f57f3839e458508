/** An explanation that is kept beside the one on show: alive, apart from what its panel does, and there after a reload. */
import { describe, expect, it } from 'vitest';
import { BERT, TRANSLATOR } from './recordedEngine';
import { words, World } from './world';

const TIRED = 'it was too tired';
const WIDE = 'it was too wide';
const PIN = 'a/pinned';

/** A panel that shows the second text, with the first one pinned. */
async function pair(world = new World()) {
  const first = await world.explained('a', TIRED, TRANSLATOR);
  expect(await world.session.pin(first.id, PIN)).toBe(true);
  const second = await world.explained('a', WIDE, TRANSLATOR);
  return { world, first, second };
}

describe('a pinned explanation', () => {
  it('stays alive beside the next, and both can be asked', async () => {
    const { world, first, second } = await pair();
    expect(world.snapshot(PIN)).toMatchObject({ id: first.id, status: 'done', steps: first.steps });
    expect(words(world.snapshot(PIN))).toBe(TIRED);
    expect(words(world.snapshot('a'))).toBe(WIDE);
    expect([...world.engine.explanations.keys()]).toEqual([first.id, second.id]);
    for (const explanation of [first.id, second.id]) {
      const asked = world.session
        .weightsOf(explanation)
        .tokenWeights({ explanation, sequence: 'source', indices: [1] });
      await world.rest();
      expect(await asked).toHaveLength(1);
    }
  });

  it('may be the one on show: requests about it are the panel’s, and letting it go leaves the panel as it is', async () => {
    const world = new World();
    const shown = await world.explained('a', TIRED, BERT);
    await world.session.pin(shown.id, PIN);
    expect(world.session.isShown('a', shown.id, 'setView')).toBe(true);
    // Read in another way: the panel has the other reading, the pin the one before.
    const masking = world.session.mask(shown.id, [3]);
    await world.rest();
    await masking;
    expect(words(world.snapshot('a'))).toBe('it was too [MASK]');
    expect(words(world.snapshot(PIN))).toBe(TIRED);
    await world.session.pin(world.snapshot('a').id, PIN);
    expect(world.engine.explanations.has(shown.id)).toBe(false);
    await world.session.close(PIN);
    expect(words(world.snapshot('a'))).toBe('it was too [MASK]');
    expect([...world.engine.explanations.keys()]).toEqual([world.snapshot('a').id]);
  });

  it('goes where it is unpinned, and not where its panel’s next text fails', async () => {
    const { world, first, second } = await pair();
    world.engine.failNext = { code: 'OUT_OF_MEMORY', in: 'explain' };
    const failed = await world.explained('a', 'one', TRANSLATOR);
    expect(failed).toMatchObject({ id: second.id, error: { code: 'OUT_OF_MEMORY' } });
    expect(world.snapshot(PIN)).toMatchObject({ id: first.id, error: null });
    await world.session.close(PIN);
    expect([...world.engine.explanations.keys()]).toEqual([second.id]);
    expect(world.session.snapshot(PIN)).toBeNull();
  });

  it('that the engine had to let go is read again in its own place', async () => {
    const { world, first, second } = await pair();
    // What the shelf drops is gone without the session's doing.
    world.engine.explanations.delete(first.id);
    const asked = world.session.weightsOf(first.id).tokenWeights({
      explanation: first.id,
      sequence: 'source',
      indices: [1],
    });
    const refused = expect(asked).rejects.toMatchObject({ code: 'EXPLANATION_GONE' });
    await world.rest();
    await refused;
    const again = world.session.retry(first.id);
    await world.rest();
    await again;
    expect(world.snapshot('a')).toBe(second);
    const { id, status, steps } = world.snapshot(PIN);
    expect({ status, steps }).toEqual({ status: 'done', steps: first.steps });
    expect([...world.engine.explanations.keys()]).toEqual([second.id, id]);
  });

  it('is not made of what has no tokens yet, nor by a late click', async () => {
    const world = new World();
    world.session.open('a');
    world.engine.failNext = { code: 'MODEL_FILE_MISSING' };
    const failed = await world.explained('a', TIRED, TRANSLATOR);
    await expect(world.session.pin(failed.id, PIN)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    const old = await world.explained('a', TIRED, TRANSLATOR);
    await world.explained('a', WIDE, TRANSLATOR);
    expect(await world.session.pin(old.id, PIN)).toBe(false);
    expect(world.log.at(-1)).toContain(old.id);
    expect(world.session.snapshot(PIN)).toBeNull();
  });

  it('comes back after a reload, after its panel and never in place of it', async () => {
    const { world, first, second } = await pair();
    const kept = { panel: world.kept('a'), pin: world.kept(PIN) };
    const other = new World(world.disk);
    other.session.open('a');
    other.session.open(PIN, 'pinned');
    const restored = [
      other.session.restore('a', WIDE, () => Promise.resolve(World.wanted(kept.panel, WIDE, TRANSLATOR))),
      other.session.restore(PIN, TIRED, () => Promise.resolve(World.wanted(kept.pin, TIRED, TRANSLATOR))),
    ];
    await other.rest();
    await Promise.all(restored);
    expect(other.engine.broken).toEqual([]);
    expect(other.snapshot('a')).toMatchObject({ status: 'done', steps: second.steps });
    expect(other.snapshot(PIN)).toMatchObject({ status: 'done', steps: first.steps });
    // Pinned by the restored place, the panel's own explanation is still the panel's.
    await other.session.pin(other.snapshot('a').id, PIN);
    expect(other.session.isShown('a', other.snapshot('a').id, 'setFocus')).toBe(true);
  });
});
