import { parseObject } from '../chat/parse-chat.ts';
import { openAiErrors } from '../errors.ts';
import { usdToPico } from '../money.ts';
import type { ServicePlan } from '../provider-plan.ts';
import { hash32, randomFor } from '../random.ts';
import { refuse, responseHeaders, seenOf } from '../refuse.ts';
import type { Visit } from '../visit.ts';
import { jsonAnswer, type WireAnswer } from '../wire.ts';

/** Where services billed by the unit are found: `POST {SERVICES_URL}/{name}` with `{ "units": 3 }`. */
export const SERVICES_URL = 'https://services.example/v1';

/** What a service answers. */
export interface ServiceAnswer {
  id: string;
  service: string;
  unit: string;
  units: number;
  /** Units of this request that the free tier did not cover. */
  billed_units: number;
  cost_usd: number;
}

const MOST_UNITS = 1_000_000_000;
const TAIL_SIGMA = 0.5;

/** Serves one request to a metered service. */
export async function answerService(visit: Visit): Promise<WireAnswer> {
  const { simulator, params, request, repeat } = visit;
  const { clock, ledger, stores, seed } = simulator;
  const name = params.service ?? '';
  const startMs = clock.now();
  const call = ledger.open({
    surface: 'service',
    vendor: 'openai',
    deployment: name,
    model: name,
    prompt: request.text,
    ...seenOf(visit),
    startMs,
  });
  const plan = simulator.plan.services?.[name];
  if (!plan) return refuse(visit, call, openAiErrors.notFound(`No service is named '${name}'.`, 'service'));
  const units = parseObject(request.text)?.units;
  if (typeof units !== 'number' || !(units > 0 && units <= MOST_UNITS))
    return refuse(
      visit,
      call,
      openAiErrors.badRequest(
        `Invalid 'units': expected a number above 0 and at most ${MOST_UNITS}.`,
        'units',
      ),
    );
  ledger.begin(call);
  const random = randomFor(seed, 'service', name, hash32(request.text), repeat);
  try {
    await clock.sleep(
      Math.round((plan.medianMs ?? 200) * Math.exp(TAIL_SIGMA * random.normal())),
      request.signal,
    );
  } catch (aborted) {
    ledger.close(call, { outcome: 'aborted', endMs: clock.now() });
    throw aborted;
  }
  const used = stores.units.get(name) ?? 0;
  stores.units.set(name, used + units);
  const { billed, costPicoUsd } = bill(plan, used, units);
  ledger.close(call, { outcome: 'answered', status: 200, endMs: clock.now(), units, costPicoUsd });
  const answer: ServiceAnswer = {
    id: `svc_${call.id}`,
    service: name,
    unit: plan.unit,
    units,
    billed_units: billed,
    cost_usd: costPicoUsd / 1e12,
  };
  return jsonAnswer(answer, responseHeaders(visit, call));
}

function bill({ usdPerUnit, freeUnits = 0 }: ServicePlan, used: number, units: number) {
  const free = Math.max(0, Math.min(units, freeUnits - used));
  const billed = units - free;
  return { billed, costPicoUsd: Math.round(billed * usdToPico(usdPerUnit)) };
}
