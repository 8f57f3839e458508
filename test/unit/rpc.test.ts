import { describe, expect, it } from 'vitest';
import { ExplainError } from '../../src/errors';
import { createClient, serve, type Envelope } from '../../src/protocol/rpc';
import { channelPair } from './channelPair';

interface Api {
  double(request: { readonly n: number }, signal?: AbortSignal): Promise<number>;
  forever(request: Record<string, never>, signal?: AbortSignal): Promise<void>;
  fail(request: { readonly coded: boolean }, signal?: AbortSignal): Promise<void>;
  bytes(request: { readonly data: Uint8Array }, signal?: AbortSignal): Promise<Uint8Array>;
}

const service: Api = {
  double: ({ n }) => Promise.resolve(2 * n),
  forever: (_request, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
  fail: ({ coded }) =>
    Promise.reject(coded ? new ExplainError('TOO_LARGE', 'Too large.', { detail: 'by 3' }) : new TypeError('oops')),
  bytes: ({ data }) => Promise.resolve(data.map((byte) => byte + 1)),
};

const pass = (): void => undefined;
/** What comes back as it stands: `protocol/arrivals.test.ts` is about its checks. */
const UNREAD = { double: pass, forever: pass, fail: pass, bytes: pass };

function joined(checks?: Parameters<typeof serve<Api, { tick: number }>>[2]) {
  const { near, far, close } = channelPair();
  const server = serve<Api, { tick: number }>(far, service, checks);
  const client = createClient<Api, { tick: number }>(near, { answers: UNREAD, events: { tick: pass } });
  return { server, client, close, near };
}

describe('RPC', () => {
  it('answers, with binary data intact', async () => {
    const { client, close } = joined();
    expect(await Promise.all([client.api.double({ n: 4 }), client.api.double({ n: 5 })])).toEqual([8, 10]);
    expect([...(await client.api.bytes({ data: new Uint8Array([1, 2]) }))]).toEqual([2, 3]);
    close();
  });

  it('carries a coded error whole and codes one that has none', async () => {
    const { client, close } = joined();
    await expect(client.api.fail({ coded: true })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'Too large.',
      detail: 'by 3',
    });
    await expect(client.api.fail({ coded: false })).rejects.toMatchObject({ code: 'INTERNAL', detail: 'oops' });
    close();
  });

  it('cancels across the channel, and an aborted call rejects with an AbortError', async () => {
    const { client, close } = joined();
    const abort = new AbortController();
    const call = client.api.forever({}, abort.signal);
    abort.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.api.double({ n: 1 }, abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
    close();
  });

  it('refuses unknown methods, also those of Object, and requests that fail their check', async () => {
    const { client, close, near } = joined({
      double: (request) => {
        if (typeof (request as { n: unknown }).n !== 'number') throw new ExplainError('INVALID_REQUEST', 'No number.');
      },
      forever: () => undefined,
      fail: () => undefined,
      bytes: () => undefined,
    });
    await expect(client.api.double({ n: 'x' as unknown as number })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    const odd = client.api as unknown as Record<string, (request: unknown) => Promise<unknown>>;
    await expect(odd['toString']?.({})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(odd['constructor']?.({})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    for (const noise of [null, 7, 'x', {}, { type: 'call' }, { type: 'cancel', id: 99 }])
      near.post(noise as unknown as Envelope);
    expect(await client.api.double({ n: 1 })).toBe(2);
    close();
  });

  it('rejects what is pending when disposed, and everything after', async () => {
    const { client, close } = joined();
    const call = client.api.forever({});
    client.dispose(new ExplainError('ENGINE_LOST', 'Gone.'));
    await expect(call).rejects.toMatchObject({ code: 'ENGINE_LOST' });
    await expect(client.api.double({ n: 1 })).rejects.toMatchObject({ code: 'ENGINE_LOST' });
    close();
  });

  it('sends events', async () => {
    const { client, server, close } = joined();
    const ticks: number[] = [];
    client.on('tick', (value) => ticks.push(value));
    server.emit('tick', 1);
    server.emit('tick', 2);
    await client.api.double({ n: 0 });
    expect(ticks).toEqual([1, 2]);
    close();
  });
});
