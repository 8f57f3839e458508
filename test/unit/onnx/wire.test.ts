import { describe, expect, it } from 'vitest';
import { edit } from '../../../src/onnx/edit/insertions';
import { WireReader } from '../../../src/onnx/wire/reader';
import { concat, varint, WireWriter } from '../../../src/onnx/wire/writer';

const read = (bytes: Uint8Array): { field: number; wire: number; value: number; text: string }[] => {
  const out = [];
  const reader = new WireReader(bytes, { start: 0, end: bytes.length });
  while (reader.next())
    out.push({
      field: reader.field,
      wire: reader.wire,
      value: reader.value,
      text: reader.wire === 2 ? reader.text() : '',
    });
  return out;
};

describe('the wire format', () => {
  it('reads what it writes', () => {
    const bytes = new WireWriter()
      .int(1, 300)
      .text(2, 'naïve 日本')
      .int(3, -1)
      .int(1000, 2 ** 45)
      .done();
    expect(read(bytes).map(({ field, value, text }) => [field, text === '' ? value : text])).toEqual([
      [1, 300],
      [2, 'naïve 日本'],
      [3, -1],
      [1000, 2 ** 45],
    ]);
  });

  it('reads numbers of every size', () => {
    for (const value of [0, 1, 127, 128, 2 ** 28, 2 ** 31, 2 ** 32 + 5, 2 ** 35 - 1, 2 ** 53 - 1]) {
      expect(read(concat([varint(8), varint(value)]))[0]?.value).toBe(value);
    }
    for (const value of [-1, -300, -(2 ** 40)])
      expect(read(new WireWriter().int(1, value).done())[0]?.value).toBe(value);
  });

  it.each([
    ['a number that is cut', [0x08, 0x80]],
    ['a number of eleven bytes', [0x08, ...Array.from({ length: 10 }, () => 0xff), 1]],
    ['a length past the end', [0x0a, 0x05, 1, 2]],
    ['a negative length', [0x0a, ...Array.from({ length: 9 }, () => 0xff), 1]],
    ['a fixed number that is cut', [0x0d, 1, 2]],
    ['a group', [0x0b]],
    ['field number 0', [0x02, 0x00]],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'ONNX_INVALID' }));
  });
});

describe('edits', () => {
  it('append deep inside and write the lengths around anew, without touching the rest', () => {
    const inner = new WireWriter().text(1, 'x'.repeat(120));
    const bytes = new WireWriter()
      .text(9, 'before')
      .message(7, new WireWriter().message(5, inner))
      .text(9, 'after')
      .done();
    const outer = new WireReader(bytes, { start: 0, end: bytes.length });
    outer.next();
    outer.next();
    const outerSpan = { tag: outer.tag, start: outer.start, end: outer.end };
    const middle = new WireReader(bytes, outerSpan);
    middle.next();
    const middleSpan = { tag: middle.tag, start: middle.start, end: middle.end };
    const parts = edit(
      bytes,
      [{ path: [outerSpan, middleSpan], bytes: new WireWriter().text(2, 'y'.repeat(20)).done() }],
      new WireWriter().text(9, 'suffix').done(),
    );
    const wanted = new WireWriter()
      .text(9, 'before')
      .message(7, new WireWriter().message(5, new WireWriter().text(1, 'x'.repeat(120)).text(2, 'y'.repeat(20))))
      .text(9, 'after')
      .text(9, 'suffix')
      .done();
    expect(concat(parts)).toEqual(wanted);
  });

  it('copy nothing of the original', () => {
    const bytes = new WireWriter().text(9, 'weights').done();
    const [first] = edit(bytes, [], Uint8Array.of(1));
    expect(first?.buffer).toBe(bytes.buffer);
  });
});
