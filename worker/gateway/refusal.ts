import type { GatewayRefusal } from '../../protocol/runner.ts';

export type RefusalError = GatewayRefusal['error'];

export const REFUSAL_STATUS = {
  unauthorized: 401,
  gone: 410,
  forbidden: 403,
  malformed: 400,
  too_large: 413,
  not_found: 404,
  over_budget: 402,
  unavailable: 503,
} as const satisfies Record<RefusalError, number>;

/** An answer of the Task to the gateway: what was asked for, or why not. */
export type Admitted<T> =
  | { is: 'ok'; value: T }
  | { is: 'refused'; error: RefusalError; text: string };

export function refuse(error: RefusalError, text: string): Admitted<never> {
  return { is: 'refused', error, text };
}

export function ok<T>(value: T): Admitted<T> {
  return { is: 'ok', value };
}
