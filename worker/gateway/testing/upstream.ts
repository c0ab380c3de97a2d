import type { TaskScope } from '../pass.ts';
import type { Admitted } from '../refusal.ts';

export const SCOPE: TaskScope = {
  personId: 'ada',
  taskId: '01JZZZZZZZZZZZZZZZZZZZ0001',
  generation: 1,
  repository: 'demo/tasks',
  branch: 'mainloop/add-a-flag',
  baseBranch: 'main',
  models: ['claude-opus-5-5', 'claude-haiku-5-5'],
};

export type Asked = { method: string; url: string; headers: Headers; body: string };

/** What lies behind the gateway: writes down each request in full, then answers. */
export function upstream(answer: () => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: await request.text() });
    return answer();
  };
  return { asked, fetcher };
}

/** The answer that must have been given. */
export function given(result: Admitted<Response>): Response {
  if (result.is === 'refused') throw new Error(`It was refused: ${result.text}`);
  return result.value;
}
