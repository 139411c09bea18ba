import * as subject from '#days/day2-tokens/3-compress-prompts/compress-prompt.ts';
import { simulate } from '#lib/provider/scenario.ts';
import { scenario } from './3-compress-prompts/scenario.ts';

// Prints your savings report of lab 3: npx tsx days/day2-tokens/savings.ts
const { outcome } = await simulate(scenario, subject, { seed: 1 });
if (outcome.ok) console.log(outcome.value.report);
else console.error(`There is no report yet, because your code threw: ${outcome.error}`);
