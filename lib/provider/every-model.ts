import { findModel, isServed, MODEL_NAMES, type Model, type ModelName, modelFor } from './models.ts';
import { type DeploymentPlan, defineProvider, type ProviderPlan, type QuotaPlan } from './provider-plan.ts';

/** Azure deployments by the name that a client asks for. */
export const AZURE_DEPLOYMENTS = {
  chat: modelFor('small'),
  'chat-strong': modelFor('strong'),
  'chat-reasoning': modelFor('thinker'),
  embeddings: modelFor('embedder'),
} as const satisfies Record<string, ModelName>;

/** Every model that OpenAI serves today by the catalogue, and a few deployments at Azure. */
export function everyModel(
  quota?: QuotaPlan,
  azure: Readonly<Record<string, ModelName>> = AZURE_DEPLOYMENTS,
): ProviderPlan {
  const limits = quota ? { quota } : {};
  const served = MODEL_NAMES.filter((name) => isServed(findModel(name) as Model, 'openai'));
  const openAi = served.map((model): [string, DeploymentPlan] => [model, { model, ...limits }]);
  const atAzure = Object.entries(azure).map(([name, model]): [string, DeploymentPlan] => [
    name,
    { model, vendor: 'azure', ...limits },
  ]);
  return defineProvider({ deployments: Object.fromEntries([...openAi, ...atAzure]) });
}
