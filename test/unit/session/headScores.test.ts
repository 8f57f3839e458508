import { expect, test } from 'vitest';
import { ROLE_NAMES, type RoleTable } from '../../../src/attention/types';
import type { HeadScores } from '../../../src/protocol/engine';
import { KeptHeadScores } from '../../../src/session/headScores';
import { calm, World } from './world';
import { GPT, TRANSLATOR } from './recordedEngine';

const none = Object.fromEntries(ROLE_NAMES.map((role) => [role, [null, 0.5]])) as unknown as RoleTable['scores'];
const scores = (sentences: number): HeadScores => ({
  sentences,
  roles: [{ kind: 'encoder', layers: 1, heads: 2, scores: none }],
  alignment: null,
});
const storage = (entries = new Map<string, unknown>()) => ({
  entries,
  get: (key: string) => entries.get(key),
  set: (key: string, value: unknown) => {
    entries.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  },
});

test('scores are found again by id and fingerprint, and not those of other files', async () => {
  const disk = storage();
  await new KeptHeadScores(disk).put({ modelId: 'a', fingerprint: '1' }, scores(50));
  const later = new KeptHeadScores(disk);
  expect(later.get({ modelId: 'a', fingerprint: '1' })).toEqual(scores(50));
  expect(later.get({ modelId: 'a', fingerprint: '2' })).toBeNull();
  expect(later.get({ modelId: 'b', fingerprint: '1' })).toBeNull();
  await later.put({ modelId: 'a', fingerprint: '2' }, scores(49));
  expect(later.get({ modelId: 'a', fingerprint: '2' })?.sentences).toBe(49);
});

test('what cannot be read is as if it was not there, and no more models are kept than twenty', async () => {
  const disk = storage();
  const kept = new KeptHeadScores(disk);
  for (let i = 0; i < 25; i++) await kept.put({ modelId: `m${i}`, fingerprint: '1' }, scores(i));
  expect(kept.get({ modelId: 'm4', fingerprint: '1' })).toBeNull();
  expect(kept.get({ modelId: 'm24', fingerprint: '1' })?.sentences).toBe(24);
  const [key = ''] = disk.entries.keys();
  const short = { ...scores(3), roles: [{ ...scores(3).roles[0], layers: 4 }] };
  for (const damaged of [3, 'x', [null], [{ modelId: 'm', fingerprint: '1', scores: short }]]) {
    disk.entries.set(key, damaged);
    expect(kept.get({ modelId: 'm', fingerprint: '1' })).toBeNull();
  }
});

test('measuring waits for what runs, and what the user starts meanwhile goes first', async () => {
  const world = new World();
  world.session.open('a');
  const never = new AbortController().signal;
  const measured = world.session.measureHeads(GPT, { parts: 'all', signal: never, told: () => undefined });
  await world.until('measureHeads');
  const explained = world.explained('a', 'One two three', TRANSLATOR);
  await explained;
  expect((await measured)?.report.modelId).toBe('gpt');
  expect((await measured)?.scores.sentences).toBe(50);
  expect(world.engine.asked.filter(({ method }) => method === 'measureHeads')).toHaveLength(2);
  expect(world.engine.broken).toEqual([]);
});

test('a cancel ends it, and what fails is thrown', async () => {
  const world = new World();
  const abort = new AbortController();
  const measured = world.session.measureHeads(GPT, { parts: 'all', signal: abort.signal, told: () => undefined });
  await world.until('measureHeads');
  abort.abort();
  await world.rest();
  expect(await measured).toBeUndefined();
  world.engine.failNext = { code: 'OUT_OF_MEMORY', in: 'measureHeads' };
  const failing = world.session.measureHeads(GPT, {
    parts: 'all',
    signal: new AbortController().signal,
    told: () => undefined,
  });
  const caught = expect(failing).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
  await world.rest();
  await caught;
  await calm();
});

test('what was measured of alignment alone leaves the roles that were measured before', async () => {
  const kept = new KeptHeadScores(storage());
  const model = { modelId: 'a', fingerprint: '1' };
  const choice = { source: 'head', layer: 1, head: 0, reading: 'fed', score: 0.9 } as const;
  const alignment = { known: 'links' as const, count: 12, choices: [choice] };
  await kept.put(model, scores(50));
  await kept.put(model, { sentences: 0, roles: [], alignment });
  expect(kept.get(model)).toEqual({ ...scores(50), alignment });
});
