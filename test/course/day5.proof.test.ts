import { proveDay } from './prove.ts';

/** The capstone has a proof of its own, which takes as long as all of these. */
proveDay('day5-nodejs', { labs: (key) => !key.endsWith('8-contentflow') });
