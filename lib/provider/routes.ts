import { answerBatch, createBatch, listBatches } from './batch/batches.ts';
import { answerFile, listFiles, uploadFile } from './batch/files.ts';
import { chat } from './chat/chat.ts';
import { embeddings } from './embeddings/embeddings.ts';
import { images } from './media/images.ts';
import { speech } from './media/speech.ts';
import { answerModels } from './model-list.ts';
import { answerStoredResponse, responses } from './responses/responses.ts';
import { serveModel, type Visit } from './visit.ts';

/** One route of the provider, as OpenAI and Azure OpenAI serve it. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** Below `/v1` at OpenAI. */
  path: string;
  /** True where Azure's dated API names the deployment in the URL. */
  perDeployment?: true;
  answer(visit: Visit): Promise<Response>;
}

export const routes: readonly Route[] = [
  {
    method: 'post',
    path: '/chat/completions',
    perDeployment: true,
    answer: (visit) => serveModel(visit, chat),
  },
  {
    method: 'post',
    path: '/embeddings',
    perDeployment: true,
    answer: (visit) => serveModel(visit, embeddings),
  },
  {
    method: 'post',
    path: '/images/generations',
    perDeployment: true,
    answer: (visit) => serveModel(visit, images),
  },
  {
    method: 'post',
    path: '/audio/speech',
    perDeployment: true,
    answer: (visit) => serveModel(visit, speech),
  },
  {
    method: 'post',
    path: '/responses',
    answer: (visit) => serveModel(visit, responses(visit.simulator.stores)),
  },
  { method: 'get', path: '/responses/:id', answer: answerStoredResponse },
  { method: 'delete', path: '/responses/:id', answer: answerStoredResponse },
  { method: 'get', path: '/models', answer: answerModels },
  { method: 'get', path: '/models/:id', answer: answerModels },
  { method: 'post', path: '/files', answer: uploadFile },
  { method: 'get', path: '/files', answer: listFiles },
  { method: 'get', path: '/files/:id', answer: answerFile },
  { method: 'get', path: '/files/:id/content', answer: answerFile },
  { method: 'delete', path: '/files/:id', answer: answerFile },
  { method: 'post', path: '/batches', answer: createBatch },
  { method: 'get', path: '/batches', answer: listBatches },
  { method: 'get', path: '/batches/:id', answer: answerBatch },
  { method: 'post', path: '/batches/:id/cancel', answer: answerBatch },
];
