/** A node of a graph: its operator, the tensors it takes and makes, and its attributes, read when asked for. */
import { attributeText, FIELD, readAttribute, type Attribute } from '../wire/proto';
import { invalidOnnx, tooLarge, WireReader, type MessageSpan, type ByteSpan } from '../wire/reader';
import { say } from '../../text/say';

/** One NodeProto. */
export class GraphNode {
  #attributes: Map<string, Attribute> | undefined;

  constructor(
    private readonly bytes: Uint8Array,
    /** Where the node lies in its graph's message. */
    readonly span: MessageSpan,
    readonly op: string,
    /** '' for ONNX's own operators. */
    readonly domain: string,
    readonly name: string,
    readonly inputs: readonly string[],
    readonly outputs: readonly string[],
  ) {}

  /** For reports: the node's name, or its first output's where it has none. */
  get title(): string {
    return this.name !== '' ? this.name : (this.outputs[0] ?? '(unnamed)');
  }

  get isContrib(): boolean {
    return this.domain === 'com.microsoft';
  }

  attribute(name: string): Attribute | undefined {
    return this.attributes().get(name);
  }

  int(name: string): number | undefined {
    return this.attribute(name)?.i;
  }

  float(name: string): number | undefined {
    return this.attribute(name)?.f;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name)?.ints;
  }

  text(name: string): string {
    return attributeText(this.bytes, this.attribute(name));
  }

  /** Where the attribute lies in the node's message, for edits. */
  attributeSpan(name: string): MessageSpan | undefined {
    const reader = new WireReader(this.bytes, this.span);
    while (reader.next()) {
      if (reader.field !== FIELD.node.attribute) continue;
      const span = { ...reader.bytesField(), tag: reader.tag };
      if (readAttribute(this.bytes, span).name === name) return span;
    }
    return undefined;
  }

  /** Where the inputs of this name lie in the node's message, headers included, for edits. */
  inputSpans(name: string): readonly ByteSpan[] {
    const spans: ByteSpan[] = [];
    const reader = new WireReader(this.bytes, this.span);
    while (reader.next()) {
      if (reader.field === FIELD.node.input && reader.text() === name)
        spans.push({ start: reader.tag, end: reader.end });
    }
    return spans;
  }

  /** Each attribute's name and its AttributeProto as it stands in the file. */
  *attributeBytes(): Generator<readonly [name: string, bytes: Uint8Array]> {
    const reader = new WireReader(this.bytes, this.span);
    while (reader.next()) {
      if (reader.field !== FIELD.node.attribute) continue;
      const { start, end } = reader.bytesField();
      yield [readAttribute(this.bytes, { start, end }).name, this.bytes.subarray(start, end)];
    }
  }

  attributes(): ReadonlyMap<string, Attribute> {
    if (!this.#attributes) {
      this.#attributes = new Map();
      const reader = new WireReader(this.bytes, this.span);
      while (reader.next()) {
        if (reader.field !== FIELD.node.attribute) continue;
        const attribute = readAttribute(this.bytes, reader.bytesField());
        this.#attributes.set(attribute.name, attribute);
        if (this.#attributes.size > 256) throw invalidOnnx(say('onnx.reason.manyAttributes', { node: this.title }));
      }
    }
    return this.#attributes;
  }
}

/** Reads a NodeProto without its attributes. @throws ExplainError ONNX_INVALID, TOO_LARGE */
export function readNode(bytes: Uint8Array, span: MessageSpan, budget: { references: number }): GraphNode {
  const reader = new WireReader(bytes, span);
  const inputs: string[] = [];
  const outputs: string[] = [];
  let name = '';
  let op = '';
  let domain = '';
  while (reader.next()) {
    switch (reader.field) {
      case FIELD.node.input:
      case FIELD.node.output:
        if (--budget.references < 0) throw tooLarge(say('onnx.reason.manyConnections'));
        (reader.field === FIELD.node.input ? inputs : outputs).push(reader.text());
        break;
      case FIELD.node.name:
        name = reader.text();
        break;
      case FIELD.node.op:
        op = reader.text();
        break;
      case FIELD.node.domain:
        domain = reader.text();
        break;
    }
  }
  if (op === '') throw invalidOnnx(say('onnx.reason.noOperator', { byte: span.start }));
  return new GraphNode(bytes, span, op, domain === 'ai.onnx' ? '' : domain, name, inputs, outputs);
}
