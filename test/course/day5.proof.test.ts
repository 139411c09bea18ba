import { proveDay } from './prove.ts';

proveDay('day5-nodejs');
