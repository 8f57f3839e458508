import { describe, expect, test } from 'vitest';
import { UnendedRuns } from '../../../src/session/recipe/unended';

const RUN = { modelId: 'a model', hash: 'of a text' };

/** What VS Code's storage does: what is set can be read at once, and is written later, one after another. */
function slowStorage() {
  const known = new Map<string, unknown>();
  let written: unknown;
  const writes: PromiseWithResolvers<undefined>[] = [];
  return {
    get: (key: string) => known.get(key),
    set: async (key: string, value: unknown) => {
      known.set(key, value);
      const write = Promise.withResolvers<undefined>();
      writes.push(write);
      await write.promise;
      written = value;
    },
    writeNext: () => writes.shift()?.resolve(undefined),
    written: () => written,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('runs that never ended', () => {
  test('a run does not wait for its note to be written, and is not over before that', async () => {
    const storage = slowStorage();
    const unended = new UnendedRuns(storage);
    const seen: boolean[] = [];
    let over = false;
    const noted = unended.note(RUN, 'user', async () => {
      seen.push(unended.has(RUN));
      await Promise.resolve();
      return 'result';
    });
    void noted.then(() => (over = true));
    expect(seen).toEqual([true]);
    await turn();
    expect([over, storage.written()]).toEqual([false, undefined]);
    storage.writeNext();
    await turn();
    expect(storage.written()).toEqual([{ ...RUN, weight: 2 }]);
    expect(unended.has(RUN)).toBe(false);
    storage.writeNext();
    expect(await noted).toBe('result');
    expect(storage.written()).toEqual([]);
  });

  test('one that fails is over as well; a storage that cannot be written keeps none from running', async () => {
    const unended = new UnendedRuns({ get: () => undefined, set: () => Promise.reject(new Error('full')) });
    await expect(unended.note(RUN, 'restore', () => Promise.reject(new Error('its own')))).rejects.toThrow('its own');
    expect(await unended.note(RUN, 'restore', () => Promise.resolve(1))).toBe(1);
  });
});
