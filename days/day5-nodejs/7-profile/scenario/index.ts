export { BENCH, languages } from './languages.ts';
export { profiles, profiles as scenario, recorded } from './profiles.ts';
