/** Models made to do harm, out of sound ones: what is put at the end of a protobuf file is merged into it. */
import { WireWriter } from '../../src/onnx/wire/writer';
import { graphBytes } from '../unit/onnx/modelBuilder';

const scalar = (value: bigint): { dims: readonly number[]; data: BigInt64Array } => ({
  dims: [],
  data: BigInt64Array.of(value),
});

/**
 * A model that reads texts of up to `most` tokens as it did before, and never ends on a longer one: a Loop without a
 * bound whose condition stays true. Its result is an output of the graph, so that no optimiser may leave it out.
 * @param bytes a model with an input `input_ids`
 */
export function endlessOver(bytes: Uint8Array, most: number): Uint8Array {
  const graph = graphBytes({
    nodes: [
      { op: 'Size', inputs: ['input_ids'], outputs: ['hostile/size'] },
      { op: 'Greater', inputs: ['hostile/size', 'hostile/most'], outputs: ['hostile/more'] },
      {
        op: 'Loop',
        inputs: ['', 'hostile/more', 'hostile/zero'],
        outputs: ['hostile/end'],
        branches: {
          body: {
            nodes: [
              { op: 'Identity', inputs: ['hostile/go'], outputs: ['hostile/again'] },
              { op: 'Identity', inputs: ['hostile/sum'], outputs: ['hostile/next'] },
            ],
            inputs: [
              { name: 'hostile/turn', type: 'int64', dims: [] },
              { name: 'hostile/go', type: 'bool', dims: [] },
              { name: 'hostile/sum', type: 'int64', dims: [] },
            ],
            outputs: [
              { name: 'hostile/again', type: 'bool', dims: [] },
              { name: 'hostile/next', type: 'int64', dims: [] },
            ],
          },
        },
      },
    ],
    weights: { 'hostile/most': scalar(BigInt(most)), 'hostile/zero': scalar(0n) },
    outputs: [{ name: 'hostile/end', type: 'int64', dims: [] }],
  });
  return Buffer.concat([bytes, new WireWriter().message(7, graph).done()]);
}
