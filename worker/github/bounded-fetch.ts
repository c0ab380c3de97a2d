import { boundedStream, tailText } from '../platform/http.ts';

/** A page of a hundred comments, each as long as the host allows, has 7 MB. */
const ANSWER_MAX_BYTES = 20_000_000;
/** More than is shown of a log: colours are taken out of it. */
const LOG_TAIL_BYTES = 100_000;

/** Octokit reads whole answers. Of a log, which has no bound at the host, the end is enough. */
export function boundedFetch(fetcher: typeof fetch): typeof fetch {
  return async (input, init) => {
    const answer = await fetcher(input, init);
    const { body, status, statusText, headers } = answer;
    if (body === null) return answer;
    if (answer.ok && isLog(input)) {
      const text = await tailText(body, LOG_TAIL_BYTES);
      return new Response(text, { status, statusText, headers: { 'content-type': 'text/plain' } });
    }
    return new Response(boundedStream(body, ANSWER_MAX_BYTES), { status, statusText, headers });
  };
}

function isLog(input: RequestInfo | URL): boolean {
  const url = input instanceof Request ? input.url : String(input);
  return /\/actions\/jobs\/\d+\/logs$/.test(url);
}
