import { describe, expect, it } from 'vitest';
import { ArrivingFiles } from '../../../src/engine/files/arrivingFiles';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const never = new AbortController().signal;

describe('files on their way', () => {
  it('are known by path and size before they are there', () => {
    const files = new ArrivingFiles({ files: { 'config.json': bytes(1) }, coming: { 'model.onnx': 7, 'a.json': 9 } });
    expect(files.paths).toEqual(['config.json', 'model.onnx', 'a.json']);
    expect(files.weightBytes).toBe(7);
    expect(Object.keys(files.here)).toEqual(['config.json']);
  });

  it('are waited for one by one', async () => {
    const files = new ArrivingFiles({ files: {}, coming: { first: 1, second: 1 } });
    const order: string[] = [];
    const second = files.have(['second'], never).then(() => order.push('second'));
    const both = files.have(['first', 'second'], never).then(() => order.push('both'));
    files.arrive('second', bytes(2));
    await second;
    expect(order).toEqual(['second']);
    files.arrive('first', bytes(1));
    await both;
    expect(order).toEqual(['second', 'both']);
    expect(files.here).toEqual({ first: bytes(1), second: bytes(2) });
  });

  it('come once: what was not to come, or comes again, changes nothing', () => {
    const files = new ArrivingFiles({ files: { given: bytes(1) }, coming: { given: 3, wanted: 1 } });
    for (const path of ['given', 'unknown', 'wanted']) files.arrive(path, bytes(2));
    files.arrive('wanted', bytes(9));
    expect(files.here).toEqual({ given: bytes(1), wanted: bytes(2) });
  });

  it('are no longer waited for once the load is cancelled', async () => {
    const files = new ArrivingFiles({ files: {}, coming: { late: 1 } });
    const cancel = new AbortController();
    const waiting = files.have(['late'], cancel.signal);
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
