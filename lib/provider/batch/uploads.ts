import type { FileObject } from 'openai/resources/files';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import { openAiErrors } from '../errors.ts';
import { hash32 } from '../random.ts';
import { answerResource, type FoundResource, listPage, notFound } from '../resource.ts';
import type { Simulator } from '../simulator.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';

const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];
/** Most bytes of a file for a batch (Batch API guide). */
const MOST_BYTES = 200 * 1024 * 1024;

/** POST /files: a multipart upload. */
export function uploadFile(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, async (): Promise<FoundResource> => {
    const { form } = visit.request;
    const file = form?.get('file');
    const purpose = String(form?.get('purpose') ?? '');
    if (file === undefined || typeof file === 'string')
      return bad("Missing required parameter: 'file'.", 'file');
    if (!PURPOSES.includes(purpose))
      return bad(`'${purpose}' is not one of ${JSON.stringify(PURPOSES)} - 'purpose'`, 'purpose');
    if (file.size > MOST_BYTES) return bad(`File is too large. Maximum size is ${MOST_BYTES} bytes.`, 'file');
    return addFile(visit.simulator, await file.bytes(), file.name, purpose as FileObject['purpose']);
  });
}

/** GET /files. */
export function listFiles(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const purpose = new URLSearchParams(visit.query).get('purpose');
    const files = [...visit.simulator.stores.files.values()].map(({ object }) => object);
    return listPage(
      files.filter((file) => purpose === null || file.purpose === purpose),
      visit,
      { most: 10_000 },
    );
  });
}

/** GET and DELETE /files/{id}, GET /files/{id}/content. */
export function answerFile(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const { files } = visit.simulator.stores;
    const id = visit.params.id ?? '';
    const file = files.get(id);
    if (!file) return notFound(`No such File object: ${id}`, 'id');
    if (visit.path.endsWith('/content')) return { raw: file.bytes, type: 'application/octet-stream' };
    if (visit.request.method !== 'DELETE') return file.object;
    files.delete(id);
    return { id, object: 'file', deleted: true };
  });
}

export function addFile(
  { stores, seed }: Simulator,
  bytes: Uint8Array,
  filename: string,
  purpose: FileObject['purpose'],
): FileObject {
  const number = stores.nextId();
  const object: FileObject = {
    id: `file-${hash32(`${seed} file ${number}`).toString(36).padStart(7, '0')}${number}`,
    object: 'file',
    bytes: bytes.length,
    created_at: nowInSeconds(),
    filename,
    purpose,
    status: 'processed',
  };
  stores.files.set(object.id, { object, bytes });
  return object;
}

function bad(message: string, param: string): FoundResource {
  return { refusal: openAiErrors.badRequest(message, param) };
}
