/** What a model's plain sessions make of an output after another input: what ablation is held against. */
import type { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { KeyValueCache } from '../../src/transformer/cache';
import { logProbabilityOf } from '../../src/transformer/probabilities';
import { gatedGraphs } from '../support/gatedGraphs';
import { fixtureFiles, NEVER } from './explainedFixture';

/** The log probabilities that a model's plain sessions give `output` after other ids, without gates, cache or any of our bookkeeping. */
export async function scoresOf(
  { model, sequences }: ComputedExplanation,
  input: readonly number[],
  output: readonly number[],
): Promise<readonly number[]> {
  const { encoder, decoder, spec, report } = model;
  if (!decoder) throw new Error('No decoder.');
  const prompt = report.family === 'decoder-only' ? input : [sequences.target[0] ?? spec.decoderStart];
  const pass = report.family === 'encoder-decoder' ? await encoder?.run(input) : undefined;
  const states = pass && { states: pass.output, length: input.length };
  const { logits, vocabulary } = await decoder.feed([...prompt, ...output], new KeyValueCache(), states, 0);
  return output.map((id, at) => {
    const row = prompt.length + at - 1;
    return logProbabilityOf(logits.subarray(row * vocabulary, (row + 1) * vocabulary), id);
  });
}

/** A fixture that has written four tokens: what it read, what it wrote, and its graphs with gates. */
export async function fourWritten(explained: (name: string) => Promise<ComputedExplanation>, name: string) {
  const explanation = await explained(name);
  await explanation.generate(4, NEVER, () => undefined);
  const { model, sequences, outputText } = explanation;
  const isPrompt = model.report.family === 'decoder-only';
  return {
    explanation,
    isPrompt,
    input: isPrompt ? sequences.target.slice(0, outputText.given) : sequences.source,
    output: sequences.target.slice(outputText.given),
    graphs: await gatedGraphs(model, fixtureFiles(name)),
  };
}
