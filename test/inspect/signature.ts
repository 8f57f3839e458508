/** A graph's inputs with the meaning given to each, and its outputs with the one that is taken as its result. */
import { SINGLE_OUTPUTS } from '../../src/engine/model/direction';
import { inputRole } from '../../src/onnx/graph/flow';
import type { OnnxModel } from '../../src/onnx/graph/onnxFile';
import { signatureOf } from '../../src/onnx/graph/signature';
import { inputMeanings } from '../../src/onnx/inputs/meanings';
import type { InputMeaning, TensorSignature } from '../../src/onnx/types';
import { mainOutput } from '../../src/transformer/mainOutput';

const ROLES = {
  tokens: 'tokens',
  encoder: 'the encoder’s states',
  past: 'cache',
  'past-encoder': 'cache of the encoder’s keys and values',
  mask: 'mask',
  position: 'positions or types',
  setting: 'setting',
} as const;

const shapeOf = ({ type, dims }: TensorSignature): string => `${type} [${dims?.join(', ') ?? '?'}]`;

function detail({ first, rows, seen, capacity, open }: InputMeaning): string {
  const parts = [
    first === undefined ? '' : `the first is ${first}`,
    rows === undefined || rows === 0 ? '' : `a table of ${rows}`,
    seen === undefined ? '' : `${seen} is seen`,
    capacity === undefined ? '' : `room for ${capacity}`,
    open === undefined ? '' : `not understood: ${open}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

export function inputLines(model: OnnxModel, config: unknown): readonly string[] {
  const meanings = inputMeanings(model, config);
  const roles = new Map(model.graph.inputs.map((input) => [input.name, ROLES[inputRole(input)]]));
  return signatureOf(model).inputs.map((input) => {
    const more = detail(meanings.get(input.name) ?? {});
    return `input ${input.name}: ${shapeOf(input)}, ${roles.get(input.name) ?? 'unknown'}${more === '' ? '' : ` (${more})`}`;
  });
}

export function outputLines(model: OnnxModel): readonly string[] {
  const { outputs } = signatureOf(model);
  const session = { outputNames: outputs.map(({ name }) => name) };
  let chosen = '';
  try {
    chosen = mainOutput({ session, taps: [], declared: outputs }, SINGLE_OUTPUTS);
  } catch {
    // Said by the verdict.
  }
  return outputs.map(
    (output) => `output ${output.name}: ${shapeOf(output)}${output.name === chosen ? ', taken as the result' : ''}`,
  );
}
