/** What is read off attention: maps, one token's weights in every head, the overview. */
import * as v from 'valibot';
import { floats, many, measured, record, schemaOf } from './answerParts';
import { axis, bytes, kind, measure, probedMeasure, sieve, source } from '../requests/requestParts';
import { count } from '../requests/wholeNumbers';
import type { Atlas, MapMatrix, MeasureFit, TokenWeights } from '../../attention/types';

export const measureFit = schemaOf<MeasureFit>()(
  record({ measure: probedMeasure, most: measured, plain: v.boolean() }),
);
const fit = v.exactOptional(measureFit);

export const mapMatrix = schemaOf<MapMatrix>()(
  record({
    kind,
    layer: count,
    head: count,
    queries: count,
    keys: count,
    data: bytes,
    measure,
    source,
    axis,
    sifted: v.exactOptional(
      record({
        sieve,
        limits: record({ least: floats, factor: floats }),
      }),
    ),
    fit,
  }),
);

export const tokenWeights = many(
  schemaOf<TokenWeights>()(
    record({
      kind,
      role: v.picklist(['query', 'key']),
      layers: count,
      heads: count,
      length: count,
      data: floats,
      fit,
      rollout: v.exactOptional(floats),
    }),
  ),
);

export const atlas = schemaOf<Atlas>()(
  record({
    kind,
    layers: count,
    heads: count,
    rows: count,
    cols: count,
    data: bytes,
    sinkMass: floats,
    entropy: floats,
    fit,
  }),
);
