import { proveDay } from './prove.ts';

proveDay('day3-caching');
