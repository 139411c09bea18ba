import { proveDay } from './prove.ts';

proveDay('day1-latency');
