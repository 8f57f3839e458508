/** The room's door: what other rooms use of it. */
export { TapRefused } from './refusal';
export { planTap } from './tap';
export { readSignature } from './signature';
