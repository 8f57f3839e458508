/**
 * What is asked about an explained text. A webview asks it of the extension host, which passes it on to the engine,
 * where it may have the model's files with it: so both requests are made of the same fields.
 */
import * as v from 'valibot';
import { decodingSettings } from '../decodingSettings';
import { lessonPlaceEntries, lessonPlay } from '../lessonPlace';
import {
  alignmentEntries,
  axis,
  contentEntries,
  explanation,
  fields,
  headList,
  indices,
  kind,
  cutLinkList,
  manner,
  measure,
  method,
  probedMeasure,
  ranges,
  sequence,
  sieve,
  source,
} from './requestParts';
import { index } from './wholeNumbers';

/** The logit lens is asked about a page of a text at a time. */
const MAX_LENS_PLACES = 64;

/** Of what text something is asked. */
export const about = {
  explanation,
  /**
   * The tokens that the question is about: it is answered about those, however many were written since, and with
   * TEXT_CHANGED where they are no longer the text's. Left out: about the tokens that there are.
   */
  of: v.exactOptional(fields(contentEntries)),
};

/** The fields of each question, by the method that answers it. */
export const TEXT_QUESTIONS = {
  /** A map of a head or of several; the head's weights between tokens where measure, source and axis are left out. */
  head: {
    ...about,
    kind,
    layer: index,
    head: index,
    measure: v.exactOptional(measure),
    source: v.exactOptional(source),
    axis: v.exactOptional(axis),
    /** Cut or renormalise its rows (`Sieve`). */
    sieve: v.exactOptional(sieve),
  },
  tokenWeights: {
    ...about,
    sequence,
    /** One token, or several to be taken together; between words those that have any of these tokens. */
    indices,
    /** A measure that was made, in place of the weights. */
    measure: v.exactOptional(probedMeasure),
    /** Between what; tokens where it is left out. */
    axis: v.exactOptional(axis),
    /** Ask for rollout too, up to and with this layer. */
    rollout: v.exactOptional(index),
  },
  atlas: {
    ...about,
    kind,
    /** Most bins along a side. */
    maxCell: index,
    /** Leave special tokens' rows and columns out (they show as 0). */
    hideSpecial: v.boolean(),
    /** A measure that was made, in place of the weights. */
    measure: v.exactOptional(probedMeasure),
    /** Pictures between what; tokens where it is left out. Sink mass and entropy are of the model's own rows. */
    axis: v.exactOptional(axis),
  },
  /** Asks for a measure to be made of an explained text as it stands; see `MeasureReport`. */
  measure: { ...about, measure: probedMeasure },
  roles: { ...about, kind },
  /** One station of the lesson, for one token and one head; what is changed for it, nothing where `play` is left out. */
  lesson: { ...about, ...lessonPlaceEntries, play: v.exactOptional(lessonPlay) },
  alignment: { ...about, ...alignmentEntries },
  /** What an output would be without some heads and links. */
  headsOff: {
    ...about,
    off: headList,
    cut: v.exactOptional(cutLinkList),
    /** As in `generate`, for what is written without them. */
    decoding: v.exactOptional(decodingSettings),
  },
  /** What each head of a kind is worth to the output; `label` as in `leaveOut`. */
  headCosts: { ...about, kind, label: v.exactOptional(index) },
  /** What pieces of the input are worth to the output: the source's, or a decoder-only model's prompt's. */
  leaveOut: {
    ...about,
    ranges,
    manner,
    method,
    /** Of the output only these tokens, by their index in its sequence; all of it where it is left out. */
    outputs: v.exactOptional(indices),
    /** Of a model that labels whole texts: the label by its number; the likeliest where it is left out. */
    label: v.exactOptional(index),
  },
  /** What the output becomes without all of `ranges` together, which lie in the input, in any order. */
  inputWithout: {
    ...about,
    ranges,
    manner,
    /** How the text was written, so that it is written anew in the same way. */
    decoding: v.exactOptional(decodingSettings),
  },
  /** What each block would write if it were the last, at so many places of the text that the model writes (or reads). */
  lens: { ...about, from: index, count: v.pipe(index, v.minValue(1), v.maxValue(MAX_LENS_PLACES)) },
  /** What adds to the logit of a token at a place of the text that the model writes (or reads, where it is an encoder). */
  attribution: {
    ...about,
    /** The place that the token is for: of a written text where it came, or would come. */
    index,
    token: index,
    /** The token that it is held against: the answer is about the difference of the two. Null for the token's own logit. */
    other: v.nullable(index),
  },
} as const;
