import { type CredentialEnv, credentialsOf } from '../credentials.ts';
import { octokitGitHub } from '../octokit.ts';

export const ENV = { GITHUB_API_URL: 'http://github.test/api', GITHUB_TOKEN: 'test-token' };

/** GitHub's API as a list of answers; each call takes one and is written down. */
export function api(...answers: (Response | Error)[]) {
  return apiAt(ENV, ...answers);
}

export function apiAt(env: CredentialEnv, ...answers: (Response | Error)[]) {
  const asked: {
    method: string;
    url: string;
    authorization: string | null;
    etag: string | null;
    body: unknown;
  }[] = [];
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, url, headers } = request;
    const text = await request.text();
    const body: unknown = text === '' ? null : JSON.parse(text);
    const etag = headers.get('if-none-match');
    asked.push({ method, url, authorization: headers.get('authorization'), etag, body });
    const answer = answers.shift();
    if (answer === undefined) throw new Error('Nothing more was expected.');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { port: octokitGitHub(env, credentialsOf(env, null, fetcher), fetcher), asked };
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });
