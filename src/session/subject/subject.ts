/** What is explained, and how: data without any editor, so that it can be kept, compared and explained again. */
import type { TextKind } from '../../attention/types';
import type { Intervention } from '../../protocol/engine';
import type { Guidance } from '../recipe/recipe';

/** A piece of the explained text, and where it stands in its document. */
export interface TextRange {
  /** UTF-16 offsets [start, end) in the document. */
  readonly start: number;
  readonly end: number;
  /** Line and character where it begins, from 0: they stay the same when the document's line ends change. */
  readonly line: number;
  readonly character: number;
  /** Where it begins in the joined text, in UTF-16 units. */
  readonly at: number;
}

/** A text to explain: one selection, or several that are joined by line feeds. */
export interface ExplainedText {
  readonly uri: string;
  readonly text: string;
  /** File name and lines, for headings. */
  readonly title: string;
  /** Prose where it is left out. */
  readonly written?: TextKind;
  /** How the document ended its lines when the text was taken. */
  readonly eol: '\n' | '\r\n';
  /** In the order of the document; at least one. */
  readonly ranges: readonly TextRange[];
}

/** What the room knows of a model. */
export interface ModelName {
  /** Stable: `bundled:en-fr`, `folder:…`, `hub:…`. */
  readonly id: string;
  readonly name: string;
}

/** Two selections as a pair: as they stand in the document (a question before its context), the other way round, or as one text. */
export type PairOrder = 'given' | 'swapped' | 'one';

/** How a text is read: what makes other tokens of the same text. */
export interface Reading {
  readonly windowStart: number;
  /** Source tokens that the user masked. */
  readonly masked: readonly number[];
  /** In the model's chat template. */
  readonly chat: boolean;
  /** Special tokens that are typed in the text are read as text. */
  readonly specialsAsText: boolean;
  /** How two selections are read by a model that reads pairs. */
  readonly pair: PairOrder;
  /** What is left out, by the tokens of all of the text; null where nothing is. Masks are on tokens of what is left. */
  readonly intervention: Intervention | null;
}

/** What is explained and how: enough to do it again while the text is at hand. */
export interface Subject {
  readonly explained: ExplainedText;
  readonly model: ModelName;
  /** SHA-256 of the text, by which it is recognised after a reload. */
  readonly hash: string;
  readonly reading: Reading;
  /** What made the generation other than the model's own choices. */
  readonly guidance: Guidance;
}

/** A generation of which every token is the model's own choice. */
export const UNGUIDED: Guidance = { forced: null, branches: [], decoding: null };

/** A generation without a forced text and branches, whose tokens are chosen as another's are. */
export const unguidedLike = ({ decoding }: Guidance): Guidance => ({ ...UNGUIDED, decoding });

/** True where both are about the same selection, read by the same model. */
export function isSameText(one: Subject | null | undefined, other: Subject): boolean {
  return one?.explained === other.explained && one.model.id === other.model.id;
}

/** True where the one is the other's text as it stands, read by the same model in the same way but for what is left out there. */
export function isPlainReading(one: Subject, other: Subject | null): boolean {
  if (!other || one.reading.intervention) return false;
  const [plain, changed] = [one.reading, other.reading];
  return (
    one.hash === other.hash &&
    one.model.id === other.model.id &&
    one.explained.uri === other.explained.uri &&
    (['windowStart', 'chat', 'specialsAsText', 'pair'] as const).every((way) => plain[way] === changed[way])
  );
}
