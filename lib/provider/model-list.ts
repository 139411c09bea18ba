import type { Model as WireModel } from 'openai/resources/models';
import { openAiErrors } from './errors.ts';
import { findModel } from './models.ts';
import { answerResource } from './resource.ts';
import type { Visit } from './visit.ts';
import type { WireAnswer } from './wire.ts';

/** GET /models and /models/{id}: what the account can use. */
export function answerModels(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const { simulator, vendor, params } = visit;
    const models = simulator.deployments
      .filter((each) => each.vendor === vendor.name)
      .flatMap(({ name, model }) => namesOf(vendor.name, name, findModel(model)?.snapshot ?? name))
      .map(wire);
    if (params.id === undefined) return { object: 'list', data: models };
    const found = models.find((each) => each.id === params.id);
    return found ?? { refusal: openAiErrors.unknownModel(params.id) };
  });
}

/** At OpenAI a model can be asked for by its alias and by its dated name. */
function namesOf(vendor: 'openai' | 'azure', name: string, snapshot: string): string[] {
  return vendor === 'azure' || snapshot === name ? [name] : [name, snapshot];
}

function wire(id: string): WireModel {
  return { id, object: 'model', created: 1_715_367_049, owned_by: 'system' };
}
