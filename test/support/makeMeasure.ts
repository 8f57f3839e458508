/** Makes a measure of an explained text as the engine's service does, out of its parts. */
import type { ProbedMeasure } from '../../src/attention/types';
import type { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { probesFor } from '../../src/engine/measures/makeMeasure';
import { checkProbes, probeText, setOf } from '../../src/engine/probes/probedText';
import type { MeasureReport, ModelFiles } from '../../src/protocol/engine';

export async function makeMeasureOf(
  explanation: ComputedExplanation,
  measure: ProbedMeasure,
  files: ModelFiles,
): Promise<MeasureReport> {
  const { model, tokens, sequences } = explanation;
  const request = { explanation: explanation.id, probes: probesFor(measure), rows: [] };
  const set = setOf(request);
  const graphs =
    model.probes.take(set) ?? (await model.probes.make(set, files, (made) => checkProbes(model, made, model.sample)));
  const pass = await probeText(model, graphs, sequences, request);
  return (await explanation.make(measure, tokens, pass, () => undefined)).report;
}
