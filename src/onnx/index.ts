/** The room's door: what other rooms use of it. */
export { TapRefused } from './refusal';
export { planTap } from './edit/tap';
export { readSignature } from './graph/signature';
