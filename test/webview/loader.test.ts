import { beforeAll, describe, expect, test } from 'vitest';
import { ByteCache, createLoader } from '../../webview/state/loader';

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

  test('the cache forgets the least recently used beyond its bytes', () => {
    const cache = new ByteCache<string>(100);
    cache.set('a', 'a', 40);
    cache.set('b', 'b', 40);
    expect(cache.get('a')).toBe('a');
    cache.set('c', 'c', 40);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['a', undefined, 'c']);
  });
});
