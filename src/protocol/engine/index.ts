/** The engine's messages, a file for each thing that it is asked about. Types only, but for the lists that types come from. */
export type * from './runtimeMessages';
export type * from './modelMessages';
export type * from './textMessages';
export type * from './generationMessages';
export type * from './weightMessages';
export * from './headScoreMessages';
export type * from './probeMessages';
export type * from './ablationMessages';
export type * from './lensMessages';
export type * from './engineApi';
