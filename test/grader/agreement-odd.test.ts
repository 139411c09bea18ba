import { agreeOn } from './agreement.ts';

agreeOn(1);
