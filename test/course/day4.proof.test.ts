import { proveDay } from './prove.ts';

proveDay('day4-metrics');
