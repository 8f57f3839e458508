/** Every order of start, cancel, fail, restart and reload, over an engine that is played back. */
import { describe, expect, it } from 'vitest';
import { BERT, GPT, TRANSLATOR } from './recordedEngine';
import { calm, textOf, words, World, type Disk } from './world';

const CATS = 'cats sleep on the old mat';
const DOGS = 'dogs run in the green park';

/** The texts of all that was written. */
const writing = (world: World, place = 'a') => world.snapshot(place).steps.map(({ chosen }) => chosen.text);

describe('a run', () => {
  it('loads, reads, writes to its end, and names its model to the engine', async () => {
    const world = new World();
    const snapshot = await world.explained('a', CATS, TRANSLATOR);
    expect(snapshot).toMatchObject({ status: 'done', end: 'end-of-sequence', error: null, title: 'cats.txt:1' });
    expect(words(snapshot)).toBe(CATS);
    expect(snapshot.steps).toHaveLength(7);
    const explain = world.engine.asked.find(({ method }) => method === 'explain');
    expect(explain?.request).toMatchObject({ model: { modelId: 'translator', version: 'v1' } });
    expect(world.engine.broken).toEqual([]);
  });

  it('is replaced by the next, which waits until the engine is free', async () => {
    const world = new World();
    world.session.open('a');
    const first = world.session.explain('a', { explained: textOf(CATS), model: TRANSLATOR });
    await world.until('step');
    const second = world.session.explain('a', { explained: textOf(DOGS), model: TRANSLATOR });
    await calm();
    expect(world.engine.waiting).toEqual(['step']);
    await world.rest();
    await Promise.all([first, second]);
    expect(words(world.snapshot('a'))).toBe(DOGS);
    expect(world.engine.broken).toEqual([]);
    expect([...world.engine.explanations.keys()]).toEqual([world.snapshot('a').id]);
  });

  it.each(['acquire', 'explain', 'step'])(
    'that is cancelled in %s stops there, and what there is stays',
    async (at) => {
      const world = new World();
      world.session.open('a');
      const run = world.session.explain('a', { explained: textOf(CATS), model: TRANSLATOR });
      await world.until(at);
      if (at === 'step') {
        world.engine.tick();
        await calm();
      }
      const stopped = world.session.stop(world.snapshot('a').id);
      await world.rest();
      await Promise.all([run, stopped]);
      const { status, error, steps, source } = world.snapshot('a');
      expect({ status, error }).toEqual({ status: 'paused', error: null });
      expect([source.length, steps.length]).toEqual(at === 'step' ? [7, 1] : [0, 0]);
    },
  );

  it.each(['acquire', 'explain'])('that fails in %s before it has tokens brings back what was there', async (at) => {
    const world = new World();
    const before = await world.explained('a', CATS, TRANSLATOR);
    world.engine.failNext = { code: 'RUN_FAILED', in: at };
    const after = await world.explained('a', DOGS, TRANSLATOR);
    expect(after).toMatchObject({ id: before.id, status: 'done', error: { code: 'RUN_FAILED' }, steps: before.steps });
    expect(world.engine.explanations.has(before.id)).toBe(true);
    // And can be gone on with.
    const restart = world.session.generate(before.id, 'restart');
    await world.rest();
    await restart;
    expect(world.snapshot('a')).toMatchObject({ id: before.id, steps: [], error: null });
  });

  it('that fails with nothing there says so, and works when it is tried again', async () => {
    const world = new World();
    world.engine.failNext = { code: 'MODEL_FILE_MISSING' };
    const failed = await world.explained('a', CATS, TRANSLATOR);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'MODEL_FILE_MISSING' }, title: 'cats.txt:1' });
    const again = world.session.retry(failed.id);
    await world.rest();
    await again;
    expect(words(world.snapshot('a'))).toBe(CATS);
  });

  it('whose worker dies keeps what was written; Retry goes on to where it was to come', async () => {
    const world = new World();
    const whole = await world.explained('a', CATS, TRANSLATOR);
    const run = world.session.explain('a', { explained: textOf(CATS), model: TRANSLATOR });
    await world.until('step');
    for (let made = 0; made < 3; made++) {
      world.engine.tick();
      await calm();
    }
    world.engine.die();
    await world.rest();
    await run;
    const lost = world.snapshot('a');
    expect(lost).toMatchObject({ status: 'failed', error: { code: 'ENGINE_LOST' } });
    expect(lost.steps).toHaveLength(3);
    const again = world.session.retry(lost.id);
    await world.rest();
    await again;
    expect(world.snapshot('a').steps).toEqual(whole.steps);
  });

  it('leaves the GPU once where it is lost, and goes on', async () => {
    const world = new World();
    world.engine.failNext = { code: 'GPU_LOST', in: 'explain' };
    expect(await world.explained('a', CATS, TRANSLATOR)).toMatchObject({ status: 'done', error: null });
    expect(world.engine.gpuLeft).toBe(1);
  });
});

describe('the same text in another way', () => {
  it('stays in sight until the other reading is there, and takes its place then', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, BERT);
    const masking = world.session.mask(plain.id, [1, 4]);
    await world.until('explain');
    expect(world.snapshot('a')).toMatchObject({ id: plain.id, status: 'encoding', source: plain.source });
    await world.rest();
    await masking;
    const masked = world.snapshot('a');
    expect(masked.masked).toEqual([1, 4]);
    expect(words(masked)).toBe('cats [MASK] on the [MASK] mat');
    expect([...world.engine.explanations.keys()]).toEqual([masked.id]);
  });

  it.each(['fails', 'is cancelled'])('comes back as it was where the other reading %s', async (how) => {
    const world = new World();
    const plain = await world.explained('a', CATS, BERT);
    const masking = world.session.mask(plain.id, [1]);
    await world.until('explain');
    if (how === 'fails') world.engine.failNext = { code: 'RUN_FAILED' };
    else void world.session.stop(plain.id);
    await world.rest();
    await masking;
    const { revision: _after, error, ...after } = world.snapshot('a');
    const { revision: _before, error: _none, ...before } = plain;
    expect(after).toEqual(before);
    expect(error?.code).toBe(how === 'fails' ? 'RUN_FAILED' : undefined);
    expect(world.engine.explanations.has(plain.id)).toBe(true);
  });

  it('as a chat message is kept for the model, and left where the template fails', async () => {
    const world = new World();
    const plain = await world.explained('a', CATS, GPT);
    const chat = world.session.setChat(plain.id, true);
    await world.rest();
    await chat;
    expect([world.snapshot('a').chat, world.disk.chats.has('gpt')]).toEqual([true, true]);
    const other = new World(world.disk);
    other.engine.failNext = { code: 'TOKENIZER_UNSUPPORTED', in: 'explain' };
    const failed = await other.explained('a', CATS, GPT);
    expect([failed.status, other.disk.chats.has('gpt')]).toEqual(['failed', false]);
    const again = other.session.retry(failed.id);
    await other.rest();
    await again;
    expect(other.snapshot('a')).toMatchObject({ status: 'done', chat: false });
  });
});

describe('a late click', () => {
  it('on a replaced explanation does nothing, and the log has a word', async () => {
    const world = new World();
    const old = await world.explained('a', CATS, TRANSLATOR);
    const now = await world.explained('a', DOGS, TRANSLATOR);
    const asked = world.engine.asked.length;
    const { session } = world;
    await Promise.all([
      session.branch(old.id, 1, 77),
      session.generate(old.id, 'restart'),
      session.force(old.id, 'le chat'),
      session.mask(old.id, [1]),
      session.chooseWindow(old.id, 2),
      session.setChat(old.id, true),
      session.setSpecialsAsText(old.id, true),
      session.retry(old.id),
      session.stop(old.id),
    ]);
    expect(world.engine.asked).toHaveLength(asked);
    expect(world.snapshot('a')).toBe(now);
    // What only the panel itself does (its view, its focused token, its editor) asks first whether it still shows it.
    expect([session.isShown('a', old.id, 'setFocus'), session.isShown('a', now.id, 'setFocus')]).toEqual([false, true]);
    const words = world.log.filter((line) => line.includes(old.id));
    expect(words).toHaveLength(10);
    expect(words.at(-1)).toContain('setFocus');
  });

  it('to stop a replaced run does not stop the one that took its place', async () => {
    const world = new World();
    const old = await world.explained('a', CATS, TRANSLATOR);
    const run = world.session.explain('a', { explained: textOf(DOGS), model: TRANSLATOR });
    await world.until('step');
    await world.session.stop(old.id);
    await world.rest();
    await run;
    expect(world.snapshot('a')).toMatchObject({ status: 'done', end: 'end-of-sequence' });
  });

  it('to generate while a text is being read is refused and stops nothing', async () => {
    const world = new World();
    world.session.open('a');
    const run = world.session.explain('a', { explained: textOf(CATS), model: TRANSLATOR });
    await world.until('explain');
    const step = world.session.generate(world.snapshot('a').id, 'step');
    await expect(step).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await world.rest();
    await run;
    expect(world.snapshot('a').status).toBe('done');
  });
});

describe('a score', () => {
  it.each(['', '   \n'])('of nothing (%j) is refused, and the run stays as it is', async (text) => {
    const world = new World();
    const before = await world.explained('a', CATS, TRANSLATOR);
    await expect(world.session.force(before.id, text)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(world.snapshot('a')).toBe(before);
  });

  it('of what has no tokens says so, and the run stays as it is', async () => {
    const world = new World();
    const before = await world.explained('a', CATS, TRANSLATOR);
    const force = world.session.force(before.id, '…');
    await world.rest();
    await force;
    const after = world.snapshot('a');
    expect(after).toMatchObject({ status: 'done', end: 'end-of-sequence', error: { code: 'NO_TOKENS' } });
    expect(after.steps).toEqual(before.steps);
  });
});

describe('two panels', () => {
  it('show two explanations, by two models, both alive', async () => {
    const world = new World();
    const one = await world.explained('a', CATS, TRANSLATOR);
    const two = await world.explained('b', DOGS, GPT);
    expect(words(world.snapshot('a'))).toBe(CATS);
    expect(words(world.snapshot('b'))).toBe(DOGS);
    expect([...world.engine.explanations.keys()]).toEqual([one.id, two.id]);
    const step = world.session.branch(one.id, 2, 55);
    await world.rest();
    await step;
    expect(writing(world, 'a')[2]).toBe('w55');
    expect(world.snapshot('b')).toBe(two);
  });

  it('never run at once: the one that the user starts stops the other, which keeps what it has', async () => {
    const world = new World();
    world.session.open('a');
    const first = world.session.explain('a', { explained: textOf(CATS), model: TRANSLATOR });
    await world.until('step');
    world.engine.tick();
    await calm();
    await world.explained('b', DOGS, TRANSLATOR);
    await first;
    expect(world.engine.broken).toEqual([]);
    expect(world.snapshot('a')).toMatchObject({ status: 'paused', end: 'stopped' });
    const on = world.session.generate(world.snapshot('a').id, 'run');
    await world.rest();
    await on;
    expect(world.snapshot('a').status).toBe('done');
  });

  it('of which one is closed let go of that one only', async () => {
    const world = new World();
    const one = await world.explained('a', CATS, TRANSLATOR);
    await world.explained('b', DOGS, TRANSLATOR);
    await world.session.close('b');
    expect([...world.engine.explanations.keys()]).toEqual([one.id]);
    expect(world.session.snapshot('b')).toBeNull();
  });
});

describe('a reload', () => {
  /** What the user made: a forced text, and a branch from it. */
  const made = async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    const force = world.session.force(id, 'le chat dort sur le tapis');
    await world.rest();
    await force;
    const branch = world.session.branch(id, 3, 77);
    await world.rest();
    await branch;
    return world;
  };

  it('comes back to the same text by the same way', async () => {
    const before = await made();
    expect(
      before
        .snapshot('a')
        .steps.map(({ origin }) => origin)
        .slice(0, 5),
    ).toEqual(['forced', 'forced', 'forced', 'branch', 'greedy']);
    const recipe = before.kept('a');
    const after = new World(before.disk);
    after.session.open('a');
    const restore = after.session.restore('a', 'cats.txt', () =>
      Promise.resolve(World.wanted(recipe, CATS, TRANSLATOR)),
    );
    await after.rest();
    await restore;
    expect(after.snapshot('a').steps).toEqual(before.snapshot('a').steps);
    expect(after.kept('a')).toEqual(recipe);
  });

  it.each(['run', 'retry'] as const)('that is stopped on the way comes there by %s all the same', async (by) => {
    const before = await made();
    const recipe = before.kept('a');
    const after = new World(before.disk);
    after.session.open('a');
    const restore = after.session.restore('a', 'cats.txt', () =>
      Promise.resolve(World.wanted(recipe, CATS, TRANSLATOR)),
    );
    await after.until('step');
    const { id } = after.snapshot('a');
    const stopped = after.session.stop(id);
    await after.rest();
    await Promise.all([restore, stopped]);
    expect(after.snapshot('a')).toMatchObject({ status: 'paused', end: 'stopped' });
    expect(after.snapshot('a').steps.length).toBeLessThan(before.snapshot('a').steps.length);
    // Another reload at this point comes back to it too.
    expect(after.kept('a')).toEqual(recipe);
    const again = by === 'run' ? after.session.generate(id, 'run') : after.session.retry(id);
    await after.rest();
    await again;
    expect(after.snapshot('a').steps).toEqual(before.snapshot('a').steps);
    expect(after.kept('a')).toEqual(recipe);
  });

  it('that is stopped on the way is left for good where the user makes something else of it', async () => {
    const before = await made();
    const after = new World(before.disk);
    after.session.open('a');
    void after.session.restore('a', 'cats.txt', () =>
      Promise.resolve(World.wanted(before.kept('a'), CATS, TRANSLATOR)),
    );
    await after.until('step');
    const { id } = after.snapshot('a');
    const stopped = after.session.stop(id);
    await after.rest();
    await stopped;
    void after.session.generate(id, 'restart');
    await after.rest();
    void after.session.generate(id, 'run');
    await after.rest();
    expect(after.snapshot('a').steps.every(({ origin }) => origin === 'greedy')).toBe(true);
    expect(after.kept('a')).toMatchObject({ forced: null, branches: [] });
  });

  it('on another model begins anew: what was branched to is in the other’s tokens', async () => {
    const before = await made();
    const after = new World(before.disk);
    after.session.open('a');
    void after.session.restore('a', '', () => Promise.resolve(World.wanted(before.kept('a'), CATS, GPT)));
    await after.rest();
    expect(after.snapshot('a').steps.every(({ origin }) => origin === 'greedy')).toBe(true);
  });

  it('whose restoring is slow neither replaces nor fails what the user has started meanwhile', async () => {
    for (const outcome of ['comes', 'fails'] as const) {
      const world = new World();
      world.session.open('a');
      let prepared: () => void = () => undefined;
      const slow = new Promise<void>((resolve) => (prepared = resolve));
      const restore = world.session.restore('a', 'cats.txt', async () => {
        await slow;
        if (outcome === 'fails') throw new Error('no such file');
        return { explained: textOf(CATS), model: TRANSLATOR };
      });
      await calm();
      const run = world.session.explain('a', { explained: textOf(DOGS), model: TRANSLATOR });
      await calm();
      prepared();
      await world.rest();
      await Promise.all([restore, run]);
      expect(words(world.snapshot('a'))).toBe(DOGS);
      expect(world.snapshot('a')).toMatchObject({ status: 'done', error: null });
    }
  });

  it('of two panels restores both, and a restore that the other panel’s user displaces is done after', async () => {
    const world = new World();
    for (const place of ['a', 'b']) world.session.open(place);
    const restores = [
      world.session.restore('a', '', () => Promise.resolve({ explained: textOf(CATS), model: TRANSLATOR })),
      world.session.restore('b', '', () => Promise.resolve({ explained: textOf(DOGS), model: GPT })),
    ];
    await world.until('explain');
    const user = world.session.explain('c', { explained: textOf('birds sing'), model: TRANSLATOR });
    world.session.open('c');
    await world.rest();
    await Promise.all([...restores, user]);
    expect(['a', 'b', 'c'].map((place) => words(world.snapshot(place)))).toEqual([CATS, DOGS, 'birds sing']);
    expect(['a', 'b', 'c'].map((place) => world.snapshot(place).status)).toEqual(['done', 'done', 'done']);
    expect(world.engine.broken).toEqual([]);
  });

  it('says why where the text is gone', async () => {
    const world = new World();
    world.session.open('a');
    await world.session.restore('a', 'cats.txt', () => Promise.reject(new Error('gone')));
    expect(world.snapshot('a')).toMatchObject({ status: 'failed', title: 'cats.txt', error: { code: 'INTERNAL' } });
  });

  it('is tried again by Retry: still gone, and there again', async () => {
    const world = new World();
    world.session.open('a');
    let isThere = false;
    await world.session.restore('a', 'cats.txt', () =>
      isThere ? Promise.resolve({ explained: textOf(CATS), model: TRANSLATOR }) : Promise.reject(new Error('gone')),
    );
    const refused = world.snapshot('a');
    await world.session.retry(refused.id);
    const again = world.snapshot('a');
    expect(again).toMatchObject({ status: 'failed', title: 'cats.txt', error: { code: 'INTERNAL' } });
    isThere = true;
    const retry = world.session.retry(again.id);
    await world.rest();
    await retry;
    expect(words(world.snapshot('a'))).toBe(CATS);
  });
});

describe('a run that never ended', () => {
  /** A window that is closed while it runs. */
  const closedIn = async (at: string): Promise<Disk> => {
    const world = new World();
    world.session.open('a');
    void world.session.explain('a', { explained: textOf(CATS), model: TRANSLATOR });
    await world.until(at);
    return world.disk;
  };
  const restored = async (disk: Disk, rest = true): Promise<World> => {
    const world = new World(disk);
    world.session.open('a');
    void world.session.restore('a', 'cats.txt', () => Promise.resolve({ explained: textOf(CATS), model: TRANSLATOR }));
    if (rest) await world.rest();
    else await world.until('acquire');
    return world;
  };

  it.each(['acquire', 'explain', 'step'])('but hung or crashed in %s is restored only when asked for', async (at) => {
    const world = await restored(await closedIn(at));
    expect(world.engine.asked).toEqual([]);
    const refused = world.snapshot('a');
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'NOT_RESTORED' } });
    const retry = world.session.retry(refused.id);
    await world.rest();
    await retry;
    expect(words(world.snapshot('a'))).toBe(CATS);
    // Now it has ended.
    expect((await restored(world.disk)).snapshot('a').status).toBe('done');
  });

  it('because a restore was interrupted by another reload is restored again; the second time it is asked for', async () => {
    const first = new World();
    await first.explained('a', CATS, TRANSLATOR);
    const interrupted = await restored(first.disk, false);
    const again = await restored(interrupted.disk, false);
    expect(again.engine.asked).toHaveLength(1);
    const third = await restored(again.disk);
    expect(third.snapshot('a').error?.code).toBe('NOT_RESTORED');
  });
});

describe('weights', () => {
  it('are asked of the engine once for panel and editor together', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    const { tokenWeights } = world.session.weightsOf(id);
    const query = { explanation: id, sequence: 'source', indices: [3] } as const;
    const both = Promise.all([tokenWeights(query), tokenWeights(query)]);
    await world.rest();
    const [panel, editor] = await both;
    expect(panel).toBe(editor);
    // And the third, who comes when the answer is there.
    await tokenWeights(query);
    expect(world.engine.asked.filter(({ method }) => method === 'tokenWeights')).toHaveLength(1);
  });

  it('are called off only when nobody waits for them any more', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    const { tokenWeights } = world.session.weightsOf(id);
    const query = { explanation: id, sequence: 'source', indices: [2] } as const;
    const [panel, editor] = [new AbortController(), new AbortController()];
    const asked = [tokenWeights(query, panel.signal), tokenWeights(query, editor.signal)] as const;
    panel.abort();
    await expect(asked[0]).rejects.toMatchObject({ name: 'AbortError' });
    await world.rest();
    await expect(asked[1]).resolves.toHaveLength(1);
  });

  it('are asked for anew where the explanation has other tokens', async () => {
    const world = new World();
    const { id } = await world.explained('a', CATS, TRANSLATOR);
    const { tokenWeights } = world.session.weightsOf(id);
    const query = { explanation: id, sequence: 'target', indices: [1] } as const;
    const first = tokenWeights(query);
    await world.rest();
    await first;
    const branch = world.session.branch(id, 0, 60);
    await world.rest();
    await branch;
    const second = tokenWeights(query);
    await world.rest();
    await second;
    expect(world.engine.asked.filter(({ method }) => method === 'tokenWeights')).toHaveLength(2);
  });

  it('of a replaced explanation are refused', async () => {
    const world = new World();
    const old = await world.explained('a', CATS, TRANSLATOR);
    await world.explained('a', DOGS, TRANSLATOR);
    expect(() => world.session.weightsOf(old.id)).toThrow(expect.objectContaining({ code: 'EXPLANATION_GONE' }));
  });
});
