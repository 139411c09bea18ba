import type { Model as WireModel } from 'openai/resources/models';
import { openAiErrors } from './errors.ts';
import { answerResource } from './resource.ts';
import type { Visit } from './visit.ts';
import type { WireAnswer } from './wire.ts';

/** GET /models and /models/{id}: what the account can use. */
export function answerModels(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const { simulator, vendor, params } = visit;
    const models = simulator.deployments
      .filter((each) => each.vendor === vendor.name)
      .map(({ name }) => wire(name));
    if (params.id === undefined) return { object: 'list', data: models };
    const found = models.find((each) => each.id === params.id);
    return found ?? { refusal: openAiErrors.unknownModel(params.id) };
  });
}

function wire(id: string): WireModel {
  return { id, object: 'model', created: 1_715_367_049, owned_by: 'system' };
}
