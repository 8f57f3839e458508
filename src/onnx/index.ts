/** The room's door: what other rooms use of it. */
export { planTap, TapRefused } from './tap';
export { readSignature } from './signature';
