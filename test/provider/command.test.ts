import { expect, test } from 'vitest';
import { planProvider } from '../../lib/cli/provider-options.ts';
import { findModel, isServed, type Model, modelFor } from '../../lib/provider/models.ts';

const AZURE = {
  chat: modelFor('small'),
  'chat-strong': modelFor('strong'),
  'chat-reasoning': modelFor('thinker'),
  embeddings: modelFor('embedder'),
};

test('every deployment at Azure is of a model that is served there', () => {
  const plan = planProvider([]);
  const azure = 'azure' in plan ? Object.values(plan.azure) : [];
  expect(azure).toHaveLength(4);
  for (const name of azure) expect([name, isServed(findModel(name) as Model, 'azure')]).toEqual([name, true]);
});

test('without options the provider is for this machine only, on its own port', () => {
  expect(planProvider([])).toEqual({
    port: 4010,
    host: '127.0.0.1',
    seed: 1,
    speed: 1,
    rpm: 30_000,
    tpm: 150_000_000,
    errors: 0,
    quiet: false,
    azure: AZURE,
  });
});

test('options are read', () => {
  const argv =
    '--port 0 --host 0.0.0.0 --key k --seed 7 --speed 60 --rpm 10 --tpm 1000 --errors 0.2 --quiet --azure prod=gpt-6-luna';
  expect(planProvider(argv.split(' '))).toEqual({
    port: 0,
    host: '0.0.0.0',
    key: 'k',
    seed: 7,
    speed: 60,
    rpm: 10,
    tpm: 1000,
    errors: 0.2,
    quiet: true,
    azure: { ...AZURE, prod: 'gpt-6-luna' },
  });
  expect(planProvider(['--help'])).toEqual({ help: true });
});

test.for([
  ['--port x', '--port must be a whole number from 0 to 65535; received "x".'],
  ['--port 70000', '--port must be a whole number from 0 to 65535; received "70000".'],
  ['--errors 2', '--errors must be a number from 0 to 1; received "2".'],
  ['--azure prod=gpt-9', '--azure must be NAME=MODEL with one of gpt-3.5-turbo'],
  ['--prot 1', 'Unknown option'],
  ['--azure prod=gpt-4.1', 'gpt-4.1 had its last day at Azure on 2026-10-14'],
  ['5000', 'npm run provider -- --port 5000'],
] as const)('%s is answered with a sentence', ([argv, said]) => {
  const plan = planProvider(argv.split(' '));
  expect('problem' in plan && plan.problem).toContain(said);
});
