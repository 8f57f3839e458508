import type { ModelReport } from '../protocol/engine';

const MOST_NOTES = 200;
const LONGEST_NOTE = 1000;
const MOST_HEADS = 1000;

/** A report as it leaves the worker, with its names and lists cut: a model's files decide how long they are. */
export function boundedReport(report: ModelReport): ModelReport {
  const notes = report.notes.slice(0, MOST_NOTES);
  return {
    ...report,
    alignmentHeads: report.alignmentHeads.slice(0, MOST_HEADS),
    notes: notes.map((note) => (note.length > LONGEST_NOTE ? `${note.slice(0, LONGEST_NOTE)}…` : note)),
  };
}
