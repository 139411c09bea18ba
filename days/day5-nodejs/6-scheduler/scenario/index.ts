export { corners } from './corners.ts';
export { flood, flood as scenario } from './flood.ts';
export { isInTime, overload } from './overload.ts';
export { HISTORIES, MOMENTS, rules, SHARED } from './rules.ts';
export { allocationOf, MOST_TURNS, scaling } from './scaling.ts';
export { ROOM, turns } from './turns.ts';
