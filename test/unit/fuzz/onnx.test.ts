/**
 * Hostile model files: whatever the bytes, the planner gives a coded refusal or a plan that holds together; never another error,
 * never a hang, never much memory. EXPLAIN_FUZZ_CASES and EXPLAIN_FUZZ_SEED run more, or one seed again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExplainError, type ErrorCode } from '../../../src/errors';
import { planModel } from '../../../src/onnx/edit/tap';
import { openModel } from '../../../src/onnx/graph/onnxFile';
import { inputMeanings } from '../../../src/onnx/inputs/meanings';
import type { GraphRole } from '../../../src/onnx/types';
import { headersOf, MUTATIONS, type Subject } from './mutations';
import { putTogether, takeApart } from './protoTree';
import { Random } from './random';
import { readSignature } from '../../support/fromBytes';

const CASES = Number(process.env['EXPLAIN_FUZZ_CASES'] ?? 20_000);
const SEED = Number(process.env['EXPLAIN_FUZZ_SEED'] ?? 20_261_122);
const MOST_MILLISECONDS = 5000;

const REFUSALS: readonly ErrorCode[] = [
  'ONNX_INVALID',
  'ORT_FORMAT',
  'TOO_LARGE',
  'NO_ATTENTION_FOUND',
  'COUNT_MISMATCH',
  'KIND_UNKNOWN',
  'LAYOUT_UNSUPPORTED',
  'BRANCH_MISMATCH',
  'FUSED_VARIANT_UNSUPPORTED',
];

const folder = join(import.meta.dirname, '../../fixtures/transformers');
const FILES: readonly (readonly [string, GraphRole])[] = [
  ['eager-bert/model.onnx', 'model'],
  ['genai-gemma2-window/model.onnx', 'model'],
  ['torch-roberta-positions/model.onnx', 'model'],
  ['fp16-bert-ort-saved/model.onnx', 'model'],
  ['sdpa-marian/encoder_model.onnx', 'encoder'],
  ['ortfused-bert-Attention/model.onnx', 'model'],
  ['ortfused-bert-MultiHeadAttention/model.onnx', 'model'],
  ['genai-llama-fp32-cpu/model.onnx', 'model'],
  ['quantized-bert/model.onnx', 'model'],
  ['sdpa_dynamo-llama/model.onnx', 'model'],
  ['eager-t5/decoder_model_merged.onnx', 'decoder-merged'],
  ['dynamo-plbart-whole/model.onnx', 'model'],
  ['torch-bert-passthrough/model.onnx', 'model'],
];

/** How many of these are small, and come up in nineteen cases of twenty. */
const SMALL = 9;

interface Case extends Subject {
  readonly role: GraphRole;
  readonly config: unknown;
}

/** Small files come up more often: a mutation says as much there, in less time. */
const subjects: readonly Case[] = FILES.map(([name, role]) => {
  const bytes = new Uint8Array(readFileSync(join(folder, name)));
  return {
    name,
    role,
    bytes,
    headers: headersOf(bytes),
    tree: takeApart(bytes),
    config: JSON.parse(readFileSync(join(folder, name.split('/')[0] ?? '', 'config.json'), 'utf8')) as unknown,
  };
});

/** `expect` costs more than all that is checked here. @throws where it does not hold */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It does not hold that ${what}.`);
}

/** Runs one case. @returns the refusal's code, or 'plan'. @throws where the planner did anything else */
function attempt(bytes: Uint8Array, role: GraphRole, config: unknown): ErrorCode | 'plan' {
  try {
    const model = openModel(bytes);
    const plan = planModel(model, role, config);
    const edited = plan.assemble();
    check(edited.length === plan.byteLength, 'the edited file is as long as the plan says');
    check(plan.outputs.length > 0, 'a plan has outputs');
    const names = new Set(readSignature(edited).outputs.map(({ name }) => name));
    for (const { name, proof } of plan.outputs)
      for (const wanted of [name, ...(proof ? [proof.values, proof.result] : [])])
        check(names.has(wanted), `${wanted} is an output of the edited model`);
    for (const { first = 0, rows = 0, capacity = 0 } of inputMeanings(model, config).values())
      check(Math.min(first, rows, capacity) >= 0, 'meanings are counts');
    return 'plan';
  } catch (thrown) {
    if (thrown instanceof ExplainError && REFUSALS.includes(thrown.code)) return thrown.code;
    throw thrown;
  }
}

describe('hostile ONNX files', () => {
  it('the mutator puts a file together as it was', () => {
    for (const { bytes } of subjects) expect(Buffer.compare(putTogether(takeApart(bytes)), bytes)).toBe(0);
  });

  it(`${CASES} mutated files end in a refusal or a sound plan`, { timeout: Math.max(280_000, CASES * 30) }, () => {
    const seen = new Map<string, number>();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < CASES; i++) {
      const random = new Random(SEED + i);
      const subject = random.next() < 0.95 ? random.pick(subjects.slice(0, SMALL)) : random.pick(subjects);
      const mutation = random.pick(MUTATIONS);
      const bytes = mutation.apply(subject, random);
      const began = process.cpuUsage();
      try {
        const outcome = attempt(
          bytes,
          subject.role,
          random.next() < 0.9
            ? subject.config
            : random.pick([null, undefined, [], 7, { num_hidden_layers: -1 }, { layer_types: [{}] }]),
        );
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      } catch (thrown) {
        throw new Error(`EXPLAIN_FUZZ_SEED=${SEED + i} EXPLAIN_FUZZ_CASES=1: ${mutation.name} of ${subject.name}`, {
          cause: thrown,
        });
      }
      // Processor time: other programs on the machine do not count.
      const spent = process.cpuUsage(began).user / 1000;
      check(
        spent < MOST_MILLISECONDS,
        `seed ${SEED + i} ends in time, not in ${spent} ms: ${mutation.name} of ${subject.name}`,
      );
    }
    // The mutations reach the planner, not only the reader.
    if (CASES >= 10_000)
      for (const code of ['plan', 'ONNX_INVALID', 'TOO_LARGE', 'COUNT_MISMATCH', 'NO_ATTENTION_FOUND'] as const)
        expect(seen.get(code) ?? 0, code).toBeGreaterThan(10);
    expect(process.memoryUsage().rss - before).toBeLessThan(1.5 * 2 ** 30);
    console.log(
      [...seen]
        .sort((a, b) => b[1] - a[1])
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
    );
  });

  it('never opens more than it must of a file that says it is endless', () => {
    expect(() => openModel(Uint8Array.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x07]))).toThrow(
      expect.objectContaining({ code: 'ONNX_INVALID' }),
    );
  });
});
