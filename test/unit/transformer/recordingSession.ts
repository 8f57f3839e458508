/** A session that has a signature and remembers what it was fed: for what exporters may declare and no fixture has. */
import type {
  ElementArray,
  ElementType,
  TensorSession,
  Tensor,
  TensorSignature,
} from '../../../src/transformer/tensorSession';

export class PlainTensor implements Tensor {
  disposed = false;
  constructor(
    readonly type: ElementType,
    readonly data: ElementArray,
    readonly dims: readonly number[],
  ) {
    const size = dims.reduce((a, b) => a * b, 1);
    if (data.length !== size) throw new Error(`${data.length} elements for [${dims.join(', ')}]`);
  }
  read(): Promise<ElementArray> {
    return Promise.resolve(this.data);
  }
  dispose(): void {
    this.disposed = true;
  }
}

export interface Fed {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

export const input = (name: string, type: ElementType, ...dims: (number | string)[]): TensorSignature => ({
  name,
  type,
  dims,
});

export class RecordingSession implements TensorSession {
  readonly fed: Readonly<Record<string, Fed>>[] = [];
  readonly fetched: (readonly string[])[] = [];
  constructor(
    readonly inputs: readonly TensorSignature[],
    readonly outputNames: readonly string[],
    private readonly answer: (name: string, feeds: Readonly<Record<string, Fed>>) => PlainTensor,
  ) {}

  tensor(type: ElementType, data: ElementArray, dims: readonly number[]): Tensor {
    return new PlainTensor(type, data, dims);
  }

  run(feeds: Readonly<Record<string, Tensor>>, fetches = this.outputNames): Promise<Readonly<Record<string, Tensor>>> {
    const fed = Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => {
        if (!(tensor instanceof PlainTensor) || tensor.disposed) throw new Error(`${name} was freed`);
        return [name, { type: tensor.type, dims: tensor.dims, values: Array.from(tensor.data, Number) }];
      }),
    );
    this.fed.push(fed);
    this.fetched.push(fetches);
    return Promise.resolve(Object.fromEntries(fetches.map((name) => [name, this.answer(name, fed)])));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
