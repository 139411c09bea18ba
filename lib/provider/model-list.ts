import type { Model as WireModel } from 'openai/resources/models';
import { openAiErrors } from './errors.ts';
import { findModel, type Model } from './models.ts';
import { answerResource } from './resource.ts';
import type { Visit } from './visit.ts';
import type { WireAnswer } from './wire.ts';

/** GET /models and /models/{id}: what the account can use. */
export function answerModels(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const { simulator, vendor, params } = visit;
    const models = simulator.deployments
      .filter((each) => simulator.deployment(vendor.name, each.name) === each)
      .flatMap(({ name, model }) => {
        const { snapshot, lastDay } = findModel(model) as Model;
        return namesOf(vendor.name, name, snapshot).map((id) => wire(id, lastDay[vendor.name]));
      });
    if (params.id === undefined) return { object: 'list', data: models };
    const found = models.find((each) => each.id === params.id);
    return found ?? { refusal: openAiErrors.unknownModel(params.id) };
  });
}

/** At OpenAI a model can be asked for by its alias and by its dated name. */
function namesOf(vendor: 'openai' | 'azure', name: string, snapshot: string): string[] {
  return vendor === 'azure' || snapshot === name ? [name] : [name, snapshot];
}

/** `shutdown_date` is null where no last day is announced (OpenAI, list of models, October 2026). */
function wire(id: string, shutdown_date: string | null): WireModel & { shutdown_date: string | null } {
  return { id, object: 'model', created: 1_715_367_049, owned_by: 'system', shutdown_date };
}
