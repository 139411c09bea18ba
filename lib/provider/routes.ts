import { chat } from './chat/chat.ts';
import { serveModel, type Visit } from './visit.ts';

/** One route of the provider, as OpenAI and Azure OpenAI serve it. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** Below `/v1` at OpenAI. */
  path: string;
  /** Whether Azure's dated API names the deployment in the URL of this route. */
  perDeployment: boolean;
  answer(visit: Visit): Promise<Response>;
}

export const routes: readonly Route[] = [
  {
    method: 'post',
    path: '/chat/completions',
    perDeployment: true,
    answer: (visit) => serveModel(visit, chat),
  },
];
