import { expect, it } from 'vitest';
import { JobQueue } from '../../../src/session/runs/jobQueue';

/** A queue that notes what happens, with jobs that end when they are told to stop or to finish. */
function noted() {
  const said: string[] = [];
  const queue = new JobQueue((thrown) => said.push(`failed ${String(thrown)}`));
  const finish = new Map<string, () => void>();
  const job = (name: string) => async (signal: AbortSignal) => {
    said.push(`${name} begins`);
    await new Promise<void>((resolve) => {
      finish.set(name, resolve);
      signal.addEventListener('abort', () => resolve());
    });
    said.push(`${name} ${signal.aborted ? 'stops' : 'ends'}`);
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { said, queue, finish, job, turn };
}

it('runs one job at a time; the user’s next stops the one before', async () => {
  const { said, queue, finish, job, turn } = noted();
  const one = queue.run({ owner: 'a', manner: 'now' }, job('one'));
  const two = queue.run({ owner: 'a', manner: 'now' }, job('two'));
  await turn();
  finish.get('two')?.();
  await Promise.all([one, two]);
  expect(said).toEqual(['two begins', 'two ends']);
});

it('lets what comes by itself wait its turn, and does it again after another owner’s has displaced it', async () => {
  const { said, queue, finish, job, turn } = noted();
  const restore = queue.run({ owner: 'a', manner: 'in turn' }, job('restore'));
  await turn();
  const user = queue.run({ owner: 'b', manner: 'now' }, job('user'));
  await turn();
  finish.get('user')?.();
  await user;
  await turn();
  finish.get('restore')?.();
  await restore;
  expect(said).toEqual([
    'restore begins',
    'restore stops',
    'user begins',
    'user ends',
    'restore begins',
    'restore ends',
  ]);
});

it('drops what waits for a place where the user starts something', async () => {
  const { said, queue, finish, job, turn } = noted();
  void queue.run({ owner: 'a', manner: 'in turn' }, job('first'));
  await turn();
  const waits = queue.run({ owner: 'b', manner: 'in turn' }, job('restore of b'));
  const user = queue.run({ owner: 'b', manner: 'now' }, job('user in b'));
  await waits;
  await turn();
  finish.get('user in b')?.();
  await user;
  await turn();
  expect(said).toEqual(['first begins', 'first stops', 'user in b begins', 'user in b ends', 'first begins']);
});

it('goes on after a job that throws', async () => {
  const { said, queue } = noted();
  await queue.run({ owner: 'a', manner: 'now' }, () => Promise.reject(new Error('no')));
  await queue.run({ owner: 'a', manner: 'now' }, () => Promise.resolve(void said.push('next')));
  expect(said).toEqual(['failed Error: no', 'next']);
});

it('is told to stop for good: neither what runs nor what waits is done again', async () => {
  const { said, queue, job, turn } = noted();
  void queue.run({ owner: 'a', manner: 'in turn' }, job('one'));
  void queue.run({ owner: 'b', manner: 'in turn' }, job('two'));
  await turn();
  await queue.stop();
  await turn();
  expect(said).toEqual(['one begins', 'one stops']);
});
