import { agreeOn } from './agreement.ts';

agreeOn(0);
