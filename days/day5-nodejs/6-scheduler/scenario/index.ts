export { corners } from './corners.ts';
export { flood, flood as scenario } from './flood.ts';
export { isInTime, overload } from './overload.ts';
export { allocationOf, POLICY, scaling } from './scaling.ts';
export { saturated } from './starvation.ts';
