/** What can happen to explanations, as data. */
import type { ErrorValue } from '../../errors';
import type { Token } from '../../attention/types';
import type {
  BeamReport,
  DecoderStep,
  EncodedText,
  GenerateResult,
  ModelReport,
  ProviderReport,
} from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import type { Generated, Guidance } from '../recipe/recipe';
import type { Subject } from '../subject/subject';

export type SessionEvent =
  /** A panel was opened, or is gone for good; or a place for what is pinned. */
  | { readonly type: 'place opened'; readonly place: string; readonly isPin: boolean }
  | { readonly type: 'place closed'; readonly place: string }
  /** An explanation is kept in this place from now on, whatever its panel shows after it. */
  | { readonly type: 'pinned'; readonly place: string; readonly explanation: string }
  /** A place shows this explanation, which is kept in another one. */
  | { readonly type: 'shown again'; readonly place: string; readonly explanation: string }
  /** A text is about to be read for a place; `id` names the explanation that comes of it. */
  | {
      readonly type: 'read begun';
      readonly place: string;
      readonly id: string;
      readonly subject: Subject;
      readonly replay: Generated | null;
      readonly progress: { readonly phase: string; readonly fraction: number };
    }
  | {
      readonly type: 'read progress';
      readonly place: string;
      readonly progress: { readonly phase: string; readonly fraction: number };
    }
  /** The text's tokens, while its model is still being loaded; `read` has what the model makes of them. */
  | {
      readonly type: 'tokens';
      readonly place: string;
      readonly explanation: string;
      readonly source: readonly Token[];
      readonly target: readonly Token[];
    }
  | {
      readonly type: 'model loaded';
      readonly place: string;
      readonly model: ModelReport;
      readonly provider: ProviderReport;
    }
  | {
      readonly type: 'read';
      readonly place: string;
      readonly encoded: EncodedText;
      readonly chat: boolean;
      /** Milliseconds that loading took. */
      readonly load: number;
    }
  /** The text was not read: `error` says why, or null where it was cancelled. */
  | { readonly type: 'not read'; readonly place: string; readonly error: ErrorValue | null }
  /** There is nothing to read: says why, where nothing is on show. */
  | {
      readonly type: 'refused';
      readonly place: string;
      readonly id: string;
      readonly title: string;
      readonly error: ErrorValue;
    }
  /** The text goes into no template from now on: the model's cannot be used. */
  | { readonly type: 'chat left'; readonly explanation: string }
  | { readonly type: 'generation begun'; readonly explanation: string }
  | {
      readonly type: 'step';
      readonly explanation: string;
      readonly step: DecoderStep;
      readonly token: Token;
      readonly completed?: readonly Token[];
    }
  /** What a search has found so far. */
  | { readonly type: 'beams'; readonly explanation: string; readonly sofar: BeamReport }
  /** What the engine has now, whole. */
  | { readonly type: 'generated'; readonly explanation: string; readonly result: GenerateResult }
  /** The user made the generation other than the model's own choices. */
  | { readonly type: 'guided'; readonly explanation: string; readonly by: Partial<Guidance> }
  | {
      readonly type: 'generation ended';
      readonly explanation: string;
      readonly outcome: GenerationOutcome;
      readonly milliseconds: number;
    }
  /** The document is no longer what was explained; or is again, after an undo. */
  | { readonly type: 'text changed'; readonly explanation: string; readonly stale: boolean }
  /** The document has another name; or its text another place in it, as its line ends have changed. */
  | { readonly type: 'renamed'; readonly explanation: string; readonly uri: string; readonly title: string };

export type GenerationOutcome =
  | { readonly type: 'ended'; readonly end: GenerateResult['end'] }
  /** By the user. `left`: what it was to come back to and did not, which *Run* or another try goes on to. */
  | { readonly type: 'stopped'; readonly left: Generated | null }
  /** It could not be asked for as it was (an empty text, say): all is as before. */
  | {
      readonly type: 'refused';
      readonly error: ErrorValue;
      readonly before: Pick<ExplanationSnapshot, 'status' | 'end'>;
    }
  /** `goal`: what it was to come to, which another try goes on to. */
  | { readonly type: 'failed'; readonly error: ErrorValue; readonly goal: Generated | null };
