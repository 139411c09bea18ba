import * as subject from '#days/day5-nodejs/3-two-providers/client.ts';
import { check, hold, meets, play } from '#lib/check';
import type * as Contract from '../contracts/client.ts';
import { type Asked, differences, FLAGGED, RETRY_AFTER_MS, SDK_TRIES, scenario } from './scenario/index.ts';

const run = play(scenario, subject);

const HELP: Record<string, string> = {
  model: 'At Azure the caller names a deployment, AZURE_OPENAI_DEPLOYMENT, not a model.',
  address:
    "Azure's v1 API is `<endpoint>/openai/v1/`; its dated API `<endpoint>/openai/deployments/<name>/`, which AzureOpenAI builds.",
  query: '`api-version` belongs to the dated API and to nothing else.',
  authentication:
    'A key is `api-key` at the dated API. A token is `Authorization: Bearer`, and it is a promise until you await it: give the SDK the function, not its result.',
};

const documented = check('sends each account the request that its documentation asks for', async () => {
  const played = await run();
  for (const visit of played.value.visits) {
    const [wrong] = differences(visit, played.value.key);
    const failed = visit.asked[0]?.failed;
    hold(wrong?.what !== 'request', {
      happened: `${visit.account.name}: no request was sent${failed ? ` (${shorten(failed.message)})` : ''}`,
      expected: `a request to ${wrong?.expected}`,
      help: 'AZURE_OPENAI_ENDPOINT in the environment means Azure; OPENAI_API_VERSION beside it, its dated API.',
    });
    hold(wrong === undefined, () => ({
      happened: `${visit.account.name}: the ${wrong?.what} sent was ${wrong?.sent}`,
      expected: `${wrong?.expected}`,
      help: HELP[wrong?.what ?? ''],
    }));
  }
  meets(played, 'accounts served as documented');
});

check('asks every question of an account through one SDK client', { needs: [documented] }, async () => {
  for (const { account, sdkClients } of (await run()).value.visits) {
    hold(sdkClients <= 1, {
      happened: `${account.name}: three questions went through ${sdkClients} SDK clients`,
      expected: 'one, made in createClient: each has its own settings, token and connections to set up',
    });
  }
});

check(
  'sends a token that is still valid, also when the first one has expired',
  { needs: [documented] },
  async () => {
    for (const { account, asked } of (await run()).value.visits) {
      const third = asked[2]?.failed;
      hold(third === undefined, {
        happened: `${account.name}: the third question, after the first token had expired, failed: ${shorten(third?.message)}`,
        expected: 'an answer; a token lives for an hour in reality, for ten seconds here',
        help: 'Hand the SDK the function that fetches the token. It asks before each request.',
      });
    }
  },
);

check('gives text, usage and quota alike, whoever answered', { needs: [documented] }, async () => {
  const { value, ledger } = await run();
  for (const { account, asked, wire } of value.visits) {
    for (const [i, { prompt, reply }] of asked.entries()) {
      const again = asked.slice(0, i).filter((it) => it.prompt === prompt).length;
      const call = ledger.callsFor(prompt).filter((it) => it.outcome === 'answered')[again];
      if (!call) continue;
      const { usage, text, tokensLeft } = reply ?? {};
      const billed = { input: call.tokens.input, cached: call.tokens.cached, output: call.tokens.output };
      hold(text === call.answer && JSON.stringify(usage) === JSON.stringify(billed), {
        happened: `${account.name}: the reply says ${JSON.stringify(usage)} and "${shorten(text)}"`,
        expected: `${JSON.stringify(billed)} and "${shorten(call.answer)}", as billed`,
      });
      const said = Number(wire[i]?.tokensLeft);
      hold(tokensLeft === said, {
        happened: `${account.name}: tokensLeft is ${tokensLeft}`,
        expected: `${said}, from the header x-ratelimit-remaining-tokens`,
        help: '`client.chat.completions.create(…).withResponse()` gives the response with its headers.',
      });
    }
  }
  const { openai, azure } = value.oddAnswers;
  for (const [who, { reply, failed }] of [
    ['OpenAI', openai.proxied] as const,
    ['Azure', azure.proxied] as const,
  ])
    hold(reply?.usage.cached === 0 && reply.tokensLeft === null, {
      happened: `an answer of ${who} came without details of its usage and without quota headers, and ${reply ? `the reply says cached ${reply.usage.cached}, tokensLeft ${reply.tokensLeft}` : `failed: ${shorten(failed?.message)}`}`,
      expected: 'cached 0, tokensLeft null',
    });
});

check('names each failure by its kind', async () => {
  const { failures } = (await run()).value;
  const { openai, azure, openaiKey, azureKey, noDeployment, odd } = failures;
  const cases: [string, Asked, Contract.ErrorKind, string?][] = [
    ['a prompt that OpenAI refused as against its policy (400 invalid_prompt)', openai.blocked, 'blocked'],
    [
      "a prompt that Azure's filter blocked (400 content_filter)",
      azure.blocked,
      'blocked',
      'It is no outage: every other deployment would refuse the prompt too, and a breaker that counts it opens for nothing.',
    ],
    ['a wrong key at OpenAI (401)', openaiKey, 'auth'],
    ['a wrong key at Azure (401)', azureKey, 'auth'],
    ['a deployment that does not exist (404)', noDeployment, 'invalid'],
    ['429 at OpenAI', openai.busy, 'rate_limit'],
    ['429 at Azure', azure.busy, 'rate_limit'],
    ['500 at OpenAI', openai.down, 'outage'],
    ['500 at Azure', azure.down, 'outage'],
    ['403 at OpenAI', openai.forbidden, 'auth'],
    ['403 at Azure', azure.forbidden, 'auth'],
    ['a network that does not reach OpenAI', openai.unreachable, 'outage'],
    ['a network that does not reach Azure', azure.unreachable, 'outage'],
    ['a prompt that is too long at OpenAI (400)', openai.tooLong, 'invalid', ODD],
    ['a prompt that is too long at Azure (400)', azure.tooLong, 'invalid', ODD],
  ];
  // An answer of the first edition sends no effort, so nothing is wrong with its request.
  for (const [who, asked] of [['OpenAI', odd.openai] as const, ['Azure', odd.azure] as const])
    if (asked.failed)
      cases.push([`an effort that the model does not have at ${who} (400)`, asked, 'invalid', ODD]);
  for (const [what, asked, kind, help] of cases) {
    hold(asked.failed?.kind === kind, {
      happened: `${what} was called ${asked.failed ? JSON.stringify(asked.failed.kind) : 'an answer'}`,
      expected: `"${kind}"`,
      help:
        help ??
        'The SDK has a class for each status: AuthenticationError, RateLimitError, BadRequestError, …',
    });
  }
  for (const [who, { busy, slowed, down }] of [['OpenAI', openai] as const, ['Azure', azure] as const]) {
    for (const [header, { failed }, expected] of [
      ['retry-after-ms', busy, RETRY_AFTER_MS],
      ['no header', down, null],
      ['retry-after alone, in seconds', slowed, Math.ceil(RETRY_AFTER_MS / 1000) * 1000],
    ] as const)
      hold(failed?.retryAfterMs === expected, {
        happened: `${who} asked to wait by ${header}, and retryAfterMs is ${failed?.retryAfterMs}`,
        expected: `${expected}`,
        help: 'The headers of an error are in `error.headers`: retry-after-ms, or retry-after in seconds.',
      });
  }
});

check('leaves retrying to one layer', async () => {
  const { ledger, value } = await run();
  for (const { prompt } of [value.failures.openai, value.failures.azure].flatMap((it) => [
    it.busy,
    it.down,
  ])) {
    const tries = ledger.callsFor(prompt).length;
    hold(tries <= SDK_TRIES, {
      happened: `a call that always fails was tried ${tries} times`,
      expected: `${SDK_TRIES} at most, which is what the SDK does by itself`,
      help: 'Layers multiply: three tries of three are nine calls to a provider that is already in trouble.',
    });
  }
});

check('lets no secret into an error, a log or an object that is logged', async () => {
  const [leak] = (await run()).value.leaks;
  hold(leak === undefined, () => ({
    happened: `${leak?.what} can be read in ${leak?.place}`,
    expected: 'secrets to stay where requests are made',
    help: 'Logs are kept for months and read by many. Keep the SDK client in a closure or a #private field; it holds the key in the open.',
  }));
});

check("says what Azure's filters found and let through", { needs: [documented] }, async () => {
  const { value } = await run();
  const { openai, azure } = value.oddAnswers;
  const cases: [string, Asked | undefined, string[]][] = [
    ...value.visits.map(({ account, asked }): [string, Asked | undefined, string[]] => [
      `${account.name}: filters that found nothing`,
      asked[0],
      [],
    ]),
    ['Azure: filters that found something in prompt and answer', azure.rough, FLAGGED],
    ['OpenAI: an answer without filters', openai.rough, []],
  ];
  for (const [what, asked, expected] of cases) {
    const { flagged } = asked?.reply ?? {};
    hold([...(flagged ?? ['nothing'])].sort().join() === expected.join(), {
      happened: `${what}: flagged is ${JSON.stringify(flagged)}`,
      expected: JSON.stringify(expected),
      help: 'Azure adds `prompt_filter_results` to the answer and `content_filter_results` to each choice.',
    });
  }
});

const ODD = 'Of the 400s only those of a content policy are `blocked`: their codes say so.';

function shorten(text = ''): string {
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}
