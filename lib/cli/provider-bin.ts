#!/usr/bin/env node
import { main } from './provider.ts';

// Where the workbook's own commands have their name.
process.argv.splice(2, 0, 'provider');
await main();
