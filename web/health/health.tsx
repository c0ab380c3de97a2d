import { Navigate } from '@solidjs/router';

/** How everything is stands beside what it is connected with; this address leads there. */
export default function Health() {
  return <Navigate href="/settings/connections" />;
}
