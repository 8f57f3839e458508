/** Names of tensors that edits add to a graph begin with this; no exporter's do. */
export const PROBE_PREFIX = 'explain.';
