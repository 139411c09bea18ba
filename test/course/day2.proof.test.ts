import { proveDay } from './prove.ts';

proveDay('day2-tokens');
