/** Ways to break an ONNX file: as bytes (cut, flipped, wrong lengths) and as messages (swapped, doubled, renamed, nested). */
import { WIRE } from '../../../src/onnx/wire/reader';
import { varint, WireWriter } from '../../../src/onnx/wire/writer';
import { copyTree, messages, putTogether, takeApart, type Field } from './protoTree';
import type { Random } from './random';

export interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Places of length and number bytes that structure the file (not weights). */
  readonly headers: readonly number[];
  /** The bytes taken apart; each mutation changes a copy. */
  readonly tree: readonly Field[];
}

export interface Mutation {
  readonly name: string;
  apply(subject: Subject, random: Random): Uint8Array;
}

const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

function copy(subject: Subject): Uint8Array {
  return subject.bytes.slice();
}

function structural(name: string, change: (tree: Field[], random: Random) => void): Mutation {
  return {
    name,
    apply(subject, random) {
      const tree = copyTree(subject.tree);
      const rounds = 1 + random.below(4);
      for (let i = 0; i < rounds; i++) change(tree, random);
      return putTogether(tree);
    },
  };
}

/** Mostly a large message: that is where the nodes are. */
function anyMessage(tree: Field[], random: Random): Field[] {
  const all = messages(tree).filter((message) => message.length > 0);
  if (all.length === 0) return tree;
  const largest = all.reduce((a, b) => (b.length > a.length ? b : a));
  return random.next() < 0.5 ? largest : random.pick(all);
}

/**
 * A graph around a graph around …, each in an If's branch; `depth` deep. What stands before a graph's inner one is all there is beside
 * it, so that each level is written once, from the innermost on.
 */
function nested(depth: number): Uint8Array {
  const before: Uint8Array[] = [];
  let length = 0;
  const begin = (part: Uint8Array): void => {
    before.push(part);
    length += part.length;
  };
  const header = (number: number): void => begin(Buffer.concat([varint(number * 8 + WIRE.bytes), varint(length)]));
  for (let i = 0; i < depth; i++) {
    header(6);
    begin(new WireWriter().text(1, 'then_branch').done());
    header(5);
    begin(new WireWriter().text(1, 'condition').text(2, `out${i}`).text(4, 'If').done());
    header(1);
  }
  header(7);
  return new Uint8Array(Buffer.concat(before.reverse()));
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'flip bits anywhere',
    apply(subject, random) {
      const bytes = copy(subject);
      for (let i = 0; i <= random.below(16); i++) {
        const at = random.below(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      }
      return bytes;
    },
  },
  {
    name: 'flip bits in headers',
    apply(subject, random) {
      const bytes = copy(subject);
      for (let i = 0; i <= random.below(8); i++) {
        const at = random.pick(subject.headers);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      }
      return bytes;
    },
  },
  { name: 'cut', apply: (subject, random) => subject.bytes.slice(0, random.below(subject.bytes.length)) },
  {
    name: 'cut out a piece',
    apply(subject, random) {
      const from = random.below(subject.bytes.length);
      const tail = subject.bytes.subarray(from + 1 + random.below(random.next() < 0.5 ? 16 : 4096));
      const out = new Uint8Array(from + tail.length);
      out.set(subject.bytes.subarray(0, from));
      out.set(tail, from);
      return out;
    },
  },
  {
    name: 'huge length',
    apply(subject, random) {
      const at = random.pick(subject.headers);
      const length = random.pick([
        varint(0x7fff_ffff),
        varint(0xffff_ffff),
        varint(2 ** 40),
        Uint8Array.from({ length: 10 }, () => 0xff),
        Uint8Array.from([...Array.from({ length: 9 }, () => 0xff), 1]),
      ]);
      const out = new Uint8Array(subject.bytes.length + length.length);
      out.set(subject.bytes.subarray(0, at));
      out.set(length, at);
      out.set(subject.bytes.subarray(at), at + length.length);
      return out;
    },
  },
  {
    name: 'noise',
    apply(subject, random) {
      const bytes = copy(subject);
      const from = random.below(bytes.length);
      const value = random.below(3);
      for (let at = from; at < Math.min(bytes.length, from + random.below(256)); at++)
        bytes[at] = [0xff, 0][value] ?? random.below(256);
      return bytes;
    },
  },
  {
    name: 'graphs nested deep',
    apply: (_subject, random) => nested(1 + random.below(random.next() < 0.2 ? 2000 : 24)),
  },
  {
    name: 'many empty fields',
    apply(_subject, random) {
      // A graph of up to a million empty nodes, initializers, outputs, …: two bytes each.
      const body = new Uint8Array(2 * (1 + random.below(random.next() < 0.03 ? 1_000_000 : 5000)));
      const tag = random.pick([1, 5, 11, 12, 13]) * 8 + 2;
      for (let at = 0; at < body.length; at += 2) body[at] = tag;
      return new WireWriter().bytes(7, body).done();
    },
  },
  structural('swap fields', (tree, random) => {
    const message = anyMessage(tree, random);
    const [i, j] = [random.below(message.length), random.below(message.length)];
    const [a, b] = [message[i], message[j]];
    if (a && b) [message[i], message[j]] = [b, a];
  }),
  structural('swap payloads', (tree, random) => {
    const message = anyMessage(tree, random);
    const [a, b] = [random.pick(message), random.pick(message)];
    [a.content, b.content] = [b.content, a.content];
  }),
  structural('double a field', (tree, random) => {
    const message = anyMessage(tree, random);
    message.splice(random.below(message.length + 1), 0, random.pick(message));
  }),
  structural('drop a field', (tree, random) => {
    const message = anyMessage(tree, random);
    message.splice(random.below(message.length), 1);
  }),
  structural('another field number', (tree, random) => {
    random.pick(anyMessage(tree, random)).number =
      random.next() < 0.8 ? 1 + random.below(16) : 1 + random.below(2 ** 20);
  }),
  structural('another wire type', (tree, random) => {
    random.pick(anyMessage(tree, random)).wire = random.below(8);
  }),
  structural('rename a tensor or an operator', (tree, random) => {
    const names = messages(tree).flatMap((message) =>
      message.filter(
        ({ number, wire, content }) =>
          content instanceof Uint8Array && wire === WIRE.bytes && number <= 7 && content.length < 200,
      ),
    );
    if (names.length < 2) return;
    const target = random.pick(names);
    const source = random.pick(names).content;
    const known = [
      'Softmax',
      'MatMul',
      'If',
      'Loop',
      'GroupQueryAttention',
      'MultiHeadAttention',
      'Attention',
      'QLinearSoftmax',
      'LogSoftmax',
      'Exp',
      'Div',
      'ReduceSum',
      'causal',
      'sliding_window_cache',
      'position_ids',
      'attention_mask',
      'token_type_ids',
      'decoder_input_ids',
      'Where',
      'Concat',
      '',
      '\u0000',
      'ü',
    ];
    target.content = random.next() < 0.5 && source instanceof Uint8Array ? source : bytesOf(random.pick(known));
  }),
  structural('another number', (tree, random) => {
    const numbers = messages(tree).flatMap((message) =>
      message.filter(({ wire, content }) => wire === WIRE.varint && content instanceof Uint8Array),
    );
    if (numbers.length > 0)
      random.pick(numbers).content = random.pick([
        varint(0),
        varint(1),
        varint(random.below(1000)),
        varint(2 ** 31),
        varint(2 ** 53 - 1),
        Uint8Array.from([...Array.from({ length: 9 }, () => 0xff), 1]),
      ]);
  }),
];

/** Where a file's structure is: headers of fields outside weights. */
export function headersOf(bytes: Uint8Array): number[] {
  const places: number[] = [];
  const walk = (fields: readonly Field[], base: number): number => {
    let at = base;
    for (const { number, wire, content } of fields) {
      const payload = content instanceof Uint8Array ? content.length : putTogether(content).length;
      const header = varint(number * 8 + wire).length + (wire === WIRE.bytes ? varint(payload).length : 0);
      for (let i = 0; i < header; i++) places.push(at + i);
      if (!(content instanceof Uint8Array)) walk(content, at + header);
      at += header + payload;
    }
    return at;
  };
  walk(takeApart(bytes), 0);
  return places;
}
