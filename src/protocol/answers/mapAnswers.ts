/** What is read off attention: maps, one token's weights in every head, the overview, roles. */
import * as v from 'valibot';
import {
  ROLE_NAMES,
  type Atlas,
  type MapMatrix,
  type MeasureFit,
  type RoleName,
  type RoleTable,
  type TokenWeights,
} from '../../attention/types';
import { axis, cut, kind, measure, probedMeasure, source } from '../requests/requestParts';

import { bytes, count, floats, many, measured, record, schemaOf } from './answerParts';

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
        sieve: record({ cut, renormalise: v.boolean(), hide: v.boolean() }),
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

const scores = many(v.nullable(measured));
const roleEntries = Object.fromEntries(ROLE_NAMES.map((role) => [role, scores])) as Record<RoleName, typeof scores>;
export const roleTable = schemaOf<RoleTable>()(
  record({ kind, layers: count, heads: count, scores: record(roleEntries) }),
);
