import { beforeAll, describe, expect, test } from 'vitest';
import { ByteCache, createLoader } from '../../webview/state/asked/loader';

beforeAll(() => Object.assign(globalThis, { window: globalThis }));

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A host that answers when it is told to. */
function slowHost() {
  const asked: {
    readonly request: string;
    readonly signal: AbortSignal;
    answer(value: string): void;
    fail(reason: Error): void;
  }[] = [];
  const ask = (request: string, signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => asked.push({ request, signal, answer: resolve, fail: reject }));
  return { asked, ask };
}

describe('asking for what is looked at', () => {
  test('looking elsewhere aborts, and the late answer is dropped', async () => {
    const { asked, ask } = slowHost();
    const answers: string[] = [];
    const loader = createLoader(
      ask,
      (answer) => answers.push(answer),
      () => answers.push('failed'),
    );
    loader.request('a', 'a');
    loader.request('b', 'b');
    expect(asked.map(({ request, signal }) => [request, signal.aborted])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    asked[0]?.answer('late');
    asked[1]?.answer('right');
    await pause(0);
    expect(answers).toEqual(['right']);
  });

  test('what grows is asked again only when the answer before is there: the newest, once', async () => {
    const { asked, ask } = slowHost();
    const answers: string[] = [];
    const loader = createLoader(
      ask,
      (answer) => answers.push(answer),
      () => undefined,
      () => false,
    );
    for (const key of ['1', '2', '3', '4']) loader.request(key, key);
    expect(asked.map(({ request }) => request)).toEqual(['1']);
    asked[0]?.answer('one');
    await pause(0);
    expect(asked.map(({ request }) => request)).toEqual(['1', '4']);
    asked[1]?.answer('four');
    await pause(0);
    expect(answers).toEqual(['one', 'four']);
  });

  test('a pointer that crosses tokens asks about the one it rests on', async () => {
    const { asked, ask } = slowHost();
    const loader = createLoader(
      ask,
      () => undefined,
      () => undefined,
    );
    for (const key of ['a', 'b', 'c']) loader.request(key, key, 10);
    await pause(40);
    expect(asked.map(({ request }) => request)).toEqual(['c']);
  });

  test('after a failure the same may be asked again; an abort is no failure', async () => {
    const { asked, ask } = slowHost();
    const failures: unknown[] = [];
    const loader = createLoader(
      ask,
      () => undefined,
      (reason) => failures.push(reason),
    );
    loader.request('a', 'a');
    asked[0]?.fail(new Error('no'));
    await pause(0);
    loader.request('a', 'a');
    asked[1]?.fail(Object.assign(new Error('Cancelled.'), { name: 'AbortError' }));
    await pause(0);
    expect([asked.length, failures.length]).toEqual([2, 1]);
  });

  test('asked for A, A again, then B: whatever comes back in whatever order, B is the last that is told', async () => {
    const { asked, ask } = slowHost();
    const answers: string[] = [];
    // What grows waits; another name supersedes.
    const loader = createLoader(
      ask,
      (answer, request) => answers.push(`${request}: ${answer}`),
      () => undefined,
      (running, next) => running[0] !== next[0],
    );
    loader.request('a1', 'a1');
    loader.request('a2', 'a2'); // waits for a1
    loader.request('b', 'b');
    expect(asked.map(({ request, signal }) => [request, signal.aborted])).toEqual([
      ['a1', true],
      ['b', false],
    ]);
    asked[1]?.answer('right');
    await pause(0);
    asked[0]?.answer('late');
    await pause(0);
    expect(asked.length).toBe(2);
    expect(answers).toEqual(['b: right']);

    // The same through a cancelled question, whose answer is still on its way.
    loader.request('a1', 'a1');
    loader.cancel();
    loader.request('a1', 'a1');
    loader.request('b2', 'b2');
    const [, , first, second, last] = asked;
    last?.answer('right');
    second?.answer('late');
    first?.answer('later');
    await pause(0);
    await pause(0);
    expect(answers.at(-1)).toBe('b2: right');
    expect(answers.filter((answer) => answer.startsWith('a'))).toEqual([]);
  });

  test('the cache forgets the least recently used beyond its bytes', () => {
    const cache = new ByteCache<string>(100);
    cache.set('a', 'a', 40);
    cache.set('b', 'b', 40);
    expect(cache.get('a')).toBe('a');
    cache.set('c', 'c', 40);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['a', undefined, 'c']);
  });
});
